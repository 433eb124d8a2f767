"""The walk over a message that turns words into values of the catalogue, wanted or refused."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from recommender.conversation import lexicon, numbers
from recommender.conversation.meanings import Meanings
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Term, Vocabulary
from recommender.text import Token, TokenKind, phrase_key, words


class _Negation(StrEnum):
    NONE = "none"
    OPEN = "open"
    SAID = "said"


@dataclass(slots=True)
class Reading:
    """Of a value both wanted and refused in one message the later counts.

    A walk over the tokens nobody has read yet, remembering whether a negation is in force."""

    tokens: Tokens
    vocabulary: Vocabulary
    wanted: dict[str, list[str]] = field(default_factory=dict)
    unwanted: dict[str, list[str]] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    unwanted_keywords: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    alternatives: set[str] = field(default_factory=set)
    """Values that "or", "and" or a comma joins to what stands beside them."""
    negation: _Negation = _Negation.NONE
    named_by_last: str = ""
    """The first word of the name of the attribute that was read last: "padded strap" tells of a strap."""
    meanings: Meanings = field(init=False)

    def __post_init__(self) -> None:
        self.meanings = Meanings(self.tokens, self.vocabulary)

    def scan(self) -> None:
        position = 0
        while position < len(self.tokens.all):
            position += self._read(position)

    def narrow(self, values: Iterable[str]) -> None:
        """Values whose words products must have besides those that were read."""
        self.keywords += [value.lower() for value in values if value.lower() not in self.keywords]

    def _read(self, position: int) -> int:
        """Reads what stands at a position; how many tokens that took."""
        if self.tokens.is_read(position):
            self.negation = _Negation.NONE
            return 1
        negator = self.tokens.phrase_at(position, lexicon.NEGATORS)
        if negator:
            self.negation = _Negation.OPEN
            return negator
        length, terms = self.vocabulary.longest(self.tokens.unread_run(position), 0)
        term = self.meanings.choose(position, length, terms)
        if term is not None:
            self._add_values(term, self._is_refused(position + length))
            self._note_alternative(term, position, length)
            self.named_by_last = phrase_key(words(term.field)).partition(" ")[0]
            return length
        return self._read_ordering(position) or self._read_word(position)

    def _read_ordering(self, position: int) -> int:
        length = self.tokens.phrase_at(position, lexicon.ORDERINGS)
        if length:
            self.negation = _Negation.NONE
            self.unread.append(" ".join(token.text for token in self.tokens.all[position : position + length]))
        return length

    def _note_alternative(self, term: Term, position: int, length: int) -> None:
        beside = {self.tokens.text_at(position - 1), self.tokens.text_at(position + length)}
        if not beside.isdisjoint((*lexicon.CONNECTORS, ",")):
            self.alternatives.update(term.values)

    def _is_refused(self, after: int) -> bool:
        """Whether a negation is in force here, or the phrase goes on with "-free"."""
        if self.tokens.text_at(after) == "-" and self.tokens.text_at(after + 1) == "free":
            self.tokens.mark(after, after + 2)
            return True
        refused = self.negation is _Negation.OPEN
        self.negation = _Negation.SAID if refused else _Negation.NONE
        return refused

    def _add_values(self, term: Term, refused: bool) -> None:
        into, other = (self.unwanted, self.wanted) if refused else (self.wanted, self.unwanted)
        values = into.setdefault(term.field, [])
        values.extend(value for value in term.values if value not in values)
        if term.field in other:
            other[term.field] = [value for value in other[term.field] if value not in term.values]

    def _read_word(self, position: int) -> int:
        """Reads a word that is no value of the catalogue, always one token."""
        token = self.tokens.all[position]
        if token.text in lexicon.CONNECTORS:
            self.negation = _Negation.OPEN if self.negation is _Negation.SAID else _Negation.NONE
        elif token.kind is TokenKind.MARK and token.text != "-":
            self.negation = _Negation.NONE
        elif token.text in lexicon.PASSED or self._is_chat(token):
            self._pass_stop_word(token)
        elif token.kind in (TokenKind.WORD, TokenKind.NUMBER):
            self._read_content(position, token)
        return 1

    def _is_chat(self, token: Token) -> bool:
        """Whether a word that the catalogue does not have carries no wish."""
        said = token.text in lexicon.CHAT or token.folded in lexicon.CHAT
        return said and token.folded not in self.vocabulary.title_words

    def _pass_stop_word(self, token: Token) -> None:
        if token.text not in lexicon.NEGATION_GAP:
            self.negation = _Negation.NONE

    def _read_content(self, position: int, token: Token) -> None:
        word = self.vocabulary.title_words.get(token.folded)
        if self._tells_of_last(token) or self._is_field(token) or self._is_present(position, token):
            return
        if self._is_letter(token) or self._is_count(position, token):
            return
        if word is None or token.folded in lexicon.PRICE_OPINIONS or not self._is_keyword(position, token):
            self.negation = _Negation.NONE
            self.unread.append(token.text)
        elif self._is_refused(position + 1):
            self._refuse_word(token, word.spelling)
        else:
            self._want_word(word.spelling)

    def _want_word(self, spelling: str) -> None:
        if spelling in self.unwanted_keywords:
            self.unwanted_keywords.remove(spelling)
        if spelling not in self.keywords:
            self.keywords.append(spelling)

    def _refuse_word(self, token: Token, spelling: str) -> None:
        """A refused word of titles, and the value that is another form of it: no "stripes" is nothing "Striped"."""
        if spelling not in self.unwanted_keywords:
            self.unwanted_keywords.append(spelling)
        if spelling in self.keywords:
            self.keywords.remove(spelling)
        for term in self.vocabulary.relatives(token.folded):
            self._add_values(term, refused=True)

    def _is_count(self, position: int, token: Token) -> bool:
        """Whether this is the number of "2 mugs" or "two red mugs": how many are wanted, which limits nothing."""
        counts = token.kind is TokenKind.NUMBER and token.text.isdigit()
        says = token.text in numbers.SMALL_NUMBERS
        after = self.tokens.folded_at(position + 1)
        known = after in self.vocabulary.single_words or after in lexicon.PACKINGS or after == "%"
        known = known and after not in lexicon.STOP_WORDS
        return (counts or says) and known and not self._is_packed(position)

    def _is_keyword(self, position: int, token: Token) -> bool:
        """A number is a word of a title only in "set of 6" or "6 pack"; elsewhere it is how many are wanted."""
        return token.kind is not TokenKind.NUMBER or self._is_packed(position)

    def _is_packed(self, position: int) -> bool:
        before = (self.tokens.folded_at(position - 2), self.tokens.text_at(position - 1))
        after = self.tokens.folded_at(position + 1)
        return (before[0] in lexicon.PACKINGS and before[1] == "of") or after in ("pack", "piece")

    def _tells_of_last(self, token: Token) -> bool:
        """Whether this only says which attribute was read last: the "strap" of "padded strap"."""
        named, self.named_by_last = self.named_by_last, ""
        return token.folded in (named, lexicon.TOLD_BY.get(named))

    def _is_field(self, token: Token) -> bool:
        """Whether this names a field, as "size" does; what is wished of it is read from the words around."""
        named = token.folded in lexicon.FIELD_WORDS and token.folded not in lexicon.PRICE_OPINIONS
        return token.folded in self.vocabulary.names or (named and token.folded not in self.vocabulary.title_words)

    def _is_letter(self, token: Token) -> bool:
        """Whether this is the "t" of "t-light"."""
        return len(token.text) == 1 and token.kind is TokenKind.WORD and token.folded in self.vocabulary.title_words

    def _is_present(self, position: int, token: Token) -> bool:
        """Whether "gift" or "present" says what it is for, as in "a gift for my aunt", rather than what it is."""
        if token.folded not in lexicon.PRESENTS:
            return False
        after = self.tokens.folded_at(position + 1)
        return after in ("", "idea", "under", "up") or after in lexicon.STOP_WORDS or not after.isalnum()

"""One message into wishes: rules and the catalogue's own words, no generation.

A word is read once, by the first that explains it: prices, wishes taken back, stock, then the longest phrase of the
catalogue (a category, brand or attribute value), then a word of its titles. What is left over is ``unread``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.forgetting import mark_start_over, read_forgotten
from recommender.conversation.prices import read_prices
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import BRAND, CATEGORY, Term, Vocabulary
from recommender.text import Token, TokenKind, plain, tokenise
from schemas import Money, Wishes

MAX_KEYWORDS: Final = 8
MAX_UNREAD: Final = 20
KEYWORDS: Final = "keywords"
MAX_READ: Final = 2_000
"""Characters of one message that are read; the rest of a longer one is not."""
_BRAND_MARKS: Final = frozenset({"by", "from", "brand"})


class SmallTalk(StrEnum):
    GREETING = "greeting"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message wishes, and how it relates to what was wished before.

    ``forget`` names fields of the wishes (or attributes) that are taken back; ``extends``: values are added to those
    of the same field; ``refines``: the keywords narrow the subject instead of replacing it.
    """

    wishes: Wishes
    forget: frozenset[str] = frozenset()
    start_over: bool = False
    extends: bool = False
    refines: bool = False
    small_talk: SmallTalk | None = None


def understand(text: str, vocabulary: Vocabulary) -> Turn:
    """The wishes of one message. Never raises: what no rule explains is in ``wishes.unread``."""
    tokens = Tokens(tokenise(text[:MAX_READ]))
    start_over = mark_start_over(tokens)
    minimum, maximum = _read_price_range(tokens, vocabulary)
    forget = read_forgotten(tokens, vocabulary)
    in_stock = tokens.mark_phrases(lexicon.STOCK_PHRASES)
    reading = _Reading(tokens, vocabulary)
    reading.scan()
    return Turn(
        wishes=Wishes(
            min_price=minimum,
            max_price=maximum,
            in_stock=in_stock,
            category=vocabulary.narrowest(reading.wanted.pop(CATEGORY, ())),
            brand=tuple(reading.wanted.pop(BRAND, ())),
            keywords=tuple(reading.keywords[:MAX_KEYWORDS]),
            attributes={name: tuple(values) for name, values in reading.wanted.items()},
            without={name: tuple(values) for name, values in reading.unwanted.items()},
            unread=tuple(dict.fromkeys(reading.unread + reading.keywords[MAX_KEYWORDS:]))[:MAX_UNREAD],
        ),
        forget=forget,
        start_over=start_over,
        extends=_extends(tokens.all),
        refines=_refines(tokens.all, reading, vocabulary),
        small_talk=_small_talk(tokens.all),
    )


def _read_price_range(tokens: Tokens, vocabulary: Vocabulary) -> tuple[Money | None, Money | None]:
    """The last said minimum and maximum; of two that contradict each other the later one."""
    minimum: Money | None = None
    maximum: Money | None = None
    for wish in read_prices(tokens.all, vocabulary.currency):
        tokens.mark(wish.start, wish.end)
        minimum, maximum = agree(minimum, maximum, (wish.minimum, wish.maximum))
    return minimum, maximum


def agree(
    minimum: Money | None, maximum: Money | None, later: tuple[Money | None, Money | None]
) -> tuple[Money | None, Money | None]:
    """A price range after a later one: a side said again is replaced, one that no longer fits is dropped."""
    low, high = later
    if low is None:
        low = minimum if high is None or _in_order(minimum, high) else None
    if high is None:
        high = maximum if _in_order(low, maximum) else None
    return low, high


def _in_order(low: Money | None, high: Money | None) -> bool:
    if low is None or high is None:
        return True
    return low.currency == high.currency and low <= high


def _extends(tokens: Sequence[Token]) -> bool:
    texts = [token.text for token in tokens if token.kind is TokenKind.WORD]
    return bool(texts) and (texts[0] == "and" or not lexicon.EXTENDERS.isdisjoint((texts[0], texts[-1])))


def _refines(tokens: Sequence[Token], reading: "_Reading", vocabulary: Vocabulary) -> bool:
    if reading.keywords and all(plain(word) in vocabulary.colours for word in reading.keywords):
        return True
    texts = [token.text for token in tokens if token.kind is TokenKind.WORD]
    start = next((index for index, text in enumerate(texts) if text not in ("and", "but", "also")), 0)
    return "ones" in texts or (bool(texts) and texts[start] in lexicon.REFINERS)


def _small_talk(tokens: Sequence[Token]) -> SmallTalk | None:
    texts = {token.text for token in tokens}
    if not texts.isdisjoint(lexicon.GREETINGS):
        return SmallTalk.GREETING
    return SmallTalk.THANKS if not texts.isdisjoint(lexicon.THANKS) else None


class _Negation(StrEnum):
    NONE = "none"
    OPEN = "open"
    SAID = "said"


@dataclass(slots=True)
class _Reading:
    """A walk over the tokens nobody has read yet, remembering whether a negation is in force."""

    tokens: Tokens
    vocabulary: Vocabulary
    wanted: dict[str, list[str]] = field(default_factory=dict)
    unwanted: dict[str, list[str]] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    negation: _Negation = _Negation.NONE

    def scan(self) -> None:
        position = 0
        while position < len(self.tokens.all):
            position += self._read(position)

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
        term = self._choose(position, length, terms)
        if term is not None:
            self._add_values(term, self._is_refused(position + length))
            return length
        self._read_word(position)
        return 1

    def _choose(self, position: int, length: int, terms: Collection[Term]) -> Term | None:
        """The meaning of a phrase; a word that is also plain English, a number or a letter needs its field named."""
        phrase = self.tokens.all[position : position + length]
        if any(_is_telling(token) for token in phrase):
            said = " ".join(token.text for token in phrase)
            return next((term for term in terms if term.spells(said)), next(iter(terms), None))
        around = {self.tokens.text_at(position - 1), self.tokens.text_at(position + length)}
        around |= {self.tokens.folded_at(position - 1)}
        return next((term for term in terms if around & self._names(term)), None)

    def _names(self, term: Term) -> frozenset[str]:
        if term.field == BRAND:
            return _BRAND_MARKS
        return frozenset(
            {term.field.casefold(), *(key for key, name in self.vocabulary.names.items() if name == term.field)}
        )

    def _is_refused(self, after: int) -> bool:
        """Whether a negation is in force here, or the phrase goes on with "-free"."""
        if self.tokens.text_at(after) == "-" and self.tokens.text_at(after + 1) == "free":
            self.tokens.mark(after, after + 2)
            return True
        refused = self.negation is _Negation.OPEN
        self.negation = _Negation.SAID if refused else _Negation.NONE
        return refused

    def _add_values(self, term: Term, refused: bool) -> None:
        into = self.unwanted if refused else self.wanted
        values = into.setdefault(term.field, [])
        values.extend(value for value in term.values if value not in values)

    def _read_word(self, position: int) -> None:
        token = self.tokens.all[position]
        if token.text in lexicon.CONNECTORS:
            self.negation = _Negation.OPEN if self.negation is _Negation.SAID else _Negation.NONE
        elif token.kind is TokenKind.MARK and token.text != "-":
            self.negation = _Negation.NONE
        elif token.text in lexicon.STOP_WORDS or token.text in lexicon.COURTESIES:
            self._pass_stop_word(token)
        elif token.kind in (TokenKind.WORD, TokenKind.NUMBER):
            self._read_content(position, token)

    def _pass_stop_word(self, token: Token) -> None:
        if token.text not in lexicon.NEGATION_GAP:
            self.negation = _Negation.NONE

    def _read_content(self, position: int, token: Token) -> None:
        word = self.vocabulary.title_words.get(token.folded)
        if self._is_field(token) or self._is_present(position, token) or self._is_letter(token):
            return
        if word is None or token.folded in lexicon.PRICE_OPINIONS or not self._is_keyword(position, token):
            self.negation = _Negation.NONE
            self.unread.append(token.text)
        elif self._is_refused(position + 1):
            self.unwanted.setdefault(KEYWORDS, []).append(word.spelling)
        elif word.spelling not in self.keywords:
            self.keywords.append(word.spelling)

    def _is_keyword(self, position: int, token: Token) -> bool:
        """A number is a word of a title only in "set of 6" or "6 pack"; elsewhere it is how many are wanted."""
        if token.kind is not TokenKind.NUMBER:
            return True
        before = (self.tokens.folded_at(position - 2), self.tokens.text_at(position - 1))
        after = self.tokens.folded_at(position + 1)
        return (before[0] in lexicon.PACKINGS and before[1] == "of") or after in ("pack", "piece")

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


def _is_telling(token: Token) -> bool:
    return token.kind is TokenKind.WORD and len(token.text) > 1 and token.text not in lexicon.STOP_WORDS

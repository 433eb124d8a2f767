"""Which of its meanings a phrase of the catalogue has in one message."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.collecting import SIZES_IN_WORDS, is_material
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import BRAND, CATEGORY, Term, Vocabulary
from recommender.text import Token, TokenKind

_BRAND_MARKS: Final = frozenset({"by", "from", "brand"})


class Meanings:
    """Of one message: its words choose between "green" as a colour and as a kind of tea."""

    def __init__(self, tokens: Tokens, vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary

    def choose(self, position: int, length: int, terms: Collection[Term]) -> Term | None:
        """The meaning of a phrase; a word that is also plain English, a number or a letter needs its field named."""
        phrase = self._tokens.all[position : position + length]
        if any(_is_telling(token) for token in phrase):
            return self._likeliest(phrase, terms)
        around = {self._tokens.text_at(position - 1), self._tokens.text_at(position + length)}
        around |= {self._tokens.folded_at(position - 1)}
        return next((term for term in terms if around & self._names(term)), None)

    def _names(self, term: Term) -> frozenset[str]:
        if term.field == BRAND:
            return _BRAND_MARKS
        return frozenset(
            {term.field.casefold(), *(key for key, name in self._vocabulary.names.items() if name == term.field)}
        )

    def _likeliest(self, phrase: Sequence[Token], terms: Collection[Term]) -> Term | None:
        """What things are made of, if written so ("glass" is no "Glasses"); else what the categories said go with.

        A word that none of them goes with is one of titles, if it is in any: the "light" of a pendant is no roast. What
        comes in no "L" may still be "large". Spelt exactly like a value it is that one, if as much of the catalogue has
        it: a single product whose brand is "Mug" does not take over what everybody calls a mug.
        """
        said = " ".join(token.text for token in phrase)
        ordered = sorted(terms, key=lambda term: not (is_material(term) and term.spells(said)))
        first = next(iter(ordered), None)
        if first is None or first.field == CATEGORY or is_material(first):
            return first
        fitting = next((term for term in ordered if self._has_value(term)), None)
        in_titles = len(phrase) == 1 and phrase[0].folded in self._vocabulary.title_words
        if fitting is None and self._described and in_titles and not any(map(self._has_field, ordered)):
            return None
        if fitting is None and self._described and said in SIZES_IN_WORDS:
            return None
        spelt = (term for term in ordered if term.rows >= first.rows and term.spells(said))
        return fitting or next(spelt, first)

    def _has_value(self, term: Term) -> bool:
        return any(not own.get(term.field, frozenset()).isdisjoint(term.values) for own in self._described)

    def _has_field(self, term: Term) -> bool:
        return term.field == BRAND or any(term.field in own for own in self._described)

    @cached_property
    def _described(self) -> list[Mapping[str, frozenset[str]]]:
        """The attributes of each of the narrowest categories that the message names."""
        unread = (position for position in range(len(self._tokens.all)) if not self._tokens.is_read(position))
        phrases = (self._vocabulary.longest(self._tokens.unread_run(position), 0)[1] for position in unread)
        said = {name for terms in phrases for term in terms if term.field == CATEGORY for name in term.values}
        return [self._vocabulary.described.get(name, {}) for name in self._vocabulary.narrowest(sorted(said))]


def _is_telling(token: Token) -> bool:
    return token.kind is TokenKind.WORD and len(token.text) > 1 and token.text not in lexicon.STOP_WORDS

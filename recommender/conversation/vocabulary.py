"""The catalogue's own words: what a shopper can mean here, and what counts as a fact about a product here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from recommender.conversation.collecting import BRAND as BRAND
from recommender.conversation.collecting import CATEGORY as CATEGORY
from recommender.conversation.collecting import Collected, TitleWord, is_colour
from recommender.conversation.collecting import Term as Term
from recommender.conversation.lexicon import COLOURS, STOP_WORDS
from recommender.conversation.stems import stem as stem
from recommender.text import JOINTS, phrase_key, words
from schemas import ProductRow

MAX_PHRASE_TOKENS: Final = 8


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Vocabulary:
    """Immutable; share one between threads. Keys are folded (singular, lower case, no accents).

    ``currency`` is the commonest of ``currencies``; None where no row has a price. ``values`` are those of each
    attribute, by its name. ``first_words`` begin a key of ``terms``; ``single_words`` are the words of terms and
    titles, ``stems`` the commonest of them with a stem; ``coded`` holds the titles of items by those ids, case-folded,
    that look like a product number. ``ancestors`` stand above a category somewhere, ``holders`` everywhere;
    ``described`` are the attributes, with their values, that products of a category have.
    """

    currency: str | None
    currencies: frozenset[str]
    colours: frozenset[str]
    terms: Mapping[str, tuple[Term, ...]]
    first_words: frozenset[str]
    title_words: Mapping[str, TitleWord]
    names: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    ancestors: Mapping[str, frozenset[str]]
    holders: Mapping[str, frozenset[str]]
    described: Mapping[str, Mapping[str, frozenset[str]]]
    single_words: frozenset[str]
    stems: Mapping[str, str]
    coded: Mapping[str, str]

    @classmethod
    def from_rows(cls, rows: Iterable[ProductRow]) -> Self:
        collected = Collected()
        for row in rows:
            collected.add(row)
        terms = collected.terms()
        return cls(
            currency=max(collected.currencies, key=lambda code: (collected.currencies[code], code), default=None),
            currencies=frozenset(collected.currencies),
            colours=COLOURS | {key for key, meanings in terms.items() if any(is_colour(term) for term in meanings)},
            terms=MappingProxyType(terms),
            first_words=frozenset(key.partition(" ")[0] for key in terms),
            title_words=MappingProxyType(collected.title_words()),
            values=MappingProxyType({name: tuple(collected.values[name]) for name in collected.attributes()}),
            names=MappingProxyType({phrase_key(words(name)): name for name in collected.attributes()}),
            ancestors=MappingProxyType(collected.ancestors()),
            holders=MappingProxyType(collected.holders()),
            described=MappingProxyType(collected.described()),
            single_words=frozenset(word for key in terms for word in key.split()) | frozenset(collected.items),
            stems=MappingProxyType(collected.stems(terms)),
            coded=MappingProxyType(collected.coded),
        )

    def longest(self, folded: Sequence[str], start: int) -> tuple[int, tuple[Term, ...]]:
        """The longest catalogue phrase in ``folded`` from ``start``: its number of words (0 = none) and meanings."""
        if folded[start] not in self.first_words:
            return 0, ()
        for stop in range(min(len(folded), start + MAX_PHRASE_TOKENS), start, -1):
            if folded[stop - 1] in JOINTS:
                continue
            terms = self.terms.get(phrase_key(list(folded[start:stop])))
            if terms:
                return stop - start, terms
        return 0, ()

    def items_with(self, word: str) -> tuple[str, ...]:
        """The items whose title holds a word, in any number."""
        return tuple(
            item_id for key in words(word) if key in self.title_words for item_id in self.title_words[key].item_ids
        )

    def relatives(self, folded: str) -> tuple[Term, ...]:
        """The meanings of another form of a word: "Striped" for "stripe"."""
        other = self.stems.get(stem(folded), folded)
        return () if other == folded else self.terms.get(other, ())

    def title_keywords(self, title: str) -> tuple[str, ...]:
        """The words of a title of this catalogue that tell it from others, as keywords are spelled."""
        keys = (key for key in words(title) if key in self.title_words and len(key) > 1 and key not in STOP_WORDS)
        return tuple(dict.fromkeys(self.title_words[key].spelling for key in keys))

    def narrowest(self, categories: Sequence[str]) -> tuple[str, ...]:
        """The categories without those that stand above another of them."""
        above = frozenset[str]().union(*(self.ancestors.get(name, frozenset()) for name in categories))
        return tuple(name for name in categories if name not in above)

    def limiting(self, categories: Sequence[str], alternatives: Collection[str] = ()) -> tuple[str, ...]:
        """The general category that limits the others said: that of men for "men's shorts".

        None where all that stands below it is nowhere else, where several limit, and where it is an ``alternative`` to
        what does not stand below it.
        """
        limits = [name for name in categories if self._limits(name, categories, alternatives)]
        return tuple(limits) if len(limits) == 1 else ()

    def _limits(self, name: str, categories: Sequence[str], alternatives: Collection[str]) -> bool:
        below = [other for other in categories if name in self.ancestors.get(other, frozenset())]
        if below:
            return any(name not in self.holders.get(other, frozenset()) for other in below)
        general = frozenset[str]().union(*self.ancestors.values())
        return name in general and name not in alternatives and not general.issuperset(categories)

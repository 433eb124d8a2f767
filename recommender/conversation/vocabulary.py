"""The catalogue's own words: what a shopper can mean here, and what counts as a fact about a product here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from recommender.conversation.lexicon import COLOUR, COLOURS, STOP_WORDS
from recommender.text import JOINTS, phrase_key, plain, words
from schemas import ProductRow

CATEGORY: Final = "category"
BRAND: Final = "brand"
MAX_PHRASE_TOKENS: Final = 8
_MAX_PHRASE_WORDS: Final = 6
_MAX_VALUE_LENGTH: Final = 80
_MIN_STEM: Final = 4
_MIN_CODE: Final = 4
_MIN_DIGIT_CODE: Final = 5


@dataclass(frozen=True, slots=True)
class Term:
    """A meaning of a phrase: values, as the rows spell them, of "category", "brand" or an attribute."""

    field: str
    values: tuple[str, ...]
    rows: int

    def spells(self, text: str) -> bool:
        """Whether one of the values is written like this, number included: "glass" is no "Glasses"."""
        return text in {plain(value) for value in self.values}


@dataclass(frozen=True, slots=True)
class TitleWord:
    """A word of titles: its commonest spelling, lower-cased, and the items whose titles hold it."""

    spelling: str
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Vocabulary:
    """Immutable; share one between threads. Keys are folded (singular, lower case, no accents).

    ``currency`` is the commonest of ``currencies``; None where no row has a price. ``values`` are those of each
    attribute, by its name. ``single_words`` are the words of terms and titles, ``stems`` the commonest of them with a
    stem; ``coded`` holds the titles of items by those ids, case-folded, that look like a product number.
    """

    currency: str | None
    currencies: frozenset[str]
    colours: frozenset[str]
    terms: Mapping[str, tuple[Term, ...]]
    title_words: Mapping[str, TitleWord]
    names: Mapping[str, str]
    values: Mapping[str, tuple[str, ...]]
    ancestors: Mapping[str, frozenset[str]]
    single_words: frozenset[str]
    stems: Mapping[str, str]
    coded: Mapping[str, str]

    @classmethod
    def from_rows(cls, rows: Iterable[ProductRow]) -> Self:
        collected = _Collected()
        for row in rows:
            collected.add(row)
        terms = collected.terms()
        return cls(
            currency=max(collected.currencies, key=lambda code: (collected.currencies[code], code), default=None),
            currencies=frozenset(collected.currencies),
            colours=COLOURS | {key for key, meanings in terms.items() if any(is_colour(term) for term in meanings)},
            terms=MappingProxyType(terms),
            title_words=MappingProxyType(collected.title_words()),
            values=MappingProxyType({name: tuple(collected.values[name]) for name in collected.attributes()}),
            names=MappingProxyType({phrase_key(words(name)): name for name in collected.attributes()}),
            ancestors=MappingProxyType({name: frozenset(above) for name, above in collected.ancestors.items()}),
            single_words=frozenset(word for key in terms for word in key.split()) | frozenset(collected.items),
            stems=MappingProxyType(_stems(terms, collected.items)),
            coded=MappingProxyType(collected.coded),
        )

    def longest(self, folded: Sequence[str], start: int) -> tuple[int, tuple[Term, ...]]:
        """The longest catalogue phrase in ``folded`` from ``start``: its number of words (0 = none) and meanings."""
        if folded[start] in JOINTS:
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


def stem(word: str) -> str:
    """What forms of a word share: "stripe", "striped" and "striping", or "dot" and "dotted"."""
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            word = word.removesuffix(ending)
            break
    else:
        return word.removesuffix("e") if len(word) > _MIN_STEM else word
    return word[:-1] if word[-1] == word[-2] and word[-1] not in "ls" else word


def is_colour(term: Term) -> bool:
    return words(term.field) == [COLOUR]


@dataclass(slots=True)
class _Collected:
    currencies: Counter[str] = field(default_factory=Counter)
    values: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ancestors: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    items: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    spellings: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    coded: dict[str, str] = field(default_factory=dict)

    def add(self, row: ProductRow) -> None:
        if row.price is not None:
            self.currencies[row.price.currency] += 1
        if row.brand:
            self.values[BRAND][row.brand] += 1
        for depth, name in enumerate(row.category):
            self.values[CATEGORY][name] += 1
            self.ancestors[name].update(above for above in row.category[:depth] if above != name)
        for name, values in row.attributes.items():
            if name not in (BRAND, CATEGORY):
                self.values[name].update(values)
        if _is_code(row.item_id):
            self.coded[row.item_id.casefold()] = row.title
        for word in row.title.lower().split():
            for key in words(word):
                self.items[key][row.item_id] = None
                self.spellings[key][word.strip(".,;:!?\"'()")] += 1

    def attributes(self) -> list[str]:
        return [name for name in self.values if name not in (BRAND, CATEGORY)]

    def terms(self) -> dict[str, tuple[Term, ...]]:
        spelled: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for name, values in self.values.items():
            for value, rows in values.items():
                key = _key(value)
                if key:
                    spelled[key][name][value] += rows
        return {key: _meanings(fields) for key, fields in spelled.items()}

    def title_words(self) -> dict[str, TitleWord]:
        return {
            key: TitleWord(_commonest_word(key, self.spellings[key]), tuple(item_ids))
            for key, item_ids in self.items.items()
        }


def _is_code(item_id: str) -> bool:
    """Whether an id cannot be mistaken for a word, a size or how many are wanted."""
    shortest = _MIN_DIGIT_CODE if item_id.isdigit() else _MIN_CODE
    return len(item_id) >= shortest and any(character.isdigit() for character in item_id)


def _stems(terms: Mapping[str, tuple[Term, ...]], items: Mapping[str, Mapping[str, None]]) -> dict[str, str]:
    """The catalogue's word for a stem: a value before a word of titles, then the commonest."""
    by_rows = {key: len(found) for key, found in items.items()}
    values = {key: sum(term.rows for term in found) for key, found in terms.items() if " " not in key}
    ordered = [
        *sorted(by_rows, key=lambda key: (by_rows[key], key)),
        *sorted(values, key=lambda key: (values[key], key)),
    ]
    return {stem(key): key for key in ordered if key.isalpha()}


def _key(value: str) -> str:
    folded = words(value) if len(value) <= _MAX_VALUE_LENGTH else []
    return phrase_key(folded) if len(folded) <= _MAX_PHRASE_WORDS else ""


def _meanings(fields: Mapping[str, Counter[str]]) -> tuple[Term, ...]:
    """Categories first, then colours, then other attributes by how many rows have them, brands last."""
    terms = (Term(name, tuple(sorted(values)), values.total()) for name, values in fields.items())
    return tuple(sorted(terms, key=lambda term: (_precedence(term), -term.rows, term.field)))


def _precedence(term: Term) -> int:
    if term.field == CATEGORY:
        return 0
    if term.field == BRAND:
        return 3
    return 1 if is_colour(term) else 2


def _commonest_word(key: str, spellings: Counter[str]) -> str:
    whole = {word: rows for word, rows in spellings.items() if words(word) == [key]}
    return max(whole, key=lambda word: (whole[word], word), default=key)

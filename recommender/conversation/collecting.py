"""What a catalogue's rows hold, counted: the words of its titles, and its categories, brands and attribute values."""

import html
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from recommender.conversation.lexicon import COLOUR
from recommender.conversation.stems import stem
from recommender.text import TokenKind, phrase_key, plain, tokenise, words
from schemas import ProductRow

CATEGORY: Final = "category"
BRAND: Final = "brand"
_MAX_PHRASE_WORDS: Final = 6
_MAX_VALUE_LENGTH: Final = 80
_MIN_CODE: Final = 4
_MIN_DIGIT_CODE: Final = 5
_MATERIALS: Final = frozenset({"material", "fabric"})
_SIZE: Final = "size"
_SIZES: Final = {"xs": "extra small", "s": "small", "m": "medium", "l": "large", "xl": "extra large"}
SIZES_IN_WORDS: Final = frozenset(_SIZES.values())
_SIZE_SYSTEMS: Final = frozenset({"uk", "eu", "us"})


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


def is_colour(term: Term) -> bool:
    return words(term.field) == [COLOUR]


def is_material(term: Term) -> bool:
    return not _MATERIALS.isdisjoint(words(term.field))


@dataclass(slots=True)
class Collected:
    currencies: Counter[str] = field(default_factory=Counter)
    values: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    above: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    attributes_of: defaultdict[str, defaultdict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
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
            self.above[name].update({above for above in row.category[:depth] if above != name})
        for name, values in row.attributes.items():
            if name not in (BRAND, CATEGORY):
                self.values[name].update(values)
                for category in row.category:
                    self.attributes_of[category][name].update(values)
        if _is_code(row.item_id):
            self.coded[row.item_id.casefold()] = row.title
        for word in html.unescape(row.title).lower().split():
            for key in words(word):
                self.items[key][row.item_id] = None
                self.spellings[key][word.strip(".,;:!?\"'()")] += 1

    def attributes(self) -> list[str]:
        return [name for name in self.values if name not in (BRAND, CATEGORY)]

    def terms(self) -> dict[str, tuple[Term, ...]]:
        spelled: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for name, values in self.values.items():
            for value, rows in values.items():
                for key in filter(None, _keys(name, value)):
                    spelled[key][name][value] += rows
        terms = {key: _meanings(fields) for key, fields in spelled.items()}
        return {key.replace(" ", ""): meanings for key, meanings in terms.items() if " " in key} | terms

    def ancestors(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(above) for name, above in self.above.items()}

    def holders(self) -> dict[str, frozenset[str]]:
        rows = self.values[CATEGORY]
        return {
            name: frozenset(other for other, times in above.items() if times == rows[name])
            for name, above in self.above.items()
        }

    def described(self) -> dict[str, dict[str, frozenset[str]]]:
        return {
            category: {name: frozenset(values) for name, values in attributes.items()}
            for category, attributes in self.attributes_of.items()
        }

    def stems(self, terms: Mapping[str, tuple[Term, ...]]) -> dict[str, str]:
        """The catalogue's word for a stem: a value before a word of titles, then the commonest."""
        by_rows = {key: len(found) for key, found in self.items.items()}
        values = {key: sum(term.rows for term in found) for key, found in terms.items() if " " not in key}
        ordered = [
            *sorted(by_rows, key=lambda key: (by_rows[key], key)),
            *sorted(values, key=lambda key: (values[key], key)),
        ]
        return {stem(key): key for key in ordered if key.isalpha()}

    def title_words(self) -> dict[str, TitleWord]:
        return {
            key: TitleWord(_commonest_word(key, self.spellings[key]), tuple(item_ids))
            for key, item_ids in self.items.items()
        }


def _is_code(item_id: str) -> bool:
    """Whether an id cannot be mistaken for a word, a size or how many are wanted."""
    shortest = _MIN_DIGIT_CODE if item_id.isdigit() else _MIN_CODE
    return len(item_id) >= shortest and any(character.isdigit() for character in item_id)


def _keys(name: str, value: str) -> Iterator[str]:
    """How a value is looked up: its words; a size also without its system ("6" for "UK 6"), or as "medium" for "M"."""
    tokens = tokenise(html.unescape(value)) if len(value) <= _MAX_VALUE_LENGTH else []
    folded = [token.folded for token in tokens if token.kind is not TokenKind.MARK]
    if folded and len(folded) <= _MAX_PHRASE_WORDS:
        yield phrase_key(folded)
        if words(name) == [_SIZE] and folded[0] in _SIZE_SYSTEMS and len(folded) > 1:
            yield phrase_key(folded[1:])
        if words(name) == [_SIZE] and len(folded) == 1:
            yield _SIZES.get(folded[0], "")


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

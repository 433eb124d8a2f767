"""What a shop's rows can say: the values the second checker looks for, and what one row bears out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from schemas import ProductRow
from tests.quality.checker_text import stem, stems
from tests.quality.checker_words import FUNCTION, WORLD

_MAX_WORDS = 6


@dataclass(slots=True)
class Lexicon:
    """The values of a shop by their stems, with the fields that have them."""

    fields: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    shapes: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[ProductRow]) -> "Lexicon":
        lexicon = cls()
        for name, words in WORLD.items():
            for word in words:
                lexicon.fields.setdefault((stem(word),), set()).add(name)
        for row in rows:
            for name, value in values_of(row):
                lexicon._add(name, value)
        return lexicon

    def _add(self, name: str, value: str) -> None:
        key = stems(value)
        if 0 < len(key) <= _MAX_WORDS:
            self.fields.setdefault(key, set()).add(name)
            self.shapes.setdefault(" ".join(key), set()).add(value)

    def longest(self, words: list[str]) -> int:
        """How many of the words, from the first on, are the longest known value; a common word alone is none."""
        for length in range(min(len(words), _MAX_WORDS), 0, -1):
            if tuple(words[:length]) in self.fields:
                return length
        return 0


def values_of(row: ProductRow) -> Iterable[tuple[str, str]]:
    if row.brand:
        yield "brand", row.brand
    for name in row.category:
        yield "category", name
    for name, values in row.attributes.items():
        for value in values:
            yield name.lower(), value


@dataclass(frozen=True)
class Facts:
    """What one row bears out."""

    row: ProductRow

    @cached_property
    def values(self) -> dict[tuple[str, ...], set[str]]:
        found: dict[tuple[str, ...], set[str]] = {}
        for name, value in values_of(self.row):
            found.setdefault(stems(value), set()).add(name)
        return found

    @cached_property
    def fields(self) -> set[str]:
        return {"color" if name == "colour" else name for names in self.values.values() for name in names}

    @cached_property
    def title(self) -> tuple[str, ...]:
        return stems(self.row.title)

    @cached_property
    def words(self) -> frozenset[str]:
        names = {stem(name) for name in self.row.attributes}
        return frozenset(self.title) | names | {word for value in self.values for word in value}

    def bears_out(self, key: tuple[str, ...], fields: set[str]) -> bool:
        """Whether the row has the value, in one of its fields or, where it has no such field, in its title."""
        if key in self.values or any(_within(key, value) for value in self.values if len(value) > len(key)):
            return True
        return not fields & self.fields and _within(key, self.title)


def _within(key: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(words[start : start + len(key)] == key for start in range(len(words) - len(key) + 1))


def is_common(key: tuple[str, ...]) -> bool:
    """Whether a value is spelt like a word that says nothing, as a brand called "For You" is."""
    return all(word in FUNCTION for word in key)

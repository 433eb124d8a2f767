"""The slots of recorded preferences, and of wishes, by one written rule; it shares no code with the understanding.

A slot is a field and a value of RecQuest's catalogue: the category, by the domain it stands for ("a smart watch" and "a
smartwatch" are one), a brand, a gender, or an aspect of the products of the dialogue's domain. A text names a value if
it has its words, whatever their endings ("durable" names durability). A preference that says that something does
not matter ("the user does not consider frame material important") names nothing. The category of a dialogue's domain is
recorded from its beginning, since every shopper was given it as their task.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from schemas import ProductRow, Wishes

Slot = tuple[str, str]

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_DISMISSED: Final = re.compile(
    r"\b(?:no|not|any)\b.*\b(?:important|priority|matter|issue|consider(?:ation|ed)?|object)\b|\bany\b", re.IGNORECASE
)
_SPELLINGS: Final = (
    *(("ability", "able"), ("ibility", "ible"), ("iness", "y"), ("ies", "y"), ("isation", "ization"), ("ise", "ize")),
    *(("ised", "ized"), ("ches", "ch"), ("shes", "sh")),
)
_ENDINGS: Final = (
    *(
        ("ivity", 5),
        ("able", 5),
        ("ible", 5),
        ("ization", 5),
        ("ation", 4),
        ("ize", 5),
        ("ance", 5),
        ("ence", 5),
        ("ion", 5),
    ),
    *(("ive", 5), ("ness", 4), ("ity", 5), ("ing", 4), ("ed", 4), ("ly", 4)),
)
"""Endings, and how many letters they leave at least."""
_SAME: Final = {
    "man": "men",
    "male": "men",
    "woman": "women",
    "female": "women",
    "ebike": "bike",
    "sneaker": "shoe",
    "trainer": "shoe",
    "feet": "foot",
    "underfoot": "foot",
    "len": "lens",
    "lense": "lens",
}
_LIGHT_WEIGHT: Final = re.compile(r"\blight(?:er)?[ -]weight\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SlotReader:
    """Reads slots of dialogues about one domain; ``values`` are by their words without endings."""

    values: Mapping[tuple[str, ...], Slot]
    longest: int
    domain: Slot

    @classmethod
    def of(cls, rows: Iterable[ProductRow], category: str) -> "SlotReader":
        """``category`` is the one that stands above the products of the domain."""
        values: dict[tuple[str, ...], Slot] = {}
        for row in rows:
            for name, own in row.attributes.items():
                if name == "gender" or row.category[0] == category:
                    values |= {roots(value): (name, value) for value in own}
        for row in rows:
            values |= {roots(row.brand): ("brand", row.brand)} if row.brand else {}
            values |= {roots(name): ("category", row.category[0]) for name in row.category}
        return cls(values, max(map(len, values)), ("category", category))

    def of_texts(self, texts: Iterable[str]) -> frozenset[Slot]:
        return frozenset(slot for text in texts for slot in self._slots(roots(text)))

    def of_preferences(self, preferences: Iterable[str]) -> frozenset[Slot]:
        return self.of_texts(line for line in preferences if not _DISMISSED.search(line)) | {self.domain}

    def of_wishes(self, wishes: Wishes) -> frozenset[Slot]:
        """What is wished for: values of the catalogue, words of its titles, and words that it does not have."""
        words = (*wishes.category, *wishes.brand, *wishes.keywords, *wishes.recipient, *wishes.unread)
        return self.of_texts((*words, *(value for values in wishes.attributes.values() for value in values)))

    def _slots(self, said: Sequence[str]) -> Iterable[Slot]:
        position = 0
        while position < len(said):
            lengths = range(min(self.longest, len(said) - position), 0, -1)
            length = next((n for n in lengths if tuple(said[position : position + n]) in self.values), 0)
            if length:
                yield self.values[tuple(said[position : position + length])]
            position += length or 1


def roots(text: str) -> tuple[str, ...]:
    words = (word.casefold() for word in _WORD.findall(_LIGHT_WEIGHT.sub("lightweight", text)))
    return tuple(map(_root, words))


@lru_cache(maxsize=20_000)
def _root(word: str) -> str:
    word = word.replace("\u2019", "'").removesuffix("'s").replace("'", "")
    word = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is", "ies", "ches", "shes")) else word
    word = _SAME.get(word, word)
    ending, spelled = next(((end, other) for end, other in _SPELLINGS if word.endswith(end)), ("", ""))
    word = word.removesuffix(ending) + spelled
    for _ in range(2):
        cut = next((end for end, least in _ENDINGS if word.endswith(end) and len(word) - len(end) >= least), "")
        word = word.removesuffix(cut)
        if cut in ("ing", "ed") and word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
    return word.rstrip("e") if len(word) > 4 else word

"""RecQuest: what shoppers wrote, the preferences that were recorded of it, and a catalogue of what was compared there.

The catalogue is made of the development half alone: the titles that were found for its shoppers, and, as the values of
the attribute "aspect", the words under which products were compared ("Battery Life", "Outsole Durability"). A title
tells brand and gender. Nobody looks at the dialogues of the other half: it is for the figure.
"""

import hashlib
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final, Self

from recommender.text import word_set
from schemas import Availability, ProductRow
from tests.quality.catalogues import AS_OF

LEAST_SHARE: Final = 0.08
"""Of a domain's dialogues, in how many a word heads a comparison if it is an aspect."""
_UPDATE: Final = re.compile(r"Updated (?:to \d+ preferences|preferences):")
_WORD: Final = re.compile(r"[a-z0-9]+")
_BRANDS: Final = re.compile(
    r"\b(acer|altra|amazfit|apple|asics|asus|avia|brooks|canon|dell|diamondback|eurobike|fitbit|fujifilm|garmin|hoka|"
    r"hovsco|hp|joomra|lenovo|lg|merrell|microsoft|mizuno|msi|nakto|new balance|nike|nikon|olympus|panasonic|pentax|"
    r"puma|reebok|salomon|samsung|saucony|savadeck|schwinn|skechers|sony|suunto|ticwatch|toshiba|under armour|"
    r"adidas)\b",
    re.IGNORECASE,
)
_GENDERS: Final = {
    "Men": re.compile(r"\bmen'?s?\b", re.IGNORECASE),
    "Women": re.compile(r"\bwomen'?s?\b", re.IGNORECASE),
}
CATEGORIES: Final = {
    "bicycle": ("Bikes", "Bicycles"),
    "digital camera": ("Cameras", "Digital Cameras"),
    "laptop": ("Computers", "Laptops"),
    "running shoes": ("Shoes", "Running Shoes"),
    "smartwatch": ("Watches", "Smartwatches"),
}
_NO_ASPECTS: Final = word_set(
    """
    6 a about absence additional advanced against an and available availability basic bike build built c camera
    capability capabilities claim claims configuration consideration considerations construction core count coverage
    depth design detail details difference differences enhancement enhancements experience fi factor feature features
    for form functionality general generation in inclusion information innovative intended is item lack laptop level
    life limitation limitations limited live low management maximum mechanics method methods no number of off offs on
    option options point points potential quality rate rating real realistic recommended relevant restrictions running
    selection set shoe shoes smart specialized specific specification specifications standard standards structural
    system systems technology the to top trade type types under usage use user uses various varied version vs watch with
    without world
    """
)
"""Words of such headings that name nothing a product has."""


@dataclass(frozen=True, slots=True)
class Update:
    """The shopper's messages since the last one, and all the preferences that were recorded by then."""

    said: tuple[str, ...]
    recorded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedDialogue:
    dialogue_id: str
    domain: str
    messages: tuple[tuple[str, str], ...]

    @property
    def is_for_development(self) -> bool:
        return int(hashlib.sha1(self.dialogue_id.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(content for role, content in self.messages if role == "human")

    def updates(self) -> Iterator[Update]:
        said: list[str] = []
        for role, content in self.messages:
            match = _UPDATE.match(content) if role == "system" else None
            if role == "human":
                said.append(content)
            elif match and said:
                lines = (line.strip(" -*") for line in content[match.end() :].splitlines())
                yield Update(tuple(said), tuple(filter(None, lines)))
                said = []


@dataclass(frozen=True, slots=True, eq=False)
class RecQuest:
    """The dialogues, and the catalogue that was made of their development half."""

    dialogues: tuple[RecordedDialogue, ...]
    rows: tuple[ProductRow, ...]

    @classmethod
    def read(cls, data_dir: Path) -> Self:
        with tarfile.open(data_dir / "shopping_dialogues" / "recquest.tar.xz", "r|xz") as archive:
            files = ((file.name, archive.extractfile(file)) for file in archive if file.name.endswith(".json"))
            dialogues = tuple(sorted((_dialogue(name, json.load(file)) for name, file in files if file), key=_id))
        return cls(dialogues, tuple(_all_rows([dialogue for dialogue in dialogues if dialogue.is_for_development])))

    def half(self, *, for_development: bool) -> list[RecordedDialogue]:
        return [dialogue for dialogue in self.dialogues if dialogue.is_for_development == for_development]


def _id(dialogue: RecordedDialogue) -> str:
    return dialogue.dialogue_id


def _dialogue(name: str, recorded: dict[str, Any]) -> RecordedDialogue:
    messages = tuple((message["role"], message["content"]) for message in recorded["messages"])
    return RecordedDialogue(PurePath(name).stem, recorded["domain"].replace("_", " "), messages)


def _all_rows(dialogues: Sequence[RecordedDialogue]) -> Iterator[ProductRow]:
    """A row for each title; each aspect of a domain is a value of every row of it."""
    for domain in CATEGORIES:
        yield from _rows(domain, [dialogue for dialogue in dialogues if dialogue.domain == domain])


def _rows(domain: str, dialogues: Sequence[RecordedDialogue]) -> Iterator[ProductRow]:
    aspects = _aspects(dialogues)
    for number, title in enumerate(_titles(dialogues), 1):
        item_id = f"{domain.replace(' ', '-')}-item-{number:03d}"
        brand = _BRANDS.search(title)
        genders = tuple(name for name, written in _GENDERS.items() if written.search(title))
        yield ProductRow(
            item_id=item_id,
            variant_id=item_id,
            title=title,
            brand=brand.group().title() if brand else None,
            category=CATEGORIES[domain],
            availability=Availability.IN_STOCK,
            attributes={"aspect": aspects} | ({"gender": genders} if genders else {}),
            as_of=AS_OF,
        )


def _titles(dialogues: Sequence[RecordedDialogue]) -> list[str]:
    found = "Retrieved items:\n"
    lists = (content for dialogue in dialogues for role, content in dialogue.messages if role == "system")
    return sorted(
        {title.strip() for found_list in lists if found_list.startswith(found) for title in found_list.splitlines()[1:]}
    )


def _aspects(dialogues: Sequence[RecordedDialogue]) -> tuple[str, ...]:
    said = Counter(word for dialogue in dialogues for word in _headings(dialogue))
    least = LEAST_SHARE * len(dialogues)
    return tuple(sorted(word.title() for word, times in said.items() if times >= least and word not in _NO_ASPECTS))


def _headings(dialogue: RecordedDialogue) -> set[str]:
    """The words of the headings of one dialogue's comparisons."""
    headings: set[str] = set()
    for role, content in dialogue.messages:
        if role == "system" and content.startswith("Comparison aspects found"):
            for line in content.splitlines()[1:]:
                heading = re.split(r"[:(*]", re.sub(r"^[\s\d.*-]+", "", line))[0].casefold()
                headings.update(_WORD.findall(heading) if len(heading.split()) <= 7 else ())
    return headings

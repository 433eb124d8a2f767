"""What the photo tower learns from: photos as pixels, what is known of each, and which are kept for measuring."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.base_model.photo_tower.pixels import Pixels
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR, GENDER, PATTERN

SIMULATOR: Final = "simulator"
FASHION: Final = "fashion"
MAGENTO: Final = "magento"
CLOTHING: Final = "clothing"
PARTS: Final = 20
"""Titles fall into this many parts: photos of the first are held out of training, those of the second choose."""


@dataclass(frozen=True)
class Labelled:
    """What is known of one photo: the product's title, and ``values`` by field, always with a category."""

    origin: str
    title: str
    values: dict[str, str]

    @property
    def caption(self) -> str:
        """Such as "a striped red t-shirt": what of the photo can be seen."""
        words = [self.values.get(PATTERN, ""), self.values.get(COLOR, ""), self.values[CATEGORY]]
        whom = f"for {self.values[GENDER]}" if GENDER in self.values else ""
        return " ".join(word.lower() for word in [*words, whom] if word and word != "Plain")


@dataclass(frozen=True)
class PhotoSet:
    """Photos as pixels, and what is known of each."""

    pixels: Pixels
    labels: tuple[Labelled, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "PhotoSet":
        labels = tuple(label for label, keep in zip(self.labels, chosen, strict=True) if keep)
        return PhotoSet(self.pixels[chosen], labels)


def is_held_out(name: str) -> bool:
    """Whether what has this title is kept for measuring, so that no product is on both sides."""
    return _number(name) % PARTS == 0


def is_for_choosing(name: str) -> bool:
    """Whether what has this title is kept to choose designs and settings by."""
    return _number(name) % PARTS == 1


def halves(photos: PhotoSet) -> tuple[PhotoSet, PhotoSet]:
    """What is held out, in two by title: the first to calibrate by, the second to report on."""
    first = np.array([_number(label.title) // PARTS % 2 == 0 for label in photos.labels])
    return photos.where(first), photos.where(~first)


def in_fifth(name: str) -> bool:
    """Whether a clothing photo of this name is in the fifth that is measured on."""
    return _number(name) % 5 == 0


def _number(name: str) -> int:
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest(), 16)

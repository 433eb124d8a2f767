"""The photo files of a catalogue: found under one folder, never outside it, and never fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from recommender.base_model.photos import DEFAULT_LIMITS

_REMOTE: Final = ("http:", "https:", "ftp:", "//")


class Trouble(StrEnum):
    """Why a product's photo is not looked at."""

    REMOTE = "remote"
    OUTSIDE = "outside"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class PhotoFolder:
    """``folder`` holds the files that the relative ``image`` paths of products name."""

    folder: Path

    def read(self, image: str) -> bytes | Trouble:
        """The bytes of one product's photo, or why there are none."""
        if image.casefold().startswith(_REMOTE):
            return Trouble.REMOTE
        try:
            path = (self.folder / image).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                return Trouble.OUTSIDE
            if not path.is_file():
                return Trouble.MISSING
            return path.read_bytes() if path.stat().st_size <= DEFAULT_LIMITS.max_bytes else Trouble.UNREADABLE
        except (OSError, ValueError):
            return Trouble.UNREADABLE

    def first(self, images: Sequence[str]) -> bytes | Trouble:
        """The first photo of a product that is there, or why the first one is not."""
        trouble = Trouble.MISSING
        for place, image in enumerate(images):
            found = self.read(image)
            if isinstance(found, bytes):
                return found
            trouble = found if place == 0 else trouble
        return trouble

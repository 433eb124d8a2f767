"""What the photo tower learns from: the drawn photos of simulated shops, and fashion photos where a folder has them."""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
from PIL import Image

from recommender.base_model.photo_tower.pixels import Pixels, to_pixels
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR, PATTERN
from schemas import Product
from signals.simulator import SimulatorConfig, simulate
from signals.simulator.photos import draw_photo

SHOWN: Final[tuple[str, ...]] = (COLOR, PATTERN)
SIMULATOR: Final = "simulator"
FASHION: Final = "fashion"
HELD_OUT_SHARE: Final = 20
"""One title in this many is held out of training."""


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
        return " ".join(word.lower() for word in words if word and word != "Plain")


@dataclass(frozen=True)
class PhotoSet:
    """Photos as pixels, and what is known of each."""

    pixels: Pixels
    labels: tuple[Labelled, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __add__(self, other: "PhotoSet") -> "PhotoSet":
        return PhotoSet(np.concatenate([self.pixels, other.pixels]), self.labels + other.labels)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "PhotoSet":
        labels = tuple(label for label, keep in zip(self.labels, chosen, strict=True) if keep)
        return PhotoSet(self.pixels[chosen], labels)


def simulated_photos(seeds: Iterable[int]) -> PhotoSet:
    """Every product of the shops of these ``seeds``, drawn once and saved as a JPEG of some quality."""
    return _collect(_simulated(seeds))


def fashion_photos(folder: Path) -> PhotoSet:
    """Fashion Product Images (Small): ``photos.zip`` of JPEG files named by id, and ``styles.csv``."""
    return _collect(_fashion(folder))


def held_out(photos: PhotoSet) -> npt.NDArray[np.bool_]:
    """Which photos are kept for measuring, by title, so that no product is on both sides."""
    return np.array([_number(label.title) % HELD_OUT_SHARE == 0 for label in photos.labels])


def halves(photos: PhotoSet) -> tuple[PhotoSet, PhotoSet]:
    """What is held out, in two by title: the first to calibrate by, the second to report on."""
    first = np.array([_number(label.title) // HELD_OUT_SHARE % 2 == 0 for label in photos.labels])
    return photos.where(first), photos.where(~first)


def _number(title: str) -> int:
    return int(hashlib.sha1(title.encode(), usedforsecurity=False).hexdigest(), 16)


def _simulated(seeds: Iterable[int]) -> Iterator[tuple[Image.Image, Labelled]]:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for product in simulate(SimulatorConfig(seed=seed, n_shoppers=1, n_events=12)).products:
            yield _as_jpeg(draw_photo(product, seed), int(rng.integers(40, 96))), _simulated_label(product)


def _simulated_label(product: Product) -> Labelled:
    values = {name: product.attributes[name][0] for name in SHOWN if name in product.attributes}
    values[CATEGORY] = product.category[-1]
    return Labelled(SIMULATOR, product.title, values)


def _as_jpeg(photo: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _fashion(folder: Path) -> Iterator[tuple[Image.Image, Labelled]]:
    with ZipFile(folder / "photos.zip") as photos, (folder / "styles.csv").open(encoding="utf-8", newline="") as rows:
        names = set(photos.namelist())
        for row in csv.DictReader(rows):
            if (name := f"{row['id']}.jpg") in names:
                yield Image.open(BytesIO(photos.read(name))).convert("RGB"), _fashion_label(row)


def _fashion_label(row: dict[str, str]) -> Labelled:
    color = {COLOR: row["baseColour"]} if row["baseColour"] else {}
    return Labelled(FASHION, row["productDisplayName"], {CATEGORY: row["articleType"], **color})


def _collect(found: Iterator[tuple[Image.Image, Labelled]]) -> PhotoSet:
    pixels, labels = [], []
    for photo, label in found:
        pixels.append(to_pixels([photo])[0])
        labels.append(label)
    return PhotoSet(np.stack(pixels), tuple(labels))

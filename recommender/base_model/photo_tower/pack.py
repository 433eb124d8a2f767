"""All that a training needs in one file: photos, labels, and the texts already embedded.

With it the training needs neither the data sets nor the text encoder, and can be done on another machine.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import numpy.typing as npt
from PIL import Image

from recommender.base_model.photo_tower.data import Labelled, PhotoSet
from recommender.base_model.photo_tower.objective import EmbedText, texts_of
from recommender.base_model.photo_tower.pixels import SIDE, Pixels, to_pixels
from recommender.base_model.protocols import Embeddings

ACROSS: Final = 32
SHEET: Final = ACROSS * ACROSS
"""So many photos, side by side, make one image: alone, each would carry a header as long as itself."""
QUALITY: Final = 75
LEVELS: Final = 31
"""Numbers of a text's vector are kept as whole ones up to this: its direction to within two degrees."""
LABELS: Final = "labels.json"
TEXTS: Final = "texts.json"
VECTORS: Final = "vectors.npy"


@dataclass(frozen=True)
class Pack:
    """Photos to learn from, and ``vectors`` by text: of all texts that the objective asks for."""

    photos: PhotoSet
    vectors: dict[str, npt.NDArray[np.float32]]

    def embed(self, texts: Sequence[str]) -> Embeddings:
        return np.stack([self.vectors[text] for text in texts])


def write_pack(path: Path, photos: Iterable[tuple[Image.Image, Labelled]], embed: EmbedText) -> None:
    labels = []
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for number, (sheet, known) in enumerate(_sheets(iter(photos))):
            file.writestr(_sheet_name(number), sheet)
            labels += known
        texts = texts_of(labels)
        file.writestr(LABELS, json.dumps([asdict(label) for label in labels]))
        file.writestr(TEXTS, json.dumps(texts))
        file.writestr(VECTORS, _array_bytes(_in_bytes(embed(texts))))


def read_pack(path: Path) -> Pack:
    with ZipFile(path) as file:
        labels = tuple(Labelled(**label) for label in json.loads(file.read(LABELS)))
        texts: list[str] = json.loads(file.read(TEXTS))
        vectors = np.load(BytesIO(file.read(VECTORS))).astype(np.float32)
        sheets = [file.read(_sheet_name(number)) for number in range(math.ceil(len(labels) / SHEET))]
    pixels = np.empty((len(labels), SIDE, SIDE, 3), dtype=np.uint8)
    with ThreadPoolExecutor() as pool:
        for number, tiles in enumerate(pool.map(_tiles, sheets)):
            part = pixels[number * SHEET : (number + 1) * SHEET]
            part[:] = tiles[: len(part)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Pack(PhotoSet(pixels, labels), dict(zip(texts, vectors, strict=True)))


def _sheets(photos: Iterator[tuple[Image.Image, Labelled]]) -> Iterator[tuple[bytes, list[Labelled]]]:
    while batch := list(islice(photos, SHEET)):
        tiles = np.zeros((SHEET, SIDE, SIDE, 3), dtype=np.uint8)
        tiles[: len(batch)] = to_pixels([photo for photo, _ in batch])
        sheet = tiles.reshape(ACROSS, ACROSS, SIDE, SIDE, 3).swapaxes(1, 2).reshape(ACROSS * SIDE, ACROSS * SIDE, 3)
        file = BytesIO()
        Image.fromarray(sheet).save(file, "WEBP", quality=QUALITY)
        yield file.getvalue(), [label for _, label in batch]


def _tiles(sheet: bytes) -> Pixels:
    pixels = np.asarray(Image.open(BytesIO(sheet)).convert("RGB"))
    return pixels.reshape(ACROSS, SIDE, ACROSS, SIDE, 3).swapaxes(1, 2).reshape(SHEET, SIDE, SIDE, 3)


def _sheet_name(number: int) -> str:
    return f"photos/{number:04}.webp"


def _in_bytes(vectors: Embeddings) -> npt.NDArray[np.int8]:
    return np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * LEVELS).astype(np.int8)


def _array_bytes(array: npt.NDArray[np.int8]) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()

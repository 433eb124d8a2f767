"""An encoder for tests: quick, seeded, and alike for texts that share words and for photos that share colours.

Texts are bags of hashed words. A photo is the colours in it, as the words that name them: so a photo of something red
lies near the word "red".
"""

import hashlib
import zlib
from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from recommender.base_model.protocols import Embeddings
from recommender.text import words

COLOURS = {
    "red": (200, 40, 40),
    "green": (60, 140, 70),
    "blue": (50, 80, 180),
    "white": (240, 240, 240),
    "black": (30, 30, 30),
    "grey": (130, 130, 130),
}


class FakeEncoder:
    size = 48

    def __init__(self, name: str = "fake", seed: int = 0) -> None:
        self.name = name
        self.seed = seed
        self.digest = hashlib.sha256(f"{name}:{seed}".encode()).hexdigest()
        self.texts: list[str] = []
        """Every text that was ever embedded."""
        self.n_photos = 0

    def embed_text(self, texts: Sequence[str]) -> Embeddings:
        self.texts += texts
        return _unit([self._bag(dict.fromkeys(words(text), 1.0)) for text in texts])

    def embed_photos(self, photos: Sequence[Image]) -> Embeddings:
        self.n_photos += len(photos)
        return _unit([self._bag(_colours(photo)) for photo in photos])

    def _bag(self, counts: dict[str, float]) -> np.ndarray:
        vectors = [count * self._vector(word) for word, count in counts.items()]
        return np.sum(vectors, axis=0) if vectors else self._vector("")

    def _vector(self, word: str) -> np.ndarray:
        return np.random.default_rng([self.seed, zlib.crc32(word.encode())]).standard_normal(self.size)


def _colours(photo: Image) -> dict[str, float]:
    """How much of a photo is nearest to each colour."""
    pixels = np.asarray(photo.convert("RGB").resize((16, 16)), dtype=np.float64).reshape(-1, 1, 3)
    nearest = ((pixels - np.array(list(COLOURS.values()))) ** 2).sum(axis=2).argmin(axis=1)
    shares = np.bincount(nearest, minlength=len(COLOURS)) / len(nearest)
    return {name: float(share) for name, share in zip(COLOURS, shares, strict=True) if share > 0}


def _unit(rows: Sequence[np.ndarray]) -> Embeddings:
    stacked = np.array(rows).reshape(len(rows), FakeEncoder.size)
    return (stacked / np.linalg.norm(stacked, axis=1, keepdims=True)).astype(np.float32)

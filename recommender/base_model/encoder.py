"""The encoder of the embedded default: MiniLM reads texts, our own tower reads photos, into one space of 384 numbers.

Light to import; `load_encoder` is what brings in torch and the weights.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import Lock

import numpy as np
from PIL.Image import Image

from recommender.base_model.protocols import Embeddings, Encoder

_loading = Lock()


@dataclass(frozen=True)
class TwoTowers:
    """One tower for texts and one for photos, each giving rows of length ``size`` in the same space."""

    name: str
    digest: str
    size: int
    text: Callable[[Sequence[str]], Embeddings]
    photos: Callable[[Sequence[Image]], Embeddings]

    def embed_text(self, texts: Sequence[str]) -> Embeddings:
        return self.text(texts) if texts else self._none()

    def embed_photos(self, photos: Sequence[Image]) -> Embeddings:
        return self.photos(photos) if photos else self._none()

    def _none(self) -> Embeddings:
        return np.empty((0, self.size), dtype=np.float32)


def load_encoder() -> Encoder:
    """The one encoder of this process, loaded by whoever asks first.

    Raises `EncoderError` where its weights are missing or not the published ones.
    """
    with _loading:
        return _load()


@cache
def _load() -> Encoder:
    texts = import_module("recommender.base_model.text_tower")
    tower = import_module("recommender.base_model.photo_tower.model")
    text = texts.TextTower(texts.package_folder())
    photos = tower.load_tower()
    return TwoTowers(
        name="all-MiniLM-L6-v2 + photo tower",
        digest=hashlib.sha256(f"{text.digest} {photos.digest}".encode()).hexdigest(),
        size=texts.SIZE,
        text=text.embed,
        photos=photos.embed,
    )

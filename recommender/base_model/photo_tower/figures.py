"""What is measured of a photo tower: fields told by their words alone, and titles found among many."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from recommender.base_model.photo_tower.calibration import Sureness, with_others
from recommender.base_model.photo_tower.data import PhotoSet
from recommender.base_model.photo_tower.prompts import PROMPTS, embed_values
from recommender.base_model.protocols import Embeddings, Encoder

LEAST: Final = 0.5
"""What is less likely than everything else together is not said."""
NEAREST: Final = 10
Bools = npt.NDArray[np.bool_]


class Choice:
    """Photos that have a value of ``field``: the cosines with its values and with ``others``, and the right values."""

    def __init__(
        self, encoder: Encoder, vectors: Embeddings, photos: PhotoSet, field: str, others: Embeddings | None = None
    ) -> None:
        labels = [label.values.get(field) for label in photos.labels]
        self.values = sorted({label for label in labels if label is not None})
        known = [place for place, label in enumerate(labels) if label is not None]
        self.right = np.array([self.values.index(str(labels[place])) for place in known])
        words = embed_values(encoder, field, self.values)
        self._others = words[:0] if others is None else others
        self._cosines = vectors[known] @ with_others(words, self._others).T

    @property
    def chosen(self) -> npt.NDArray[np.int64]:
        """The nearest of the values."""
        return self._cosines[:, : len(self.values)].argmax(axis=1)

    @property
    def top1(self) -> float:
        return float((self.chosen == self.right).mean())

    @property
    def macro_f1(self) -> float:
        return float(f1_score(self.right, self.chosen, average="macro"))

    def seen(self, sureness: Sureness) -> tuple[float, float]:
        """Precision and coverage of what would be said."""
        shares = self._shares(sureness.scale)
        said = shares.max(axis=1) >= sureness.least
        right = shares.argmax(axis=1) == self.right
        return float(right[said].mean()) if said.any() else float("nan"), float(said.mean())

    def least(self, scale: float, precision: float) -> float:
        """The least share that reaches `precision`."""
        shares = self._shares(scale)
        return _least(shares.max(axis=1), shares.argmax(axis=1) == self.right, precision)

    def surprise(self, scale: float) -> float:
        """How unlikely the right values are: the mean of the negative logarithms of their shares."""
        shares = self._shares(scale)
        return float(-np.log(shares[np.arange(len(shares)), self.right] + 1e-9).mean())

    def _shares(self, scale: float) -> npt.NDArray[np.float32]:
        whole = Sureness(scale, 0.0, self._others).shares(self._cosines)
        return whole[:, : len(self.values)]


def recall(queries: Embeddings, found: Embeddings, titles: Sequence[str], k: int) -> float:
    """How many queries have a row of their own title among the `k` nearest; ties with others count against them."""
    cosines = queries @ found.T
    names = np.array(titles)
    same = names[:, None] == names
    own = np.where(same, cosines, -np.inf).max(axis=1, keepdims=True)
    return float((((cosines >= own) & ~same).sum(axis=1) < k).mean())


def zero_shot(encoder: Encoder, vectors: Embeddings, photos: PhotoSet) -> dict[str, float]:
    """By name: how well each field that these photos have is told by its words, and how well titles are found."""
    found: dict[str, float] = {}
    for field in PROMPTS:
        if any(field in label.values for label in photos.labels):
            choice = Choice(encoder, vectors, photos, field)
            found |= {f"{field} top-1": choice.top1, f"{field} macro-F1": choice.macro_f1}
    titles = [label.title for label in photos.labels]
    texts = encoder.embed_text(titles)
    found[f"title of photo among {NEAREST}"] = recall(vectors, texts, titles, NEAREST)
    found[f"photo of title among {NEAREST}"] = recall(texts, vectors, titles, NEAREST)
    return found


def _least(sure: npt.NDArray[np.float32], right: Bools, precision: float) -> float:
    """The lowest share, `LEAST` or more, such that of all photos at least that sure `precision` are right."""
    order = np.argsort(-sure)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    if reached[-1]:
        return LEAST
    lowest = sure[order][np.flatnonzero(reached)[-1]] if reached.any() else 1.0
    return max(float(lowest), LEAST)

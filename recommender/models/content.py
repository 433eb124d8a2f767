"""Content: products like those a shopper had, by what their texts say and their photos show.

It learns nothing from behaviour, so a product without any is ranked as well as the others. Vectors of one catalogue
have most in common, so plain cosines tell little: the mean is taken out and the rest whitened (Su, Cao, Liu and Ou,
"Whitening sentence representations for better semantics and faster retrieval", 2021), with a covariance shrunk towards
a multiple of the identity (Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
2004).
"""

from itertools import product
from typing import Self

import numpy as np

from recommender.dataset import Dataset, Floats, Histories, ItemVectors
from recommender.models.base import Arrays, Model, ModelConfig
from recommender.models.factors import Factors, InnerProductLists, InnerProducts

LEAST = 1e-9


class ContentConfig(ModelConfig):
    text_weight: float = 1.0
    photo_weight: float = 0.5
    shrinkage: float = 1.0
    """What is added to each variance before it is divided by, as a multiple of their mean."""
    decay: float = 1.0


class ContentModel(Model[ContentConfig]):
    name = "content"
    Config = ContentConfig

    def __init__(self, config: ContentConfig, vectors: Factors) -> None:
        super().__init__(config, len(vectors))
        self._vectors = vectors

    @classmethod
    def fit(cls, dataset: Dataset, config: ContentConfig, *, rng: np.random.Generator) -> Self:
        """Without embeddings every product is like every other: all scores are 0."""
        del rng
        nothing = np.zeros((dataset.n_items, 1), dtype=np.float32)
        vectors = nothing if dataset.embeddings is None else _whitened(dataset.embeddings, config)
        return cls(config, Factors.turned(vectors)[0])

    @classmethod
    def trials(cls, dataset: Dataset) -> list[ContentConfig]:
        if dataset.embeddings is None:
            return []
        photo_weights = (0.5, 0.0) if dataset.embeddings.photos.any() else (0.0,)
        grid = product((1.0, 0.3, 3.0), photo_weights, (1.0, 0.7))
        return [ContentConfig(photo_weight=photo, shrinkage=some, decay=decay) for some, photo, decay in grid]

    def arrays(self) -> Arrays:
        return self._vectors.arrays()

    @classmethod
    def from_arrays(cls, config: ContentConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, Factors.from_arrays(arrays))

    def without(self, histories: Histories, as_of: int) -> Self:
        """The model itself: it holds nothing of shoppers."""
        del histories, as_of
        return self

    def ask(self, query: Histories) -> InnerProducts:
        weights = query.strengths(self.config.decay, weight_power=1.0)
        shares = weights / max(float(weights.sum()), LEAST)
        return InnerProducts.of(self._vectors, shares[:, None] * self._vectors.rows[query.items])

    def ask_all(self, queries: Histories) -> InnerProductLists:
        return InnerProductLists(self._vectors, queries, queries.shares(self.config.decay, 1.0), np.asarray)

    def _scores(self, queries: Histories) -> Floats:
        matrix = queries.matrix(self.n_items, self.config.decay)
        totals = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), LEAST)
        means = (matrix @ self._vectors.rows) / totals[:, None]
        return np.asarray(means @ self._vectors.rows.T, dtype=np.float32)


def _whitened(vectors: ItemVectors, config: ContentConfig) -> Floats:
    """One row of length 1 for each item, 0 where nothing is known of it; float32, shape (n_items, size)."""
    mixed = config.text_weight * _centred(vectors.text) + config.photo_weight * _centred(vectors.photos)
    variances, axes = np.linalg.eigh(np.cov(mixed, rowvar=False, bias=True))
    shrunk = np.maximum(variances, 0) + config.shrinkage * variances.mean()
    whitened = mixed @ ((axes / np.sqrt(np.maximum(shrunk, LEAST))) @ axes.T).astype(np.float32)
    lengths = np.linalg.norm(whitened, axis=1, keepdims=True)
    return np.asarray(whitened / np.maximum(lengths, LEAST), dtype=np.float32)


def _centred(rows: Floats) -> Floats:
    """Less the mean of the rows that are there; the others stay at 0, which then is the mean."""
    there = rows.any(axis=1, keepdims=True)
    return np.where(there, rows - rows.mean(axis=0, where=there), 0) if np.any(there) else rows

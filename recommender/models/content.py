"""Content: products like those a shopper had, by what their texts say and their photos show.

It learns nothing from behaviour, so a product without any is ranked as well as the others. Vectors of one catalogue
have most in common, so plain cosines tell little: the mean is taken out and the rest whitened (Su, Cao, Liu and Ou,
"Whitening sentence representations for better semantics and faster retrieval", 2021), with a covariance shrunk towards
a multiple of the identity (Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices",
2004).
"""

from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from typing import Self

import numpy as np
import numpy.typing as npt

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

    def __init__(self, config: ContentConfig, vectors: Factors, projection: "Projection") -> None:
        super().__init__(config, len(vectors))
        self.vectors = vectors
        self._projection = projection

    @classmethod
    def fit(cls, dataset: Dataset, config: ContentConfig, *, rng: np.random.Generator) -> Self:
        """Without embeddings every product is like every other: all scores are 0."""
        del rng
        known = dataset.embeddings or ItemVectors(*[np.zeros((dataset.n_items, 1), dtype=np.float32)] * 2)
        whitening = Projection.fitted(known, config)
        vectors, basis = Factors.turned(whitening.of(known, config))
        return cls(config, vectors, whitening.turned(basis))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[ContentConfig]:
        if dataset.embeddings is None:
            return []
        photo_weights = (0.5, 0.0) if dataset.embeddings.photos.any() else (0.0,)
        grid = product((1.0, 0.3, 3.0), photo_weights, (1.0, 0.7))
        return [ContentConfig(photo_weight=photo, shrinkage=some, decay=decay) for some, photo, decay in grid]

    def arrays(self) -> Arrays:
        return {**self.vectors.arrays(), **asdict(self._projection)}

    @classmethod
    def from_arrays(cls, config: ContentConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, Factors.from_arrays(arrays), Projection(*(arrays[one.name] for one in fields(Projection))))

    def without(self, histories: Histories, as_of: int) -> Self:
        """The model itself: it holds nothing of shoppers."""
        del histories, as_of
        return self

    def projected(self, vectors: ItemVectors) -> Floats:
        """The rows that other products would have, by what is said and shown of them; shape (n, size)."""
        return self._projection.of(vectors, self.config)

    def shares(self, queries: Histories) -> Floats:
        """How much each event counts, in all 1 for a history; shape (n_events,)."""
        return queries.shares(self.config.decay, 1.0)

    def ask(self, query: Histories) -> InnerProducts:
        return InnerProducts.of(self.vectors, self.shares(query)[:, None] * self.vectors.rows[query.items])

    def ask_all(self, queries: Histories) -> InnerProductLists:
        return InnerProductLists(self.vectors, queries, self.shares(queries), np.asarray)

    def _scores(self, queries: Histories) -> Floats:
        matrix = queries.matrix(self.n_items, self.config.decay)
        totals = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), LEAST)
        means = (matrix @ self.vectors.rows) / totals[:, None]
        return np.asarray(means @ self.vectors.rows.T, dtype=np.float32)


@dataclass(frozen=True)
class Projection:
    """From what a text says and a photo shows to a row of the model.

    Attributes
    ----------
    text_mean, photo_mean : float32, shape (1, size), of the products that have one; zeros where none has
    whitening : float32, shape (size, size)
    """

    text_mean: Floats
    photo_mean: Floats
    whitening: Floats

    @classmethod
    def fitted(cls, vectors: ItemVectors, config: ContentConfig) -> Self:
        text_mean, photo_mean = _mean(vectors.text), _mean(vectors.photos)
        mixed = _mixed(vectors, text_mean, photo_mean, config)
        variances, axes = np.linalg.eigh(np.cov(mixed, rowvar=False, bias=True).reshape(mixed.shape[1], -1))
        shrunk = np.maximum(variances, 0) + config.shrinkage * variances.mean()
        whitening = ((axes / np.sqrt(np.maximum(shrunk, LEAST))) @ axes.T).astype(np.float32)
        return cls(text_mean, photo_mean, whitening)

    def turned(self, basis: npt.NDArray[np.float64]) -> Self:
        """To rows in another orthonormal basis, shape (size, size)."""
        return replace(self, whitening=(self.whitening @ basis).astype(np.float32))

    def of(self, vectors: ItemVectors, config: ContentConfig) -> Floats:
        """One row of length 1 for each product, 0 where nothing is known of it; float32, shape (n, size)."""
        whitened = _mixed(vectors, self.text_mean, self.photo_mean, config) @ self.whitening
        lengths = np.linalg.norm(whitened, axis=1, keepdims=True)
        return np.asarray(whitened / np.maximum(lengths, LEAST), dtype=np.float32)


def _mixed(vectors: ItemVectors, text_mean: Floats, photo_mean: Floats, config: ContentConfig) -> Floats:
    text, photos = _centred(vectors.text, text_mean), _centred(vectors.photos, photo_mean)
    return np.float32(config.text_weight) * text + np.float32(config.photo_weight) * photos


def _mean(rows: Floats) -> Floats:
    """Of the rows that are there; zeros where none is."""
    there = rows.any(axis=1, keepdims=True)
    return rows.mean(axis=0, where=there, keepdims=True) if np.any(there) else np.zeros((1, rows.shape[1]), np.float32)


def _centred(rows: Floats, mean: Floats) -> Floats:
    """The rows that are there less the mean; the others stay at 0, which then is the mean."""
    return np.where(rows.any(axis=1, keepdims=True), rows - mean, np.float32(0))

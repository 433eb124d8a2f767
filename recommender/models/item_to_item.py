"""The shape that neighbour and linear models share: a score is the history times an item-to-item matrix."""

from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.dataset import Floats, Histories, decayed
from recommender.models.base import Arrays, Model, ModelConfig


class ItemToItemConfig(ModelConfig):
    decay: float = 0.7
    """What an event's weight is multiplied by for each step (basket, page view) the shopper took since."""


ItemToItemConfigT = TypeVar("ItemToItemConfigT", bound=ItemToItemConfig)


class ItemToItem(Model[ItemToItemConfigT]):
    """``weights[i, j]``: what one event with item i adds to the score of item j; CSR, float32."""

    def __init__(self, config: ItemToItemConfigT, weights: sp.csr_matrix) -> None:
        super().__init__(config, weights.shape[0])
        self.weights = weights

    def arrays(self) -> Arrays:
        return {"data": self.weights.data, "indices": self.weights.indices, "indptr": self.weights.indptr}

    @classmethod
    def from_arrays(cls, config: ItemToItemConfigT, arrays: Arrays, n_items: int) -> Self:
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        return cls(config, sp.csr_matrix(parts, shape=(n_items, n_items)))

    def _scores(self, queries: Histories) -> Floats:
        return (queries.matrix(self.n_items, self.config.decay) @ self.weights).toarray()

    def contributions(self, query: Histories, items: npt.NDArray[np.int32]) -> Floats:
        strength = query.weights * decayed(query.steps(), self.config.decay)
        return self.weights[query.items][:, items].toarray().T * strength


def keep_largest(weights: sp.csr_matrix, per_row: int) -> sp.csr_matrix:
    """The `per_row` entries of largest magnitude in each row; the rest is dropped."""
    counts = np.diff(weights.indptr)
    if counts.max(initial=0) <= per_row:
        return weights
    rows = np.repeat(np.arange(weights.shape[0]), counts)
    order = np.lexsort((-np.abs(weights.data), rows))
    place = np.arange(len(order)) - weights.indptr[rows]
    kept = np.sort(order[place < per_row])
    parts = (weights.data[kept], (rows[kept], weights.indices[kept]))
    return sp.csr_matrix(parts, shape=weights.shape)

"""The shape that neighbour and linear models share: a score is the history times an item-to-item matrix."""

from dataclasses import dataclass
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
        if not len(items):
            return np.zeros((0, len(query.items)), dtype=np.float32)
        strength = query.weights * decayed(query.steps(), self.config.decay)
        rows = self.weights[query.items]
        order = np.argsort(items)
        places = np.minimum(np.searchsorted(items[order], rows.indices), len(items) - 1)
        wanted = np.flatnonzero(items[order][places] == rows.indices)
        events = np.repeat(np.arange(len(query.items)), np.diff(rows.indptr))[wanted]
        found = np.zeros((len(items), len(query.items)), dtype=np.float32)
        found[order[places[wanted]], events] = rows.data[wanted]
        return found * strength


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


@dataclass(frozen=True)
class Baskets:
    """What shoppers took at one time each, in the order of shoppers and times.

    Attributes
    ----------
    items : float32 CSR, shape (n_baskets, n_items)
    owners : int64, shape (n_baskets,), the shopper of each
    times : int64, shape (n_baskets,)
    """

    items: sp.csr_matrix
    owners: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]

    @classmethod
    def of(cls, histories: Histories, values: Floats, n_items: int) -> Self:
        """`values` of the events, shape (n_events,); those of one item in one basket are added."""
        rows = histories.rows
        begins = np.r_[True, (rows[1:] != rows[:-1]) | (histories.times[1:] != histories.times[:-1])][: len(rows)]
        starts = np.flatnonzero(begins)
        indptr = np.r_[starts, len(rows)]
        items = sp.csr_matrix((values, histories.items, indptr), shape=(len(starts), n_items), copy=True)
        items.sum_duplicates()
        return cls(items, rows[starts], histories.times[starts])

    def __len__(self) -> int:
        return len(self.owners)

"""Linear: each item's interactions regressed on all the others, in closed form.

Steck, "Embarrassingly shallow autoencoders for sparse data" (WWW 2019). The Gram matrix is dense, so the most
popular ``max_items`` take part and the others get no score from this model.
"""

from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recommender.dataset import Dataset, Floats
from recommender.models.item_to_item import ItemToItem, ItemToItemConfig

BLOCK = 256


class LinearConfig(ItemToItemConfig):
    half_life_days: float | None = None
    reg: float = 100.0
    """L2 regularisation: added to each item's squared norm."""
    max_items: int = 20_000
    """Items in the dense Gram matrix, 4 * max_items ** 2 bytes."""
    neighbors: int = 500
    """Entries kept for each item."""


class Linear(ItemToItem[LinearConfig]):
    name = "linear"
    Config = LinearConfig

    @classmethod
    def fit(cls, dataset: Dataset, config: LinearConfig, *, rng: np.random.Generator) -> Self:
        del rng
        matrix = dataset.preferences(config.half_life_days)
        popularity = np.asarray(matrix.sum(axis=0)).ravel()
        members = np.sort(np.argsort(-popularity, kind="stable")[: config.max_items])
        members = members[popularity[members] > 0]
        sparse = _ease(matrix[:, members], config.reg, config.neighbors)
        indices = members[sparse.indices]
        counts = np.zeros(dataset.n_items, dtype=np.int64)
        counts[members] = np.diff(sparse.indptr)
        indptr = np.concatenate([[0], np.cumsum(counts)])
        shape = (dataset.n_items, dataset.n_items)
        return cls(config, sp.csr_matrix((sparse.data, indices, indptr), shape=shape))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[LinearConfig]:
        half_lives, regs = ((60, 180, None), (300, 100)) if dataset.timed else ((None,), (100, 300))
        decays = (0.8, 0.6) if dataset.timed else (0.7, 0.8, 0.6, 0.9, 0.5)
        grid = product(half_lives, regs, decays)
        return [LinearConfig(half_life_days=days, reg=reg, decay=decay) for days, reg, decay in grid]


def _ease(matrix: sp.csr_matrix, reg: float, per_row: int) -> sp.csr_matrix:
    """The item-to-item weights, zero on the diagonal, the `per_row` largest of each row by magnitude.

    One dense n_items x n_items matrix is held: it is factored, inverted and read block by block in place.
    """
    gram = (matrix.T @ matrix).toarray().astype(np.float32, copy=False)
    gram[np.diag_indices_from(gram)] += reg
    factor, info = lapack.spotrf(gram.T, overwrite_a=True)
    if info == 0:
        inverse, info = lapack.spotri(factor, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError(f"the regularised Gram matrix is singular (LAPACK info {info}); raise `reg`")
    n, kept = len(inverse), min(per_row, len(inverse))
    columns, data = np.empty((n, kept), dtype=np.int32), np.empty((n, kept), dtype=np.float32)
    for start in range(0, n, BLOCK):
        block = _rows_of_symmetric(inverse, start, min(start + BLOCK, n)) / -np.diag(inverse)
        block[np.arange(len(block)), start + np.arange(len(block))] = 0.0
        chosen = np.sort(np.argpartition(-np.abs(block), kept - 1, axis=1)[:, :kept], axis=1)
        columns[start : start + BLOCK], data[start : start + BLOCK] = chosen, np.take_along_axis(block, chosen, axis=1)
    return sp.csr_matrix((data.ravel(), columns.ravel(), np.arange(n + 1) * kept), shape=(n, n))


def _rows_of_symmetric(upper: Floats, start: int, stop: int) -> Floats:
    """Rows [start, stop) of the symmetric matrix whose upper triangle is given; below it may be anything."""
    square = np.triu(upper[start:stop, start:stop])
    square += np.triu(square, 1).T
    return np.hstack([upper[:start, start:stop].T, square, upper[start:stop, stop:]])

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
        weights = _ease(matrix[:, members], config.reg)
        sparse = _largest_per_row(weights, config.neighbors)
        indices = members[sparse.indices]
        counts = np.zeros(dataset.n_items, dtype=np.int64)
        counts[members] = np.diff(sparse.indptr)
        indptr = np.concatenate([[0], np.cumsum(counts)])
        shape = (dataset.n_items, dataset.n_items)
        return cls(config, sp.csr_matrix((sparse.data, indices, indptr), shape=shape))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[LinearConfig]:
        half_lives, regs = ((60, 180, None), (300, 100)) if dataset.timed else ((None,), (100,))
        decays = (0.8, 0.6) if dataset.timed else (0.7, 0.8, 0.6, 0.9, 0.5)
        grid = product(half_lives, regs, decays)
        return [LinearConfig(half_life_days=days, reg=reg, decay=decay) for days, reg, decay in grid]


def _ease(matrix: sp.csr_matrix, reg: float) -> Floats:
    """The item-to-item weights, zero on the diagonal; float32, shape (n_items, n_items)."""
    gram = np.asfortranarray((matrix.T @ matrix).toarray(), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += reg
    factor, info = lapack.spotrf(gram, overwrite_a=True)
    if info == 0:
        inverse, info = lapack.spotri(factor, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError(f"the regularised Gram matrix is singular (LAPACK info {info}); raise `reg`")
    upper = np.triu(inverse, 1)
    inverse = upper + upper.T + np.diag(np.diag(inverse))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def _largest_per_row(weights: Floats, per_row: int) -> sp.csr_matrix:
    """The `per_row` entries of largest magnitude in each row of a dense matrix, as CSR."""
    n = weights.shape[1]
    kept = min(per_row, n)
    columns = np.empty((len(weights), kept), dtype=np.int32)
    for start in range(0, len(weights), 256):
        block = np.abs(weights[start : start + 256])
        columns[start : start + 256] = np.sort(np.argpartition(block, n - kept, axis=1)[:, n - kept :], axis=1)
    data = np.take_along_axis(weights, columns, axis=1)
    indptr = np.arange(len(weights) + 1) * kept
    return sp.csr_matrix((data.ravel(), columns.ravel(), indptr), shape=weights.shape)

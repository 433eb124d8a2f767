"""Linear: what belongs together, each item regressed on all the others a shopper has, in closed form.

Steck, "Embarrassingly shallow autoencoders for sparse data" (WWW 2019): exactly, with a dense matrix, up to
``max_dense`` items; beyond, an item is regressed on its nearest items alone (`ridge`).
"""

from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recommender.dataset import Dataset, Floats
from recommender.models.base import weight_powers
from recommender.models.item_to_item import ItemToItem, ItemToItemConfig

BLOCK = 256


class LinearConfig(ItemToItemConfig):
    reg: float = 100.0
    """L2 regularisation: added to each item's squared norm."""
    neighbors: int = 200
    """Items that an item is regressed on, or entries kept for it of the exact solution."""
    max_dense: int = 5_000
    """Items up to which the solution is exact, in 4 * n_items ** 2 bytes."""


class Linear(ItemToItem[LinearConfig]):
    name = "linear"
    Config = LinearConfig

    @classmethod
    def fit(cls, dataset: Dataset, config: LinearConfig, *, rng: np.random.Generator) -> Self:
        del rng
        matrix = dataset.preferences(config.half_life_days, config.weight_power)
        if dataset.n_items <= config.max_dense:
            return cls(config, _ease(matrix, config.reg, config.neighbors))
        from recommender.models.ridge import neighborhood_ridge  # noqa: PLC0415  # answering does not need the compiler

        worth = np.ones(matrix.shape[0], dtype=np.float32)
        return cls(config, neighborhood_ridge(matrix, matrix, worth, config.neighbors, config.reg))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[LinearConfig]:
        half_lives, regs = ((60, 180, None), (300, 100)) if dataset.timed else ((None,), (100, 300))
        decays = (0.8, 0.6) if dataset.timed else (0.85, 0.7)
        grid = product(half_lives, regs, weight_powers(dataset), decays)
        return [
            LinearConfig(half_life_days=days, reg=reg, weight_power=power, decay=decay)
            for days, reg, power, decay in grid
        ]


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

"""Ridge regressions of every item on its nearest items: memory grows with the pairs that occur, not n_items squared."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from numba import njit, prange

from recommender.dataset import Floats

BLOCK: Final = 1_024
"""Items whose products with all others are held at a time."""


def neighborhood_ridge(
    inputs: sp.csr_matrix, outputs: sp.csr_matrix, worth: Floats, neighbors: int, reg: float
) -> sp.csr_matrix:
    """For each item j the weights b of its nearest items N that minimise |X_N b - y_j|^2 + reg |b|^2.

    X and Y are the inputs and outputs, their rows times the root of their `worth`. The `neighbors` items with the
    largest |x_i . y_j| / sqrt(|x_i|^2 + reg) are near to j; no item speaks for itself. Feature selection before a
    regression of each item: Ning and Karypis, "SLIM: sparse linear methods for top-N recommender systems" (ICDM 2011).
    What is held is the pairs of inputs that occur, each once, and for each item its nearest.

    Parameters
    ----------
    inputs, outputs : float32, shape (n, n_items)
    worth : float32, shape (n,)
    reg : > 0

    Returns
    -------
    float32 CSR, shape (n_items, n_items): row i holds what item i adds to the scores of others.
    """
    if reg <= 0:
        raise np.linalg.LinAlgError(f"`reg` must be above 0 for a regression to have one answer, got {reg}")
    weighted = sp.csr_matrix(sp.diags_array(worth) @ inputs, dtype=np.float32)
    norms = np.asarray(weighted.multiply(inputs).sum(axis=0), dtype=np.float32).ravel()
    pairs, nearest = _products(weighted, inputs, outputs, 1 / np.sqrt(norms + np.float32(reg)), neighbors)
    found = np.empty(len(nearest.indices), dtype=np.float32)
    _solve_all(pairs, (nearest.indptr, nearest.indices, nearest.data), np.float32(reg), found)
    return sp.csr_matrix(sp.csc_matrix((found, nearest.indices, nearest.indptr), shape=nearest.shape))


def _products(
    weighted: sp.csr_matrix, inputs: sp.csr_matrix, outputs: sp.csr_matrix, scales: Floats, neighbors: int
) -> tuple[tuple[npt.NDArray[Any], ...], sp.csr_matrix]:
    """What inputs have in common, the upper triangle as CSR parts, and row by row what is nearest to each output."""
    of_inputs, of_outputs = weighted.T.tocsr(), outputs.T.tocsr()
    n_items = inputs.shape[1]
    columns, values, lengths, nearest = [], [], [], []
    for start in range(0, n_items, BLOCK):
        rows = of_inputs[start : start + BLOCK] @ inputs
        upper = sp.csr_matrix(sp.triu(rows, start))
        upper.sort_indices()
        columns.append(upper.indices)
        values.append(upper.data)
        lengths.append(np.diff(upper.indptr))
        targets = rows if outputs is inputs else of_outputs[start : start + BLOCK] @ weighted
        nearest.append(_nearest(targets, start, scales, neighbors))
    indptr = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64)
    indices = np.concatenate(columns)
    columns.clear()
    return (indptr, indices, np.concatenate(values)), sp.vstack(nearest, format="csr")


def _nearest(rows: sp.csr_matrix, first: int, scales: Floats, neighbors: int) -> sp.csr_matrix:
    """The entries of each of the `rows`, of items from `first` on, with the largest magnitude times scale, by index."""
    rows = sp.csr_matrix(rows)
    counts = np.empty(rows.shape[0], dtype=np.int64)
    room = np.concatenate([[0], np.cumsum(np.minimum(np.diff(rows.indptr), neighbors))]).astype(np.int64)
    indices, data = np.empty(room[-1], dtype=np.int32), np.empty(room[-1], dtype=np.float32)
    _pick((rows.indptr, rows.indices, rows.data), first, scales, (room, indices, data), counts)
    kept = np.arange(room[-1]) < np.repeat(room[:-1] + counts, np.diff(room))
    return sp.csr_matrix((data[kept], indices[kept], np.r_[0, np.cumsum(counts)]), shape=rows.shape)


@njit(parallel=True, cache=True)
def _pick(rows, first, scales, found, counts):  # type: ignore[no-untyped-def]
    """Fills the CSR parts `found`; `counts` says how much of its room each row has used."""
    room, indices, data = found
    for row in prange(len(counts)):
        own, places = slice(rows[0][row], rows[0][row + 1]), slice(room[row], room[row + 1])
        counts[row] = _pick_largest(rows[1][own], rows[2][own], first + row, scales, (indices[places], data[places]))


@njit(cache=True)
def _pick_largest(items, values, own, scales, found):  # type: ignore[no-untyped-def]
    """Fills `found` with the items and values of the largest magnitudes times scale, by item; says how many."""
    others = np.flatnonzero((items != own) & (values != 0))
    if len(found[0]) < len(others):
        nearness = np.abs(values[others]) * scales[items[others]]
        others = others[np.argsort(-nearness)[: len(found[0])]]
    others = others[np.argsort(items[others])]
    found[0][: len(others)], found[1][: len(others)] = items[others], values[others]
    return len(others)


# Compiled, the 12,101 regressions of Amazon Beauty on 200 neighbours each take 1.5 s on one core; item by item with
# scipy's fancy indexing, picking the sub-matrices alone took 40 times as long.
@njit(parallel=True, cache=True)
def _solve_all(pairs, nearest, reg, found):  # type: ignore[no-untyped-def]
    """Fills `found` with the weights of the `nearest`; `pairs` is the upper triangle, both CSR and sorted."""
    for item in prange(len(nearest[0]) - 1):
        start, stop = nearest[0][item], nearest[0][item + 1]
        if start < stop:
            found[start:stop] = _solve(_between(pairs, nearest[1][start:stop], reg), nearest[2][start:stop].copy())


@njit(cache=True)
def _between(pairs, rows, reg):  # type: ignore[no-untyped-def]
    """The dense sub-matrix of `rows`, regularised; the part below the diagonal is enough.

    The rows of `pairs`, much longer than what is sought in them, are searched in leaps that double.
    """
    size = len(rows)
    square = np.zeros((size, size), dtype=np.float32)
    for place in range(size):
        at, stop = pairs[0][rows[place]], pairs[0][rows[place] + 1]
        for other in range(place, size):
            leap = 1
            while at + leap < stop and pairs[1][at + leap] < rows[other]:
                at += leap
                leap *= 2
            high = min(at + leap, stop)
            while at < high:
                middle = (at + high) // 2
                if pairs[1][middle] < rows[other]:
                    at = middle + 1
                else:
                    high = middle
            if at == stop:
                break
            if pairs[1][at] == rows[other]:
                square[other, place] = pairs[2][at]
        square[place, place] += reg
    return square


@njit(cache=True)
def _solve(square, values):  # type: ignore[no-untyped-def]
    """The solution for a positive definite matrix, of which the part below the diagonal is read: by Cholesky."""
    factor = np.linalg.cholesky(square)
    size = len(values)
    for row in range(size):
        values[row] = (values[row] - np.dot(factor[row, :row], values[:row])) / factor[row, row]
    for row in range(size - 1, -1, -1):
        values[row] /= factor[row, row]
        values[:row] -= values[row] * factor[row, :row]
    return values

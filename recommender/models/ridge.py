"""Ridge regressions of every item on its nearest items: memory grows with the pairs that occur, not n_items squared."""

from typing import Final

import numpy as np
import scipy.sparse as sp
from numba import njit, prange

from recommender.dataset import Floats
from recommender.models.item_products import PARTS, nearest_products, upper_products

UNION: Final = 512
"""Items whose products are laid out at a time, for all of which they are the nearest."""


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
    pairs = upper_products(inputs, worth)
    norms = np.zeros(inputs.shape[1], dtype=np.float32)
    taken = np.flatnonzero(np.diff(pairs[0]))
    norms[taken] = pairs[2][pairs[0][taken]]
    nearest = nearest_products(outputs, inputs, worth, 1 / np.sqrt(norms + np.float32(reg)), neighbors)
    found = np.empty(len(nearest.indices), dtype=np.float32)
    most = max(UNION, int(np.diff(nearest.indptr).max(initial=0)))
    batches = _batches(nearest.indptr, nearest.indices, most)
    _solve_all(pairs, (nearest.indptr, nearest.indices, nearest.data), batches, most, np.float32(reg), found)
    return sp.csr_matrix(sp.csc_matrix((found, nearest.indices, nearest.indptr), shape=nearest.shape))


@njit(cache=True)
def _batches(indptr, indices, most):  # type: ignore[no-untyped-def]
    """Every item in batches of one and of items near to it: the items, and where each batch begins.

    The nearest items of a batch are `most` different ones or fewer; no item has more than that.
    """
    n_items = len(indptr) - 1
    items, starts, n_found, n_batches = np.empty(n_items, np.int32), np.zeros(n_items + 1, np.int32), 0, 0
    is_found, batch_of = np.zeros(n_items, np.bool_), np.full(n_items, -1, np.int32)
    for seed in range(n_items):
        if is_found[seed]:
            continue
        size = 0
        for item in np.append(np.int32(seed), indices[indptr[seed] : indptr[seed + 1]]):
            own = indices[indptr[item] : indptr[item + 1]]
            n_new = int(np.count_nonzero(batch_of[own] != n_batches))
            if not is_found[item] and size + n_new <= most:
                items[n_found], is_found[item], batch_of[own] = item, True, n_batches
                n_found, size = n_found + 1, size + n_new
        n_batches += 1
        starts[n_batches] = n_found
    return items, starts[: n_batches + 1]


# Of 10,000 items with 200 nearest each, sub-matrices looked up pair by pair took 5.8 s, and solving 1.5; laid out for
# many items at a time, both together take 4.9.
@njit(parallel=True, cache=True)
def _solve_all(pairs, nearest, batches, most, reg, found):  # type: ignore[no-untyped-def]
    """Fills `found` with the weights of the `nearest`; `pairs` is the upper triangle, both CSR and sorted."""
    items, starts = batches
    for part in prange(PARTS):
        place_of = np.full(len(items), most, dtype=np.int32)
        products = np.empty((most, most + 1), dtype=np.float32)
        for batch in range(part, len(starts) - 1, PARTS):
            members = items[starts[batch] : starts[batch + 1]]
            union = _union(members, nearest, place_of, most)
            _products_of(union, pairs, place_of, products)
            for item in members:
                own = slice(nearest[0][item], nearest[0][item + 1])
                places = place_of[nearest[1][own]]
                if len(places):
                    found[own] = _solve(_among(products, places, reg), nearest[2][own].copy())
            place_of[union] = most


@njit(cache=True)
def _union(members, nearest, place_of, nowhere):  # type: ignore[no-untyped-def]
    """The items that are nearest to one of `members`; their places in it go to `place_of`."""
    union, n = np.empty(nowhere, np.int32), 0
    for item in members:
        for near in nearest[1][nearest[0][item] : nearest[0][item + 1]]:
            if place_of[near] == nowhere:
                place_of[near], union[n] = n, near
                n += 1
    return union[:n]


@njit(cache=True)
def _products_of(union, pairs, place_of, products):  # type: ignore[no-untyped-def]
    """Fills the rows of the `union`, in its columns; the last column is for whatever is not in it."""
    for place in range(len(union)):
        row = products[place]
        row[:] = 0
        for at in range(pairs[0][union[place]], pairs[0][union[place] + 1]):
            row[place_of[pairs[1][at]]] = pairs[2][at]


@njit(cache=True)
def _among(products, places, reg):  # type: ignore[no-untyped-def]
    """The dense sub-matrix of ascending items, regularised; the part below the diagonal is enough."""
    size = len(places)
    square = np.empty((size, size), dtype=np.float32)
    for one in range(size):
        row = products[places[one]]
        for other in range(one, size):
            square[one, other] = row[places[other]]
        square[one, one] += reg
    return square.T


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

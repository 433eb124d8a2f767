"""What a million items are estimated by, compiled: inner products with quantised factors, and scores that are known."""

import numpy as np
from numba import njit


# A million items of 256 factors take 13 ms on one core, where float32 factors and BLAS take 94: it is memory that one
# waits for. Chosen items need no copy of their rows: a tenth of them takes 7 ms.
@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def scan(codes, steps, vector, items, total):  # type: ignore[no-untyped-def]
    """Add ``steps[i] * codes[i] @ vector`` of each of `items` to `total`.

    Parameters
    ----------
    codes : int8, shape (n_items, size)
    steps : float32, shape (n_items,)
    vector : float32, shape (size,)
    items : int32, shape (n,)
    total : float32, shape (n,)
    """
    for place in range(len(items)):
        item = items[place]
        product = np.float32(0.0)
        for column in range(codes.shape[1]):
            product += np.float32(codes[item, column]) * vector[column]
        total[place] += product * steps[item]


# A million scores take 0.6 ms; numpy makes two arrays of them, in 2.4.
@njit(nogil=True, cache=True)
def add_chosen(scores, items, scale, total):  # type: ignore[no-untyped-def]
    """Add ``scale * scores[items]`` to `total`; float32, shapes (n_items,) and (n,)."""
    for place in range(len(items)):
        total[place] += scale * scores[items[place]]

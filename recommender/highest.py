"""The highest scores of many rows, compiled: each row is read once, and a second time where a high score was seen."""

from typing import Final

import numpy as np
from numba import njit

BLOCKS_PER_WANTED: Final = 8
"""A row is read in so many blocks for each score that is wanted."""
MAGNITUDE: Final = np.int32(0x7FFFFFFF)


@njit(nogil=True, cache=True)
def highest(scores, n, items, found, counts):  # type: ignore[no-untyped-def]
    """Write the `n` highest scores of each row that are not -inf, highest first, ties by index.

    As many blocks as are wanted reach the n-th highest of their maxima, so no score below it is wanted.

    Parameters
    ----------
    scores : float32, shape (n_rows, n_items), no NaN
    items, found : int32 and float32, shape (n_rows, n), where indexes and scores go
    counts : int64, shape (n_rows,), how many were found
    """
    n_items = scores.shape[1]
    width = max(n_items // (BLOCKS_PER_WANTED * n), 1)
    n_blocks = (n_items + width - 1) // width
    places = np.empty(n_items, dtype=np.int32)
    for row in range(len(scores)):
        values = scores[row]
        most = _maxima(values, width, n_blocks)
        least = np.partition(most, n_blocks - n)[n_blocks - n] if n < n_blocks else np.float32(-np.inf)
        kept = 0
        for block in range(n_blocks):
            if most[block] >= least and most[block] > -np.inf:
                for item in range(block * width, min((block + 1) * width, n_items)):
                    if values[item] >= least and values[item] > -np.inf:
                        places[kept] = item
                        kept += 1
        order = np.argsort(-values[places[:kept]], kind="mergesort")[:n]
        counts[row] = len(order)
        items[row, : len(order)] = places[order]
        found[row, : len(order)] = values[places[order]]


@njit(nogil=True, cache=True)
def _maxima(values, width, n_blocks):  # type: ignore[no-untyped-def]
    """Of each block of `width` values; compared as whole numbers in their order, which compiles to vectors."""
    bits, most = values.view(np.int32), np.empty(n_blocks, dtype=np.int32)
    for block in range(n_blocks):
        own = bits[block * width : (block + 1) * width]
        highest_yet = ~MAGNITUDE
        for place in range(len(own)):
            ordered = np.int32(own[place] ^ ((own[place] >> np.int32(31)) & MAGNITUDE))
            highest_yet = max(ordered, highest_yet)
        most[block] = highest_yet
    return (most ^ ((most >> np.int32(31)) & MAGNITUDE)).astype(np.int32).view(np.float32)

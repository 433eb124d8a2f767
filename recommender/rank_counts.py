"""How many candidates score at least as much as one: the inner loop of weighing a blend, compiled."""

import numpy as np
from numba import njit, prange


# One pass that stops at the k-th rival: 2,000 queries of 700 candidates from 5 members take 3 ms on one core, where the
# weighted sum and a partition in numpy took 60.
@njit(parallel=True, cache=True)
def rivals(parts, weights, rows, places, k):  # type: ignore[no-untyped-def]
    """For each pair of a row and a place, how many other places of the row score at least as much, k at most.

    Parameters
    ----------
    parts : float32, shape (n_members, n_rows, width); -inf where there is no candidate
    weights : float32, shape (n_members,)
    rows, places : int64, shape (n_pairs,)
    """
    found = np.zeros(len(rows), dtype=np.int64)
    n_members, _, width = parts.shape
    for pair in prange(len(rows)):
        row, place = rows[pair], places[pair]
        own = np.float32(0.0)
        for member in range(n_members):
            own += weights[member] * parts[member, row, place]
        count = 0
        for other in range(width):
            if other == place or parts[0, row, other] == -np.inf:
                continue
            score = np.float32(0.0)
            for member in range(n_members):
                score += weights[member] * parts[member, row, other]
            if score >= own:
                count += 1
                if count >= k:
                    break
        found[pair] = count
    return found

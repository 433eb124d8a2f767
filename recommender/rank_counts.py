"""How many candidates score at least as much as one: the inner loop of weighing a blend, compiled.

It runs on one thread: a call takes so little that on a busy machine threads would wait for each other for longer.
"""

import numpy as np
from numba import njit

LOOK = 16
"""Candidates between two looks at whether enough rivals are found."""


# What the other members say of a candidate is added up once for all steps: a sum for each of ten steps took three times
# as long.
@njit(cache=True)
def rivals(parts, weights, member, steps, rows, places, k):  # type: ignore[no-untyped-def]
    """For each weight that one member may have, and each pair of a row and a place, how many other places of the row
    score at least as much, k at most; int32, shape (n_steps, n_pairs).

    Parameters
    ----------
    parts : float32, shape (n_members, n_rows, width); -inf where there is no candidate
    weights : float32, shape (n_members,), that of `member` 0
    steps : float32, shape (n_steps,), what `member` may weigh
    rows, places : int64, shape (n_pairs,)
    """
    n_members, _, width = parts.shape
    found = np.zeros((len(rows), len(steps)), dtype=np.int32)
    for pair in range(len(rows)):
        row, place = rows[pair], places[pair]
        rest = np.float32(0.0)
        for one in range(n_members):
            rest += weights[one] * parts[one, row, place]
        own = rest + steps * parts[member, row, place]
        count = found[pair]
        for other in range(width):
            if other == place or parts[0, row, other] == -np.inf:
                continue
            rest = np.float32(0.0)
            for one in range(n_members):
                rest += weights[one] * parts[one, row, other]
            part = parts[member, row, other]
            for step in range(len(steps)):
                count[step] += np.int32(rest + steps[step] * part >= own[step])
            if other % LOOK == 0 and count.min() >= k:
                break
    return np.minimum(found, k).T

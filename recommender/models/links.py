"""Sums of the links of many histories, compiled: a history touches thousands of items, each link once or twice."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def add_links(links, events, weight, total, spreads):  # type: ignore[no-untyped-def]
    """Add to `total` the links' sums of each history, divided by their standard deviation and times `weight`.

    Parameters
    ----------
    links : indptr, indices and data of a float32 CSR, shape (n_items, n_items)
    events : indptr, items and strengths of the events of n histories
    total : float32, shape (n, n_items)
    spreads : float32, shape (n,), where the standard deviations go
    """
    indptr, indices, data = links
    starts, items, strengths = events
    n_items = total.shape[1]
    sums, is_new = np.zeros(n_items, dtype=np.float32), np.ones(n_items, dtype=np.uint8)
    touched = np.empty(n_items + 1, dtype=np.int32)
    for row in range(len(starts) - 1):
        n, whole = 0, 0.0
        for event in range(starts[row], starts[row + 1]):
            strength = strengths[event]
            for at in range(indptr[items[event]], indptr[items[event] + 1]):
                item, value = indices[at], data[at] * strength
                touched[n] = item
                n += is_new[item]
                is_new[item] = 0
                sums[item] += value
                whole += value
        squares = 0.0
        for place in range(n):
            squares += np.float64(sums[touched[place]]) ** 2
        spreads[row] = np.sqrt(max(squares / n_items - (whole / n_items) ** 2, 0.0))
        scale = weight / spreads[row] if spreads[row] > 0 else np.float32(0.0)
        for place in range(n):
            item = touched[place]
            total[row, item] += scale * sums[item]
            sums[item], is_new[item] = 0.0, 1


@njit(nogil=True, cache=True)
def tell_links(links, events, lists, scores, told):  # type: ignore[no-untyped-def]
    """Write what `recommender.models.base.Scorings.told` says of the listed items; `links`, `events` as above."""
    indptr, indices, data = links
    starts, items, strengths = events
    place = np.full(len(indptr) - 1, -1, dtype=np.int32)
    for row in range(len(starts) - 1):
        first, n_events = starts[row], starts[row + 1] - starts[row]
        listed = lists[1][lists[0][row] : lists[0][row + 1]]
        begin = lists[0][row]
        place[listed] = np.arange(len(listed))
        added = np.zeros((len(listed), n_events), dtype=np.float32)
        scores[begin : begin + len(listed)] = 0.0
        for event in range(n_events):
            item, strength = items[first + event], strengths[first + event]
            for at in range(indptr[item], indptr[item + 1]):
                found = place[indices[at]]
                if found >= 0:
                    added[found, event] = data[at] * strength
                    scores[begin + found] += data[at] * strength
        place[listed] = -1
        summarise(added, told[begin : begin + len(listed)])


@njit(nogil=True, cache=True)
def summarise(added, told):  # type: ignore[no-untyped-def]
    """Write the links that `recommender.models.base.Scorings.told` says, from what each event adds to each item."""
    n_events, newest = added.shape[1], told.shape[1] - 2
    for item in range(len(added)):
        most, above = -np.inf if n_events else 0.0, 0
        for event in range(n_events):
            most = max(most, added[item, event])
            above += added[item, event] > 0
        told[item, 0] = most
        for back in range(newest):
            told[item, 1 + back] = added[item, n_events - 1 - back] if back < n_events else np.nan if n_events else 0.0
        told[item, -1] = np.float32(above) / np.float32(max(n_events, 1))

"""Counting by rows gives what counting pair by pair gives, and keeps the largest."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dataset import Histories
from recommender.models.cooccurrence import nearest
from recommender.models.item_to_item import Baskets


def by_pairs(lists, times, values, n_items, window, backward):
    """Every pair of events of every shopper, the definition word for word."""
    counts, begin = np.zeros((n_items, n_items)), 0
    for items, moments in zip(lists, times, strict=True):
        step = np.unique(moments, return_inverse=True)[1]
        for one, i in enumerate(items):
            for other, j in enumerate(items):
                gap = step[other] - step[one]
                if i != j and abs(gap) < window:
                    share = 1.0 if gap == 0 else 1 / gap if gap > 0 else backward / -gap
                    counts[i, j] += values[begin + one] * values[begin + other] * share
        begin += len(items)
    return counts


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), window=st.integers(1, 12), kept=st.integers(1, 12))
def test_rows_are_the_largest_counts_of_pairs(seed, window, kept):
    draw = np.random.default_rng(seed)
    n_items = int(draw.integers(2, 12))
    lists = [draw.integers(0, n_items, draw.integers(0, 12)) for _ in range(draw.integers(1, 8))]
    times = [np.sort(draw.integers(0, 8, len(one))) for one in lists]
    histories, damping = Histories.from_lists(lists, times), draw.random(n_items)
    values = draw.random(len(histories.items)).astype(np.float32)
    expected = damping[:, None] * by_pairs(lists, times, values, n_items, window, 0.5) * damping
    found = nearest(Baskets.of(histories, values, n_items), damping, window, 0.5, kept)
    for row in range(n_items):
        own = found[[row]].toarray()[0]
        order = np.argsort(-expected[row], kind="stable")[:kept]
        np.testing.assert_allclose(own[order], expected[row, order], rtol=1e-5, atol=1e-6)
        assert np.count_nonzero(own) == np.count_nonzero(expected[row, order])


def test_of_equals_the_first_are_kept():
    histories = Histories.from_lists([[0, 1, 2, 3]], [[5, 5, 5, 5]])
    baskets = Baskets.of(histories, np.ones(4, np.float32), 4)
    assert nearest(baskets, np.ones(4), 10, 0.5, 2)[[3]].indices.tolist() == [0, 1]

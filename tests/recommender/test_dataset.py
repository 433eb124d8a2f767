import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.dataset import Dataset, Histories
from recommender.errors import NotEnoughDataError
from recommender.ids import IdMap

sequences = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8)


@given(sequences, st.data())
def test_take_and_block_keep_each_shoppers_events(lists, data):
    histories = Histories.from_lists(lists)
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=5))
    taken = histories.take(np.array(rows, dtype=np.int64))
    assert [taken.items[taken.of(place)].tolist() for place in range(len(rows))] == [lists[row] for row in rows]
    start = data.draw(st.integers(0, len(lists)))
    block = histories.block(start, start + 3)
    assert [block.items[block.of(row)].tolist() for row in range(len(block))] == lists[start : start + 3]


@given(sequences, st.floats(0.1, 1.0))
def test_the_matrix_sums_decayed_events(lists, decay):
    expected = np.zeros((len(lists), 10))
    for row, items in enumerate(lists):
        for behind, item in enumerate(reversed(items)):
            expected[row, item] += decay**behind
    histories = Histories.from_lists(lists)
    before = histories.items.copy()
    np.testing.assert_allclose(histories.matrix(10, decay).toarray(), expected, rtol=1e-5)
    np.testing.assert_array_equal(histories.items, before)


def test_a_basket_is_one_step():
    histories = Histories.from_lists([[0, 1, 2, 3], [4, 5]], [[10, 10, 20, 30], [5, 5]])
    assert histories.steps().tolist() == [2, 2, 1, 0, 0, 0]


def frames():
    at = pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-03", "2026-01-01"], utc=True)
    histories = pd.DataFrame(
        {"user_id": ["u", "u", "u", "v"], "item_id": ["a", "b", "gone", "a"], "kind": ["buy"] * 4, "occurred_at": at}
    )
    interactions = pd.DataFrame({"user_id": ["v", "u"], "item_id": ["a", "b"], "weight": [3.0, 0.5], "last_at": at[:2]})
    return histories, interactions


def dataset(worth=1.0):
    histories, interactions = frames()
    items = IdMap.from_ids(["a", "b", "c"])
    as_of = int(pd.Timestamp("2026-01-03", tz="UTC").value // 1000)
    weights = lambda kinds: np.full(len(kinds), worth, dtype=np.float32)  # noqa: E731
    return Dataset.from_frames(histories, interactions, items, weights, as_of)


def test_frames_become_histories_in_the_order_of_time_without_unknown_items():
    built = dataset()
    assert built.users.ids([0, 1]) == ["u", "v"]
    assert built.histories.items.tolist() == [1, 0, 0]
    assert built.histories.indptr.tolist() == [0, 2, 3]


def test_frames_become_one_weight_per_pair():
    assert dataset().interactions.toarray().tolist() == [[0.0, 0.5, 0.0], [3.0, 0.0, 0.0]]


def test_events_that_speak_against_an_item_are_left_out_of_histories():
    assert len(dataset(worth=-1.0).histories.items) == 0


def test_preferences_stop_at_one_and_fade_with_age():
    built = dataset()
    assert built.preferences(None, 1.0).data.tolist() == [0.5, 1.0]
    np.testing.assert_allclose(built.preferences(None, 0.5).data, [0.5**0.5, 1.0])
    np.testing.assert_allclose(built.preferences(1.0, 1.0).data, [0.5 * 0.25, 0.5])


def test_nothing_to_fit_on_is_said():
    histories, interactions = frames()
    with pytest.raises(NotEnoughDataError, match=r"0 products.*recommender catalog load"):
        Dataset.from_frames(histories, interactions, IdMap.from_ids([]), lambda kinds: np.ones(len(kinds)), 0)

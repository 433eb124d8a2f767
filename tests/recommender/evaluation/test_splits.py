import numpy as np

from recommender.dataset import Histories
from recommender.evaluation.protocol import measure
from recommender.evaluation.splits import LeaveOneOut, Sessions, Split, beginnings, by_time, nothing_known
from tests.recommender.toy import items


def lists(histories):
    return [histories.items[histories.of(row)].tolist() for row in range(len(histories))]


def test_leave_one_out_fits_on_all_but_the_last_two():
    parts = LeaveOneOut.of(Histories.from_lists([[0, 1, 2, 3], [4, 5, 0]]), items())
    assert lists(parts.fit.histories) == [[0, 1], [4]]
    assert lists(parts.validation.queries) == [[0, 1], [4]]
    assert lists(parts.validation.truth) == [[2], [5]]
    assert lists(parts.test.queries) == [[0, 1, 2], [4, 5]]
    assert lists(parts.test.truth) == [[3], [0]]


def test_leave_one_out_asks_nobody_without_a_history():
    parts = LeaveOneOut.of(Histories.from_lists([[0, 1], [2], [3, 4, 5]]), items())
    assert lists(parts.validation.truth) == [[4]]
    assert lists(parts.test.truth) == [[1], [5]]


def test_by_time_asks_for_what_is_new_to_a_shopper_once():
    asked = Histories.from_lists([[0], [1], [], [2]])
    truth = Histories.from_lists([[3, 3, 0], [1], [4], []])
    known = Histories.from_lists([[0], [1], [], [2]])
    split = by_time(asked, truth, known)
    assert lists(split.truth) == [[3]]
    assert lists(split.queries) == [[0]]


def test_known_items_are_taken_out_of_the_ranking():
    split = Split(Histories.from_lists([[0]]), Histories.from_lists([[2]]), Histories.from_lists([[0, 1]]))
    measured = measure(lambda _: np.array([[9.0, 8.0, 7.0, 1.0]], dtype=np.float32), split, k=2)
    assert measured.ranks.tolist() == [0]
    assert measured.coverage == 2 / 4


def test_a_sample_keeps_rows_aligned():
    histories = Histories.from_lists([[row] for row in range(50)])
    sample = Split(histories, histories, histories).sample(10, np.random.default_rng(0))
    assert len(sample) == 10
    assert lists(sample.queries) == lists(sample.truth)


def test_every_beginning_of_a_session_asks_for_what_came_next():
    split = beginnings(Histories.from_lists([[3, 4, 3], [5], [1, 2]]))
    assert lists(split.queries) == [[3], [3, 4], [1]]
    assert lists(split.truth) == [[4], [3], [2]]
    assert lists(split.known) == [[], [], []]


def test_of_sessions_the_last_tenth_is_asked_about():
    sessions = Histories.from_lists([[row % 6, 5] for row in range(20)])
    asked = Split(Histories.from_lists([[0]]), Histories.from_lists([[1]]), nothing_known(1))
    parts = Sessions.of(sessions, asked, items())
    assert len(parts.early.histories) == 18
    assert lists(parts.validation.queries) == [[0], [1]]
    assert len(parts.fit.histories) == 20
    assert parts.test is asked

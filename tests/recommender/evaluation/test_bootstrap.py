"""The interval covers the truth as often as it says, and knows nothing of the order of its values."""

import numpy as np
import pytest

from recommender.evaluation.bootstrap import interval_of_mean


def test_values_that_do_not_differ_leave_no_doubt():
    assert interval_of_mean(np.full(50, 0.25), np.random.default_rng(0)) == (0.25, 0.25)


def test_the_interval_is_that_of_the_normal_distribution_for_many_values():
    values = np.random.default_rng(1).normal(0.1, 1.0, 10_000)
    expected = values.mean() + np.array([-1.96, 1.96]) * values.std() / 100
    assert interval_of_mean(values, np.random.default_rng(0)) == pytest.approx(expected, abs=0.002)


def test_nineteen_of_twenty_intervals_hold_the_true_mean():
    draw = np.random.default_rng(2)
    held = 0
    for _ in range(100):
        low, high = interval_of_mean(draw.exponential(1.0, 200), draw)
        held += low <= 1.0 <= high
    assert 88 <= held <= 100

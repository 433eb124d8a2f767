"""Artifacts without an erased shopper: exact where that can be, and named where it cannot."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommender.artifacts import ERASURE_DEADLINE
from recommender.dataset import Dataset, Histories
from recommender.errors import ArtifactError
from recommender.forgetting import Forgotten, without
from recommender.models.popularity import Popularity, PopularityConfig
from tests.recommender.test_artifacts import artifacts, some_trees
from tests.recommender.toy import featured

ERASED_AT = datetime(2026, 2, 1, tzinfo=UTC)
LEARNED = Histories.from_lists([[0, 0, 4]])
DAY = 86_400_000_000


def timed(histories: Histories) -> Dataset:
    toy = featured()
    matrix = histories.matrix(toy.n_items)
    return Dataset(toy.users, toy.items, histories, matrix, np.zeros(matrix.nnz, np.int64), as_of=100 * DAY)


@pytest.mark.parametrize("half_life_days", [None, 7.0])
def test_popularity_without_a_shopper_is_that_of_a_fit_on_the_others(half_life_days):
    rng = np.random.default_rng(0)
    items = [rng.integers(0, 7, size) for size in (5, 9, 4, 0, 12)]
    times = [np.sort(rng.integers(0, 100 * DAY, len(one))) for one in items]
    config = PopularityConfig(half_life_days=half_life_days)
    fitted = Popularity.fit(timed(Histories.from_lists(items, times)), config, rng=rng)
    others = timed(Histories.from_lists(items[1:], times[1:]))
    left = fitted.without(Histories.from_lists(items[:1], times[:1]), 100 * DAY)
    np.testing.assert_allclose(left.popularity, Popularity.fit(others, config, rng=rng).popularity, rtol=1e-5)


def test_an_item_that_only_the_shopper_took_is_left_with_nothing():
    fitted = Popularity(PopularityConfig(), np.array([0.1 + 0.2, 1], np.float32))
    left = fitted.without(Histories(np.array([0, 2]), *(np.zeros(2, int),) * 2, np.float32([0.1, 0.2])), 0)
    assert left.popularity.tolist() == [0.0, 1.0]


def test_every_model_that_does_not_keep_sums_is_named_as_pending():
    fitted = artifacts()
    erased = without(fitted, Forgotten("mark", ERASED_AT, LEARNED), "2")
    assert set(erased.manifest.erased_pending) == set(fitted.models) - {"content", "popularity", "repeat"}
    assert erased.manifest.erased == {"mark": ERASED_AT}
    assert erased.manifest.version == "2"


def test_trees_are_named_too_and_stay_until_the_next_training():
    fitted = artifacts(reranker=some_trees())
    erased = without(fitted, Forgotten("mark", ERASED_AT, LEARNED), "2")
    assert set(erased.manifest.erased_pending) == {*fitted.models, "trees"} - {"content", "popularity", "repeat"}
    assert erased.reranker is fitted.reranker
    assert "trees" in without(fitted, Forgotten("mark", ERASED_AT), "2").manifest.erased_pending


def test_what_was_learned_from_the_shopper_is_not_in_popularity_any_more():
    fitted = artifacts()
    change = (
        fitted.models["popularity"].popularity
        - without(fitted, Forgotten("mark", ERASED_AT, LEARNED), "2").models["popularity"].popularity
    )
    assert change.tolist() == [2, 0, 0, 0, 1, 0, 0]


def test_of_a_shopper_whom_training_never_saw_nothing_is_pending():
    erased = without(artifacts(), Forgotten("mark", ERASED_AT, Histories.from_lists([[]])), "2")
    assert erased.manifest.erased_pending == ()
    assert erased.manifest.refit_before is None


def test_where_it_cannot_be_told_what_was_learned_every_model_is_pending():
    fitted = artifacts()
    assert set(without(fitted, Forgotten("mark", ERASED_AT), "2").manifest.erased_pending) == set(fitted.models)


def test_the_deadline_is_that_of_the_first_erasure():
    first = without(artifacts(), Forgotten("one", ERASED_AT, LEARNED), "2")
    second = without(first, Forgotten("two", ERASED_AT + timedelta(days=9), LEARNED), "3")
    assert second.manifest.refit_before == ERASED_AT + ERASURE_DEADLINE


def test_artifacts_past_their_deadline_may_not_answer():
    manifest = without(artifacts(), Forgotten("one", ERASED_AT, LEARNED), "2").manifest
    manifest.require_answerable(ERASED_AT + timedelta(days=29))
    with pytest.raises(ArtifactError, match=r"more than 30 days ago \(item_neighbors, .*run `recommender train`"):
        manifest.require_answerable(ERASED_AT + timedelta(days=30))

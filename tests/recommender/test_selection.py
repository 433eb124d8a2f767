"""Choosing by validation: never worse than the best single model, and blind to everything but validation data."""

from itertools import product
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dataset import Histories
from recommender.errors import BadRequestError
from recommender.evaluation.metrics import RankMetrics, ranks_of
from recommender.evaluation.splits import LeaveOneOut
from recommender.ids import IdMap
from recommender.models import MODELS
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.selection import Budget, K, Pool, Search, choose_weights, select, tune, unmeasured
from tests.recommender.second_stage import walks


@pytest.fixture(scope="module")
def parts():
    """Shoppers who walk along a ring of 30 items, with some noise."""
    draw = np.random.default_rng(2)
    walks = [(draw.integers(30) + np.arange(6) + (draw.random(6) < 0.2)) % 30 for _ in range(150)]
    return LeaveOneOut.of(Histories.from_lists(walks), IdMap.from_ids(f"{item:02d}" for item in range(30)))


@pytest.fixture(scope="module")
def selection(parts):
    return select(parts.fit, parts.validation, trials=2, seed=0)


def random_pool(seed: int, members=3, queries=20, width=15) -> Pool:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, 6, (members, queries, width)).astype(np.float32)
    truth = draw.random((queries, width)) < 0.15
    truth[np.arange(queries), draw.integers(0, width, queries)] = True
    ideal = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(K) + 2.0))])[np.minimum(truth.sum(axis=1), K)]
    return Pool(scores, truth, ideal)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.tuples(*[st.floats(0, 2)] * 3))
def test_the_pools_ndcg_is_that_of_the_metrics(seed, weights):
    pool = random_pool(seed)
    scores = np.sum([np.float32(weight) * part for weight, part in zip(weights, pool.parts, strict=True)], axis=0)
    rows, places = np.nonzero(pool.truth)
    expected = RankMetrics.at(K, ranks_of(scores, rows, places.astype(np.int32)), rows, len(scores)).ndcg.mean()
    assert pool.ndcg(np.array(weights)) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 8), min_size=3, max_size=3), st.integers(0, 2))
def test_the_ndcg_of_a_step_is_that_of_the_weights_with_it(seed, quarters, member):
    """Quarters of whole scores add up to the same in any order: ties are ties in both."""
    pool, weights, steps = random_pool(seed), np.array(quarters) / 4, np.array([0.0, 0.5, 1.75])
    expected = [pool.ndcg(np.where(np.arange(3) == member, step, weights)) for step in steps]
    assert pool.ndcg_by_step(weights, member, steps).tolist() == expected


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_blend_is_never_worse_on_validation_than_its_best_model(seed):
    pool = random_pool(seed)
    weights, ndcg = choose_weights(pool, np.random.default_rng(0))
    assert ndcg == pool.ndcg(weights)
    assert ndcg >= max(pool.ndcg(single) for single in np.eye(3))
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0).all()


def test_a_model_that_is_right_gets_the_weight_and_noise_is_switched_off():
    pool = random_pool(4, queries=300)
    perfect = pool.truth * np.linspace(1, 2, pool.truth.shape[1], dtype=np.float32)
    beside_noise = Pool(np.stack([pool.parts[0], perfect]), pool.truth, pool.ideal)
    weights, ndcg = choose_weights(beside_noise, np.random.default_rng(0))
    assert ndcg == pytest.approx(1.0)
    assert weights[1] > 0.8


def test_every_model_that_can_be_fitted_is_tried(selection, parts):
    assert set(selection.trials) == {name for name, kind in MODELS.items() if kind.trials(parts.fit)}
    assert selection.ndcg >= max(trial.ndcg for trial in selection.trials.values()) - 1e-6


def test_the_best_of_the_trials_stays(parts):
    kind = MODELS["item_neighbors"]
    search = Search(kind, parts.fit, parts.validation, seed=0)
    figures = []
    for _ in range(3):
        search.step()
        figures.append(search.best.ndcg)
    assert figures == sorted(figures)
    assert search.best.model.config in kind.trials(parts.fit)[:3]


class Counted(Popularity):
    """Popularity that notes what it was fitted with."""

    fitted: ClassVar[list[tuple[float | None, float]]] = []

    @classmethod
    def trials(cls, dataset):
        del dataset
        grid = product((5, 10, 20, 30, 60), (0.0, 0.5, 1.0))
        return [PopularityConfig(half_life_days=days, weight_power=power) for days, power in grid]

    @classmethod
    def fit(cls, dataset, config, *, rng):
        cls.fitted.append((config.half_life_days, config.weight_power))
        return super().fit(dataset, config, rng=rng)


def test_next_is_tried_what_changes_least_of_the_best(parts, monkeypatch):
    figures = iter([0.1, 0.2, 0.3, 0.1, 0.4, 0.1])

    class Figure:
        def figures(self, k):
            return {f"ndcg@{k}": next(figures)}

    monkeypatch.setattr("recommender.selection.measure", lambda *_: Figure())
    search = Search(Counted, parts.fit, parts.validation, seed=0)
    for _ in range(6):
        search.step()
    assert Counted.fitted == [(5, 0.0), (5, 0.5), (5, 1.0), (10, 1.0), (20, 1.0), (20, 0.0)]


def test_where_there_are_no_more_configurations_nothing_changes(parts):
    search = Search(MODELS["popularity"], parts.fit, parts.validation, seed=0)
    search.step()
    before = search.best
    search.step()
    assert search.best is before


def test_without_time_every_model_is_tried_once(parts):
    tried = []
    nothing_left = Budget(1e-9)
    tune(parts.fit, parts.validation, 3, 0, nothing_left, lambda _, text: tried.append(text))
    assert len(tried) == 3 * len(MODELS)
    short = select(parts.fit, parts.validation, trials=3, seed=0, budget_seconds=1e-9)
    assert {name: trial.model.config for name, trial in short.trials.items()} == {
        name: MODELS[name].trials(parts.fit)[0] for name in short.trials
    }


def test_a_budget_is_above_zero():
    with pytest.raises(BadRequestError, match="above 0 seconds, got 0"):
        Budget(0)


def test_progress_never_goes_back(parts):
    shares = []
    select(parts.fit, parts.validation, trials=2, seed=0, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_the_trees_are_chosen_where_they_help_and_answer_with_the_refitted_models():
    parts = walks()
    chosen = select(parts.fit, parts.validation, trials=1, seed=0)
    assert (chosen.trees is None) == (chosen.reranker(parts.fit) is None)
    assert chosen.queries == len(parts.validation)


def test_the_same_seed_chooses_the_same(parts, selection):
    again = select(parts.fit, parts.validation, trials=2, seed=0)
    assert dict(again.weights) == dict(selection.weights)
    assert again.ndcg == selection.ndcg


def test_refitting_keeps_the_chosen_configurations(parts, selection):
    models = selection.refit(parts.fit, seed=0)
    assert {name: model.config for name, model in models.items()} == {
        name: trial.model.config for name, trial in selection.trials.items()
    }
    blend = selection.blend(models)
    assert set(blend.members) == {name for name, weight in selection.weights.items() if weight > 0}


def test_without_validation_the_given_weights_stand(parts):
    prior = unmeasured(parts.fit, {"popularity": 0.1, "item_neighbors": 1.0}, seed=0)
    assert prior.ndcg is None
    assert set(prior.blend({name: trial.model for name, trial in prior.trials.items()}).members) == set(prior.weights)

"""What every model owes its callers. Models are found by reflection: a new one cannot dodge this file."""

import importlib
import inspect
import pkgutil
from dataclasses import replace

import numpy as np
import pytest

import recommender.models
from recommender.dataset import Dataset, Histories
from recommender.errors import BadRequestError
from recommender.ids import IdMap
from recommender.models import MODELS
from recommender.models.base import AnyModel, Lists, Model
from tests.recommender.toy import LEFT, N_ITEMS, RIGHT, featured


def every_model() -> list[type[AnyModel]]:
    modules = [
        importlib.import_module(f"recommender.models.{found.name}")
        for found in pkgutil.iter_modules(recommender.models.__path__)
    ]
    classes = {kind for module in modules for _, kind in inspect.getmembers(module, inspect.isclass)}
    return sorted(
        (
            kind
            for kind in classes
            if issubclass(kind, Model) and not inspect.isabstract(kind) and hasattr(kind, "name")
        ),
        key=lambda kind: kind.name,
    )


@pytest.fixture(params=every_model(), ids=lambda kind: kind.name)
def kind(request) -> type[AnyModel]:
    return request.param


@pytest.fixture
def dataset():
    return featured()


@pytest.fixture
def model(kind, dataset):
    return kind.fit(dataset, small(kind), rng=np.random.default_rng(0))


def small(kind):
    return kind.Config(embedding_size=8) if "embedding_size" in kind.Config.model_fields else kind.Config()


QUERIES = Histories.from_lists([[0], [3, 4], [], [5, 1, 0]])


def test_every_model_is_registered(kind):
    assert MODELS[kind.name] is kind


def test_scores_cover_the_whole_catalogue_for_each_history(model):
    scores = model.scores(QUERIES)
    assert scores.shape == (4, N_ITEMS + 1)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_scores_of_some_items_are_those_columns(model):
    picked = np.array([5, 2], dtype=np.int32)
    np.testing.assert_array_equal(model.scores(QUERIES, picked), model.scores(QUERIES)[:, picked])


def test_a_batch_gives_what_single_queries_give(model):
    batch = model.scores(QUERIES)
    for row in range(len(QUERIES)):
        np.testing.assert_allclose(model.scores(QUERIES.block(row, row + 1))[0], batch[row], atol=1e-5)


def test_top_sorts_by_score_and_breaks_ties_by_id(model):
    scores = model.scores(QUERIES)
    for row, top in enumerate(model.top(QUERIES, N_ITEMS + 1)):
        expected = sorted(range(N_ITEMS + 1), key=lambda item: (-scores[row, item], item))
        assert top.tolist() == expected


def test_top_returns_eligible_items_only_and_all_of_them_if_asked(model):
    eligible = np.array([True, False, True, False, False, True, False])
    for top in model.top(QUERIES, 100, eligible):
        assert sorted(top.tolist()) == [0, 2, 5]


def test_the_same_seed_gives_the_same_model(kind, dataset):
    first, second = (kind.fit(dataset, small(kind), rng=np.random.default_rng(3)) for _ in range(2))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name])


def test_a_model_comes_back_from_its_arrays(kind, model):
    again = kind.from_arrays(model.config, dict(model.arrays()), model.n_items)
    np.testing.assert_array_equal(again.scores(QUERIES), model.scores(QUERIES))


def test_a_model_without_a_shopper_is_one_of_the_others_or_none_at_all(kind, model, dataset):
    left = model.without(dataset.histories.block(0, 1), dataset.as_of)
    if left is None:
        return
    others = replace(
        dataset,
        histories=dataset.histories.block(1, len(dataset.histories)),
        interactions=dataset.interactions[1:],
        last_at=dataset.last_at[dataset.interactions.indptr[1] :],
    )
    fitted = kind.fit(others, small(kind), rng=np.random.default_rng(0))
    np.testing.assert_allclose(left.scores(QUERIES), fitted.scores(QUERIES), rtol=1e-5)


def test_a_refreshed_model_knows_the_new_shoppers_and_items_and_keeps_its_configuration(kind, dataset):
    """The model of before knew half of the shoppers, and the items in another place."""
    fewer = IdMap.from_ids(dataset.items.ids(range(1, dataset.n_items)))
    histories = dataset.histories.block(0, 20).keep(dataset.histories.block(0, 20).items > 0)
    before = Dataset.from_histories(replace(histories, items=histories.items - 1), fewer)
    model = kind.fit(before, small(kind), rng=np.random.default_rng(0))
    places = before.items.find(dataset.items.ids(range(dataset.n_items)))
    after = model.refreshed(dataset, places, rng=np.random.default_rng(0))
    fitted = kind.fit(dataset, small(kind), rng=np.random.default_rng(0))
    assert after.config == model.config
    expected, found = fitted.scores(QUERIES), after.scores(QUERIES)
    assert found.shape == expected.shape
    for row, top in enumerate(fitted.top(QUERIES, 3)[:2]):
        assert set(after.top(QUERIES.block(row, row + 1), 3)[0]) == set(top)


@pytest.mark.parametrize(
    "kind", [one for one in every_model() if "weight_power" in one.Config.model_fields], indirect=True
)
def test_at_a_power_of_zero_every_kind_of_event_is_worth_the_same(kind, dataset):
    config = small(kind).model_copy(update={"weight_power": 0.0})
    worth = np.where(np.arange(len(dataset.histories.items)) % 3, np.float32(0.1), np.float32(1.0))
    pairs = dataset.interactions.copy()
    pairs.data *= 0.3
    mixed = replace(dataset, histories=replace(dataset.histories, weights=worth), interactions=pairs)
    fitted, alike = (kind.fit(one, config, rng=np.random.default_rng(0)) for one in (mixed, dataset))
    asked = replace(QUERIES, weights=np.full(len(QUERIES.items), 0.1, np.float32))
    np.testing.assert_allclose(fitted.scores(asked), alike.scores(QUERIES), rtol=1e-5)


def test_a_config_refuses_a_misspelt_field(kind):
    with pytest.raises(ValueError, match="Extra inputs"):
        kind.Config(embeding_size=8)


def test_a_config_survives_a_round_trip(kind):
    config = small(kind)
    assert kind.Config.model_validate_json(config.model_dump_json()) == config


def test_trials_are_distinct_configurations(kind, dataset, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    trials = kind.trials(dataset)
    assert trials
    assert len({trial.model_dump_json() for trial in trials}) == len(trials)


def test_fitting_changes_nothing_in_the_dataset(kind, dataset):
    before = [dataset.histories.items.copy(), dataset.histories.times.copy(), dataset.interactions.data.copy()]
    kind.fit(dataset, small(kind), rng=np.random.default_rng(0)).scores(QUERIES)
    after = [dataset.histories.items, dataset.histories.times, dataset.interactions.data]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_an_item_outside_the_catalogue_is_refused(model):
    with pytest.raises(BadRequestError, match="item index 99 is outside"):
        model.scores(Histories.from_lists([[99]]))


def test_n_below_one_is_refused(model):
    with pytest.raises(BadRequestError, match="at least 1, got 0"):
        model.top(QUERIES, 0)


def test_contributions_are_one_number_per_item_and_event(model):
    assert model.contributions(QUERIES.block(3, 4), np.array([2, 0])).shape == (2, 3)


BEYOND_THE_BOARD = {"popularity", "repeat", "sequence"}
"""Two that do not relate items, and one that has too few shoppers here to know when to stop."""


@pytest.mark.parametrize("kind", [one for one in every_model() if one.name not in BEYOND_THE_BOARD], indirect=True)
def test_the_other_side_of_the_board_scores_lower(kind, model):
    left = model.scores(Histories.from_lists([[0]]))[0]
    assert left[[1, 2]].min() > left[RIGHT].max()
    right = model.scores(Histories.from_lists([[4]]))[0]
    assert right[[3, 5]].min() > right[LEFT].max()


def test_one_history_asked_about_some_items_gets_the_scores_of_the_whole_catalogue(model):
    picked = np.array([5, 2, 3], dtype=np.int32)
    for row in range(len(QUERIES)):
        query = QUERIES.block(row, row + 1)
        expected, scoring = model.scores(query)[0], model.ask(query)
        np.testing.assert_allclose(scoring.scores(picked), expected[picked], rtol=1e-4, atol=1e-5)
        assert scoring.spread == pytest.approx(expected.std(), rel=1e-4, abs=1e-5)


def test_estimates_are_within_a_fiftieth_of_a_standard_deviation_of_the_scores(model):
    everything = np.arange(N_ITEMS + 1, dtype=np.int32)
    for row in range(len(QUERIES)):
        scoring = model.ask(QUERIES.block(row, row + 1))
        estimates = np.ones(N_ITEMS + 1, dtype=np.float32)
        scoring.add_estimates(everything, 2.0, estimates)
        error = np.abs(estimates - (1 + 2 * scoring.scores(everything)))
        assert error.max() <= 0.04 * scoring.spread + 1e-5


def test_many_histories_asked_at_once_get_the_scores_of_each_on_one_scale(model):
    total = np.ones((len(QUERIES), N_ITEMS + 1), dtype=np.float32)
    spreads = model.ask_all(QUERIES).add_whole(2.0, total)
    scores = model.scores(QUERIES)
    np.testing.assert_allclose(spreads, scores.std(axis=1), rtol=1e-4, atol=1e-5)
    for row, spread in enumerate(spreads):
        expected = 2 * scores[row] / spread if spread > 0 else np.zeros(N_ITEMS + 1)
        np.testing.assert_allclose(total[row], 1 + expected, rtol=1e-3, atol=1e-4)


def test_many_histories_asked_at_once_are_told_what_each_is_told(model):
    listed = [[5, 2, 3], [], [0, 6], [1, 0]]
    lists = Lists(np.array([0, 3, 3, 5, 7]), np.concatenate(listed).astype(np.int32))
    scores, links = model.ask_all(QUERIES).told(lists, newest=2)
    assert links.shape == (7, 4)
    for row, own in enumerate(listed):
        items, scoring = np.array(own, dtype=np.int32), model.ask(QUERIES.block(row, row + 1))
        np.testing.assert_allclose(scores[lists.of(row)], scoring.scores(items), rtol=1e-4, atol=1e-5)
        added = scoring.contributions(items)
        if added.shape[1]:
            expected = [added.max(axis=1), added[:, -1], (added > 0).mean(axis=1)]
            np.testing.assert_allclose(links[lists.of(row)][:, [0, 1, 3]].T, expected, rtol=1e-4, atol=1e-5)
            before = added[:, -2] if added.shape[1] > 1 else np.full(len(items), np.nan)
            np.testing.assert_allclose(links[lists.of(row), 2], before, rtol=1e-4, atol=1e-5)
        else:
            assert not links[lists.of(row)].any()

"""Which of two blends is worse, asked the same questions that neither has seen the answers of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommender.artifacts import Artifacts, Manifest, Member
from recommender.dataset import Dataset, Histories
from recommender.evaluation.splits import LeaveOneOut, Split
from recommender.ids import IdMap
from recommender.jobs.comparison import Window, compare, recipe_of
from recommender.models import MODELS
from recommender.models.item_neighbors import ItemNeighbors
from recommender.reranking import ItemFacts, Reranker
from recommender.selection import Selection, Trial

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
TREES = object()
RING = IdMap.from_ids(f"{item:02d}" for item in range(30))


@pytest.fixture(scope="module")
def parts() -> LeaveOneOut:
    """Shoppers who walk along a ring of 30 items."""
    draw = np.random.default_rng(2)
    walks = [(draw.integers(30) + np.arange(6) + (draw.random(6) < 0.2)) % 30 for _ in range(200)]
    return LeaveOneOut.of(Histories.from_lists(walks), RING)


@pytest.fixture(scope="module")
def window(parts) -> Window:
    return Window(BEGINS, parts.fit, parts.validation)


def recipe(dataset, **weights: float) -> Selection:
    rng = np.random.default_rng(0)
    trials = {name: Trial(MODELS[name].fit(dataset, MODELS[name].Config(), rng=rng), 0.1) for name in weights}
    return Selection(trials, weights, 0.1, 100)


def artifacts(selection: Selection, items: IdMap, as_of: datetime) -> Artifacts:
    models = {name: trial.model for name, trial in selection.trials.items()}
    members = {
        name: Member(weight=selection.weights[name], config=model.config.model_dump(), ndcg=0.1)
        for name, model in models.items()
    }
    manifest = Manifest(
        version="before",
        created_at=as_of,
        first_event_at=as_of,
        as_of=as_of,
        seed=0,
        counts={},
        members=members,
        validation_ndcg=0.1,
        validation_queries=100,
        libraries={},
    )
    return Artifacts(manifest, items, models)


@pytest.fixture(scope="module")
def good(parts) -> Selection:
    return recipe(parts.fit, popularity=0.0, item_neighbors=1.0)


@pytest.fixture(scope="module")
def bad(parts) -> Selection:
    return recipe(parts.fit, popularity=1.0, item_neighbors=0.0)


AGES = {"as they are": timedelta(0), "refitted": timedelta(microseconds=1)}


@pytest.mark.parametrize("age", AGES.values(), ids=AGES)
def test_a_blend_is_worse_only_beside_a_better_one(good, bad, window, age):
    better, worse = (artifacts(one, RING, BEGINS + age) for one in (good, bad))
    down, up = compare(bad, better, window, 0), compare(good, worse, window, 0)
    assert down.is_worse
    assert not up.is_worse
    assert down.difference[0] <= down.new - down.in_use <= down.difference[1] < 0
    assert (up.new, up.in_use) == (down.in_use, down.new)
    assert down.questions == len(window.questions)
    assert down.refitted == (age > timedelta(0))


def test_a_difference_within_noise_is_not_worse(good, window, parts):
    close = recipe(parts.fit, popularity=0.02, item_neighbors=0.98)
    outcomes = [compare(new, artifacts(old, RING, BEGINS), window, 0) for new, old in ((good, close), (close, good))]
    assert not any(outcome.is_worse for outcome in outcomes)
    assert outcomes[0].new - outcomes[0].in_use == pytest.approx(outcomes[1].in_use - outcomes[1].new)


def test_artifacts_that_have_seen_the_answers_are_not_asked_as_they_are(good, window, parts):
    """Their models know the window's answers; their recipe gives on the early data what the new one gives."""
    knowing = recipe(Dataset.from_histories(parts.test.queries, RING), popularity=0.0, item_neighbors=1.0)
    assert compare(good, artifacts(knowing, RING, BEGINS + timedelta(days=1)), window, 0).difference == (0.0, 0.0)


def test_only_configurations_that_differ_are_fitted_again(good, window, parts, monkeypatch):
    other = ItemNeighbors.Config(damping=0.3)
    changed = Trial(ItemNeighbors.fit(parts.fit, other, rng=np.random.default_rng(0)), 0.1)
    fitted = []
    fit = ItemNeighbors.fit.__func__

    def counted(cls, dataset, config, *, rng):
        fitted.append(config)
        return fit(cls, dataset, config, rng=rng)

    monkeypatch.setattr(ItemNeighbors, "fit", classmethod(counted))
    compare(good, artifacts(good, RING, BEGINS + timedelta(days=1)), window, 0)
    assert fitted == []
    tuned = replace(good, trials={**good.trials, "item_neighbors": changed})
    compare(good, artifacts(tuned, RING, BEGINS + timedelta(days=1)), window, 0)
    assert fitted == [other]


def shifted(histories: Histories) -> Histories:
    return replace(histories, items=histories.items + 1)


def test_artifacts_of_another_catalogue_rank_what_they_do_not_know_last(good, window, parts):
    """The ids of today begin with an item that the artifacts never heard of, so that every index has moved."""
    moved = IdMap.from_ids(["!new", *RING.ids(range(30))])
    early = Dataset.from_histories(shifted(parts.fit.histories), moved)
    questions = Split(*(shifted(one) for one in vars(window.questions).values()))
    new = recipe(early, popularity=0.0, item_neighbors=1.0)
    outcome = compare(new, artifacts(good, RING, BEGINS), Window(BEGINS, early, questions), 0)
    assert outcome.in_use == pytest.approx(outcome.new, abs=1e-6)


def test_the_recipe_of_artifacts_is_what_they_were_made_with(good):
    found = recipe_of(artifacts(good, RING, BEGINS))
    assert found.weights == good.weights
    assert {name: trial.model.config for name, trial in found.trials.items()} == {
        name: trial.model.config for name, trial in good.trials.items()
    }


def test_trees_are_part_of_the_recipe_and_of_no_comparison(good, bad, window, parts):
    """Trees know a window's answers: these, whose very asking would fail, are not asked."""
    plain = artifacts(good, RING, BEGINS)
    reranked = Artifacts(plain.manifest, RING, plain.models, None, Reranker(TREES, ItemFacts.of(parts.fit)))
    assert recipe_of(reranked).trees is TREES
    assert compare(bad, reranked, window, 0) == compare(bad, plain, window, 0)
    assert compare(replace(bad, trees=TREES), plain, window, 0) == compare(bad, plain, window, 0)

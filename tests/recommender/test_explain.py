from dataclasses import replace

import numpy as np
import pytest

from recommender.blend import Blend
from recommender.dataset import Histories
from recommender.explain import POPULAR, Deed, influences, reasons
from recommender.models import MODELS
from recommender.ranking import Ranker
from recommender.reranking import ItemFacts, Reranker
from schemas import EventKind, ReasonKind
from tests.recommender.second_stage import forgetful_blend, grow_on, walks
from tests.recommender.test_shop import NOW
from tests.recommender.toy import featured

ITEMS = np.array([1, 4], dtype=np.int32)


@pytest.fixture(scope="module")
def models():
    dataset = featured()
    return {
        name: kind.fit(dataset, config, rng=np.random.default_rng(0))
        for name, kind in MODELS.items()
        for config in kind.trials(dataset)[:1]
    }


def deeds(*items: int) -> tuple[Deed, ...]:
    return tuple(Deed(f"item-{item}", f"Item {item}", EventKind.VIEW, NOW) for item in items)


def blend(models, **weights: float) -> Blend:
    return Blend({name: models[name] for name in weights}, weights)


def test_the_parts_add_up_to_the_score_where_every_model_can_say(models):
    query = Histories.from_lists([[0, 5, 2]])
    mixed = blend(models, popularity=0.4, item_neighbors=1.0, als=0.7, linear=0.3)
    parts = mixed.ask(query).parts(ITEMS)
    np.testing.assert_allclose(parts.history.sum(axis=1) + parts.popularity, parts.total, atol=1e-3)
    np.testing.assert_allclose(parts.total, mixed.scores(query)[0, ITEMS], atol=1e-4)


def test_the_history_item_of_the_same_side_is_the_reason(models):
    query = Histories.from_lists([[0, 5]])
    for left, right in [reasons(blend(models, item_neighbors=1.0, als=1.0).ask(query), deeds(0, 5), ITEMS)]:
        assert left[0].item_id == "item-0"
        assert right[0].item_id == "item-5"


def test_shares_are_of_the_whole_score(models):
    query = Histories.from_lists([[0, 5]])
    for found in reasons(blend(models, popularity=1.0, als=0.05).ask(query), deeds(0, 5), ITEMS):
        assert found[0].kind is ReasonKind.POPULAR
        assert sum(reason.contribution for reason in found) <= 1.0 + 1e-6


def test_deleting_the_named_item_lowers_the_score(models):
    mixed = blend(models, item_neighbors=1.0, als=1.0, linear=0.5)
    (found, _) = reasons(mixed.ask(Histories.from_lists([[0, 5]])), deeds(0, 5), ITEMS)
    assert found[0].item_id == "item-0"
    item_neighbors = models["item_neighbors"]
    with_it, without_it = (item_neighbors.scores(Histories.from_lists([items]))[0, 1] for items in ([0, 5], [5]))
    assert without_it < with_it


@pytest.mark.parametrize(("with_trees", "share"), [(False, 0.98), (True, 0.9)])
def test_the_final_score_falls_without_the_item_that_the_reason_names(ranker, with_trees, share):
    ranker = ranker if with_trees else replace(ranker, reranker=None)
    fell, asked = [], walks().test.queries
    for row in range(60):
        query = asked.block(row, row + 1)
        eligible = np.ones(ranker.popularity.n_items, dtype=np.bool_)
        eligible[query.items] = False
        best = ranker.rank(query, eligible, 5).items
        for item, (first, *_) in zip(best, reasons(ranker.blend.ask(query), deeds(*query.items), best), strict=True):
            others = query.keep(np.array([f"item-{one}" != first.item_id for one in query.items]))
            fell.append(ranker.score(others, int(item)) < ranker.score(query, int(item)))
    assert len(fell) == 300
    assert np.mean(fell) >= share


def test_without_deeds_the_reason_is_popularity(models):
    assert reasons(blend(models, als=1.0).ask(Histories.from_lists([[]])), (), ITEMS) == [(POPULAR,)] * 2


@pytest.fixture(scope="module")
def ranker():
    parts = walks()
    blend = forgetful_blend(parts.fit)
    return Ranker(blend, blend.members["als"], Reranker(grow_on(parts, blend).trees, ItemFacts.of(parts.fit)))


@pytest.mark.parametrize("history", [[3, 4, 5], [20, 7, 41, 7], [59, 0]])
def test_an_influence_is_the_score_that_the_shopper_would_have_without_the_item(ranker, history):
    everything = np.ones(ranker.blend.members["als"].n_items, dtype=np.bool_)
    query = Histories.from_lists([history])
    best = ranker.rank(query, everything, 1)
    score, found = influences(ranker, query, deeds(*history), int(best.items[0]))
    assert score == pytest.approx(best.scores[0], abs=1e-5)
    assert {one.item_id for one in found} == {f"item-{item}" for item in history}
    for one in found:
        left = Histories.from_lists([[item for item in history if f"item-{item}" != one.item_id]])
        assert one.score_without == pytest.approx(ranker.score(left, int(best.items[0])), abs=1e-5)


def test_the_item_that_the_next_one_follows_is_missed_most(ranker):
    history = [40, 12, 3]
    score, found = influences(ranker, Histories.from_lists([history]), deeds(*history), 4)
    assert found[0].item_id == "item-3"
    assert found[0].score_without < score


def test_of_a_shopper_without_a_history_nothing_moves_the_score(ranker):
    _, found = influences(ranker, Histories.from_lists([[]]), (), 4)
    assert found == []

"""Catalogues too large to be scored whole: the order is that of brute force, nearly always, and never short."""

import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.blend import Blend
from recommender.bulk_ranking import rank_all
from recommender.dataset import Histories
from recommender.ranking import CANDIDATES, EXACT_ITEMS, Ranker, Retrieved, Scored
from recommender.reranking import ItemFacts, Reranker
from recommender.shop import Shop
from schemas import Boost, Constraints, Diversity, Filter, Money, Promotion, Rules
from tests.benchmarks import synthetic
from tests.benchmarks.synthetic import World
from tests.recommender.second_stage import N_ITEMS, forgetful_blend, grow_on, walks

LARGE = 30_000


@pytest.fixture(scope="module")
def large():
    world = World.of(LARGE, np.random.default_rng(0))
    made = synthetic.artifacts(world, np.random.default_rng(1))
    return world, Ranker(made.blend, made.models["popularity"], made.reranker)


@pytest.fixture(scope="module", params=[False, True], ids=["blend", "trees"])
def ranker(request, large):
    return Ranker(large[1].blend, large[1].popularity, large[1].reranker if request.param else None)


def by_brute_force(ranker, query, eligible, k):
    return Scored(ranker.scores(ranker.blend.ask(query), eligible)).best(eligible, k)


@pytest.mark.parametrize("selectivity", [1, 0.1, 0.01, 0.001])
def test_the_ten_best_are_those_of_brute_force(large, ranker, selectivity):
    assert LARGE > EXACT_ITEMS
    draw = np.random.default_rng(2)
    queries, overlaps = large[0].histories(15, draw), []
    for row in range(15):
        query, eligible = queries.block(row, row + 1), draw.random(LARGE) < selectivity
        found, expected = ranker.rank(query, eligible, 10), by_brute_force(ranker, query, eligible, 10)
        overlaps.append(len(set(found.items.tolist()) & set(expected.items.tolist())) / 10)
        assert len(found.items) == 10
        assert eligible[found.items].all()
        assert (np.diff(found.scores) <= 0).all()
    assert np.mean(overlaps) >= 0.99


@pytest.mark.parametrize("k", [5, CANDIDATES, CANDIDATES + 1, 700, 4_000])
def test_a_list_is_short_only_where_fewer_are_eligible(large, ranker, k):
    draw = np.random.default_rng(3)
    query = large[0].histories(1, draw)
    for n_eligible in (0, 3, 600, 3_000):
        eligible = np.zeros(LARGE, dtype=np.bool_)
        eligible[draw.choice(LARGE, n_eligible, replace=False)] = True
        found = ranker.rank(query, eligible, k)
        assert len(set(found.items.tolist())) == len(found.items) == min(k, n_eligible)
        assert eligible[found.items].all()


def test_what_is_asked_for_later_follows_what_came_first(large, ranker):
    query, everything = large[0].histories(1, np.random.default_rng(4)), np.ones(LARGE, dtype=np.bool_)
    order = ranker.order(ranker.blend.ask(query), everything)
    assert isinstance(order, Retrieved)
    first = order.best(everything, 300)
    left = everything.copy()
    left[first.items] = False
    further = order.best(left, 50)
    whole = order.best(everything, 350)
    np.testing.assert_array_equal(np.concatenate([first.items, further.items]), whole.items)
    np.testing.assert_array_equal(np.concatenate([first.scores, further.scores]), whole.scores)


def test_a_batch_gives_what_single_histories_give(large, ranker, monkeypatch):
    monkeypatch.setattr("recommender.bulk_ranking.BATCH_SCORES", 4 * LARGE)
    draw = np.random.default_rng(5)
    queries = large[0].histories(10, draw)
    queries = queries.keep(queries.rows != 3)
    eligible = draw.random(LARGE) < 0.5
    for row, found in enumerate(rank_all(ranker, queries, queries, eligible, 10)):
        query, left = queries.block(row, row + 1), eligible.copy()
        left[query.items] = False
        expected = ranker.rank(query, left, 10)
        assert found.items.tolist() == expected.items.tolist()
        np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-4)


@pytest.fixture(scope="module")
def small():
    parts = walks()
    blend = forgetful_blend(parts.fit)
    return blend, Reranker(grow_on(parts, blend).trees, ItemFacts.of(parts.fit))


@settings(max_examples=100, deadline=None)
@given(
    history=st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6),
    eligible=st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS),
    k=st.integers(1, N_ITEMS + 5),
    candidates=st.integers(1, N_ITEMS),
    has_trees=st.booleans(),
)
def test_forced_on_a_small_catalogue_the_scores_are_those_of_brute_force(
    small, history, eligible, k, candidates, has_trees
):
    blend, trees = small
    ranker, mask = Ranker(blend, blend.members["als"], trees if has_trees else None), np.array(eligible)
    query = Histories.from_lists([history])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.ranking.CANDIDATES", candidates)
        expected = by_brute_force(ranker, query, mask, k)
        patch.setattr("recommender.ranking.EXACT_ITEMS", 0)
        found = ranker.rank(query, mask, k)
    assert len(found.items) == len(expected.items)
    np.testing.assert_allclose(found.scores, expected.scores, rtol=1e-4, atol=1e-4)


def test_a_blend_of_one_member_that_says_nothing_goes_by_item_id(large):
    world, ranker = large
    silent = Blend({"linear": ranker.blend.members["linear"]}, {"linear": 1.0})
    eligible = np.zeros(LARGE, dtype=np.bool_)
    query = world.histories(1, np.random.default_rng(6))
    untouched = np.flatnonzero(silent.scores(query)[0] == 0)[:2_000]
    eligible[untouched] = True
    assert Ranker(silent, ranker.popularity).rank(query, eligible, 5).items.tolist() == untouched[:5].tolist()


@pytest.fixture(scope="module")
def opened(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    shutil.copytree(built, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("photos"))
    with Shop.open(f"sqlite:///{folder / 'shop.db'}", folder / "artifacts", base_model="none") as shop:
        yield shop


ANYTHING = Constraints(in_stock=False, include_bought=True)
KITCHEN = Filter(category="Kitchen")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    user=st.sampled_from(["shopper-00001", "shopper-00007", "nobody", None]),
    price=st.integers(3, 120),
    k=st.integers(1, 130),
)
def test_a_shop_answers_the_same_either_way(opened, user, price, k):
    wanted = Constraints(max_price=Money(str(price), "GBP"))
    expected = opened.recommend(user, k, wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.ranking.EXACT_ITEMS", 0)
        found = opened.recommend(user, k, wanted)
    assert [item.item_id for item in found.items] == [item.item_id for item in expected.items]
    assert found.shortfall == expected.shortfall
    assert [item.reasons for item in found.items] == [item.reasons for item in expected.items]


@pytest.mark.parametrize(
    "rules",
    [
        Rules(boosts=(Boost(of=KITCHEN, by=1),)),
        Rules(promotion=Promotion(of=KITCHEN, at_least_percent=50)),
        Rules(diversity=Diversity(balance=0.7, per_brand=1)),
    ],
    ids=["boost", "promotion", "diversity"],
)
def test_rules_do_the_same_either_way(opened, rules, monkeypatch):
    expected = opened.recommend("shopper-00001", 8, ANYTHING, rules=rules)
    monkeypatch.setattr("recommender.ranking.EXACT_ITEMS", 0)
    found = opened.recommend("shopper-00001", 8, ANYTHING, rules=rules)
    assert [item.item_id for item in found.items] == [item.item_id for item in expected.items]
    assert found.effects.model_dump() == pytest.approx(expected.effects.model_dump(), abs=1e-4)

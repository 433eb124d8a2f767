"""The second stage: what the trees are told, and what holds whatever they learned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dataset import Dataset, Histories
from recommender.evaluation.protocol import measure_all
from recommender.models.base import top_n
from recommender.ranking import Ranker, ordered_again, scores_of
from recommender.reranking import CANDIDATES, ItemFacts, Reranker, feature_names, features
from tests.recommender.second_stage import N_ITEMS, forgetful_blend, grow_on, walks
from tests.recommender.toy import items


@pytest.fixture(scope="module")
def parts():
    return walks()


@pytest.fixture(scope="module")
def blend(parts):
    return forgetful_blend(parts.fit)


@pytest.fixture(scope="module")
def reranker(parts, blend):
    return Reranker(grow_on(parts, blend).trees, ItemFacts.of(parts.fit))


def scores(blend, query):
    return {name: one[0] for name, one in blend.standardised(query).items()}


def told(blend, facts, history):
    query = Histories.from_lists([history])
    found = features(blend.ask(query), facts, scores(blend, query), np.arange(N_ITEMS, dtype=np.int32))
    return dict(zip(feature_names(blend), found.T, strict=True))


def test_facts_of_items_count_events_and_how_late_they_come():
    facts = ItemFacts.of(Dataset.from_histories(Histories.from_lists([[0, 1], [1], [2, 1]]), items()))
    np.testing.assert_allclose(np.expm1(facts.popularity) * 5 / 6, [1, 3, 1, 0, 0, 0], rtol=1e-5)
    np.testing.assert_allclose(facts.lateness, [0.5, 1.0, 0.5, 0, 0, 0])


def test_the_trees_are_told_each_members_score_and_its_links_from_the_history(blend, reranker):
    columns = told(blend, reranker.facts, [3, 9, 4])
    query = Histories.from_lists([[3, 9, 4]])
    np.testing.assert_array_equal(columns["blend"], blend.scores(query)[0])
    links = blend.members["item_neighbors"].contributions(query, np.arange(N_ITEMS, dtype=np.int32))
    np.testing.assert_array_equal(columns["item_neighbors: newest 1"], links[:, 2])
    np.testing.assert_array_equal(columns["item_neighbors: newest 3"], links[:, 0])
    np.testing.assert_array_equal(columns["item_neighbors: strongest"], links.max(axis=1))
    np.testing.assert_allclose(columns["item_neighbors: share"], (links > 0).mean(axis=1))
    assert set(columns["events"]) == {3.0}


def test_what_a_short_history_lacks_is_missing_and_not_zero(blend, reranker):
    columns = told(blend, reranker.facts, [3])
    assert np.isnan(columns["als: newest 2"]).all()
    assert not np.isnan(columns["als: newest 1"]).any()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6), st.integers(0, N_ITEMS - 1), st.data())
def test_more_that_speaks_for_an_item_never_lowers_its_score(blend, reranker, history, item, data):
    columns = told(blend, reranker.facts, history)
    before = np.array([column[item] for column in columns.values()])
    raised = data.draw(st.sampled_from([name for name in columns if name == "blend" or ":" in name]))
    after = before.copy()
    after[list(columns).index(raised)] += data.draw(st.floats(0.01, 3))
    low, high = reranker.trees.predict(np.stack([before, after]), raw_score=True)
    assert high >= low


def test_what_is_saved_scores_the_same(blend, reranker):
    again = Reranker.from_arrays(reranker.arrays())
    query, everything = Histories.from_lists([[3, 9, 4]]), np.arange(N_ITEMS, dtype=np.int32)
    given = (blend.ask(query), scores(blend, query), everything)
    np.testing.assert_array_equal(again.scores(*given), reranker.scores(*given))


def test_on_shoppers_nobody_looked_at_the_trees_rank_better_than_the_blend(parts, blend, reranker):
    def scores(block):
        members = blend.standardised(block.queries)
        return {"blend": blend.sum(members), "trees": scores_of(blend, reranker, block, members)}

    ndcg = {name: one.figures(10)["ndcg@10"] for name, one in measure_all(scores, parts.test).items()}
    assert ndcg["trees"] > 1.1 * ndcg["blend"]


@settings(max_examples=60, deadline=None)
@given(
    history=st.lists(st.integers(0, N_ITEMS - 1), min_size=1, max_size=6),
    eligible=st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS),
    k=st.integers(1, N_ITEMS + 5),
    candidates=st.integers(1, N_ITEMS),
)
def test_the_blends_best_eligible_come_in_the_order_of_the_trees_and_the_others_behind(
    blend, reranker, history, eligible, k, candidates
):
    query, mask = Histories.from_lists([history]), np.array(eligible)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recommender.ranking.CANDIDATES", candidates)
        ranked = Ranker(blend, blend.members["als"], reranker).rank(query, mask, k)
    total = blend.scores(query)[0]
    by_blend = sorted(np.flatnonzero(mask), key=lambda item: (-total[item], item))
    first = np.array(by_blend[:candidates], dtype=np.int32)
    told = {name: one[first] for name, one in scores(blend, query).items()}
    again = reranker.scores(blend.ask(query), told, first) if len(first) else []
    expected = [item for _, item in sorted(zip(-np.array(again), first, strict=True))] + by_blend[candidates:]
    assert ranked.items.tolist() == expected[:k]
    assert (np.diff(ranked.scores) <= 0).all()


def test_where_nothing_is_eligible_nothing_is_ranked(blend, reranker):
    query, nothing = Histories.from_lists([[3]]), np.zeros(N_ITEMS, dtype=np.bool_)
    total = ordered_again(blend.ask(query), reranker, scores(blend, query), nothing)
    assert top_n(total, nothing, CANDIDATES).tolist() == []


def test_a_search_keeps_the_blends_scores(blend, reranker):
    query, everything = Histories.from_lists([[3, 9]]), np.ones(N_ITEMS, dtype=np.bool_)
    content = np.zeros(N_ITEMS, dtype=np.float32)
    with_trees = Ranker(blend, blend.members["als"], reranker).rank(query, everything, 10, content=content)
    without = Ranker(blend, blend.members["als"]).rank(query, everything, 10, content=content)
    assert with_trees.items.tolist() == without.items.tolist()

"""Exactness: what is ranked equals sorting the whole catalogue by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.blend import Blend, standardise
from recommender.catalog import CatalogColumns
from recommender.dataset import Dataset, Histories
from recommender.models.item_neighbors import ItemNeighbors, ItemNeighborsConfig
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.ranking import Ranker
from schemas import Constraints, Money
from tests.recommender.catalogs import random_catalog

N_ITEMS = 40


@pytest.fixture(scope="module")
def ranker():
    draw = np.random.default_rng(1)
    histories = Histories.from_lists([draw.choice(N_ITEMS, draw.integers(2, 8), replace=False) for _ in range(80)])
    dataset = Dataset.from_histories(histories, random_catalog(0, N_ITEMS)[1])
    members = {
        "popularity": Popularity.fit(dataset, PopularityConfig(), rng=draw),
        "item_neighbors": ItemNeighbors.fit(dataset, ItemNeighborsConfig(), rng=draw),
    }
    return Ranker(Blend(members, {"popularity": 0.2, "item_neighbors": 1.0}), members["popularity"])


def constraints():
    price = st.one_of(st.none(), st.integers(1, 30).map(lambda pounds: Money(str(pounds), "GBP")))
    return st.builds(
        Constraints,
        max_price=price,
        in_stock=st.booleans(),
        category=st.sampled_from([(), ("Mugs",), ("Lamps", "Bags"), ("Nothing",)]),
        attributes=st.sampled_from([{}, {"color": ("red",)}]),
        without=st.sampled_from([{}, {"color": ("blue",)}, {"category": ("Bags",)}]),
    )


def allowed(row, wanted):
    """The constraints once more, told row by row."""
    return (
        (not wanted.in_stock or row["availability"] == "in_stock")
        and (wanted.max_price is None or row["price"] <= wanted.max_price.amount)
        and (not wanted.category or bool(set(wanted.category) & set(row["category"])))
        and all(set(values) & set(row["attributes"][name]) for name, values in wanted.attributes.items())
        and not any(
            set(values) & set(row["category"] if name == "category" else row["attributes"][name])
            for name, values in wanted.without.items()
        )
    )


@settings(max_examples=150, deadline=None)
@given(
    wanted=constraints(),
    seed=st.integers(0, 50),
    history=st.lists(st.integers(0, N_ITEMS - 1), max_size=6),
    k=st.integers(1, N_ITEMS + 5),
)
def test_top_k_under_constraints_equals_brute_force(ranker, wanted, seed, history, k):
    catalog, items = random_catalog(seed, N_ITEMS)
    columns = CatalogColumns(catalog, items)
    query = Histories.from_lists([history])
    ranked = ranker.rank(query, columns.items_of(columns.satisfying(wanted)), k)

    scorer = ranker.blend if history else ranker.popularity
    scores = scorer.scores(query)[0]
    eligible = {row["item_id"] for row in catalog.to_dict("records") if allowed(row, wanted)}
    expected = sorted(eligible, key=lambda item: (-scores[items.index(item)], item))[:k]
    assert items.ids(ranked.items) == expected
    assert (len(ranked.items) < k) == (len(eligible) < k)


def similarities():
    return st.lists(st.floats(-4, 4, width=32), min_size=N_ITEMS, max_size=N_ITEMS)


@settings(max_examples=150, deadline=None)
@given(
    content=similarities(),
    eligible=st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS),
    history=st.lists(st.integers(0, N_ITEMS - 1), max_size=6),
    k=st.integers(1, N_ITEMS + 5),
)
def test_top_k_with_content_equals_brute_force(ranker, content, eligible, history, k):
    scores = np.array(content, dtype=np.float32)
    query = Histories.from_lists([history])
    ranked = ranker.rank(query, np.array(eligible), k, content=scores)

    behaviour = (ranker.blend if history else ranker.popularity).scores(query)
    total = standardise(behaviour)[0] + scores
    expected = sorted(np.flatnonzero(eligible), key=lambda item: (-total[item], item))[:k]
    assert ranked.items.tolist() == expected
    np.testing.assert_array_equal(ranked.scores, total[expected])


@settings(max_examples=50, deadline=None)
@given(
    content=similarities(), item=st.integers(0, N_ITEMS - 1), history=st.lists(st.integers(0, N_ITEMS - 1), max_size=3)
)
def test_more_similar_is_never_ranked_lower(ranker, content, item, history):
    everything = np.ones(N_ITEMS, dtype=np.bool_)
    query = Histories.from_lists([history])
    before = np.array(content, dtype=np.float32)
    after = before.copy()
    after[item] += 1
    places = [
        ranker.rank(query, everything, N_ITEMS, content=scores).items.tolist().index(item) for scores in (before, after)
    ]
    assert places[1] <= places[0]


def test_without_personalisation_everybody_gets_the_same(ranker):
    everything = np.ones(N_ITEMS, dtype=np.bool_)
    one, other = (
        ranker.rank(Histories.from_lists([history]), everything, 10, personalize=False) for history in ([3], [17, 20])
    )
    assert one.items.tolist() == other.items.tolist()


def test_the_blend_puts_every_member_on_one_scale():
    scores = np.array([[0.0, 2.0, 4.0], [7.0, 7.0, 7.0]], dtype=np.float32)
    scaled = standardise(scores)
    assert scaled[0].std() == pytest.approx(1.0)
    assert scaled[1].tolist() == [0.0, 0.0, 0.0]
    np.testing.assert_allclose(standardise(scores * 1000), scaled, rtol=1e-6)

"""Many histories at once are ranked as each by itself, and as brute force over the whole catalogue ranks it."""

import numpy as np
import pytest
import scipy.sparse as sp
from lightgbm import Booster

from recommender.blend import Blend
from recommender.bulk_ranking import rank_all
from recommender.dataset import Histories
from recommender.highest import highest
from recommender.models.linear import Linear, LinearConfig
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.models.repeat import Repeat, RepeatConfig
from recommender.ranking import Ranker, Scored
from recommender.reranking import ItemFacts, Reranker, feature_names, grow
from tests.recommender.second_stage import N_ITEMS, forgetful_blend, walks

ROUNDS = 12
ASKED = 25


@pytest.fixture(scope="module")
def fitted():
    parts = walks()
    blend = forgetful_blend(parts.fit)
    popularity = Popularity.fit(parts.fit, PopularityConfig(), rng=np.random.default_rng(0))
    reranker = Reranker(grown_at_random(blend), ItemFacts.of(parts.fit))
    repeat = Repeat.fit(parts.fit, RepeatConfig(), rng=np.random.default_rng(0))
    members = {**blend.members, "popularity": popularity, "repeat": repeat}
    mixed = Blend(members, {**blend.weights, "popularity": 0.2, "repeat": 0.4})
    return {"trees": Ranker(blend, popularity, reranker), "blend": Ranker(mixed, popularity)}


def grown_at_random(blend: Blend) -> Booster:
    draw = np.random.default_rng(1)
    told = draw.standard_normal((2_000, len(feature_names(blend))), dtype=np.float32)
    return grow(told, told[:, :4].sum(axis=1) + draw.standard_normal(len(told)) > 2, blend, 0)


def drawn(draw: np.random.Generator, n_items: int) -> tuple[Histories, Histories, np.ndarray]:
    """Histories, some of them empty or with an item twice; what each knows; what is eligible, seldom much."""
    asked = [draw.integers(n_items, size=draw.integers(0, 7)) for _ in range(ASKED)]
    known = [draw.integers(n_items, size=draw.integers(0, 5)) for _ in range(ASKED)]
    return Histories.from_lists(asked), Histories.from_lists(known), draw.random(n_items) < draw.choice([0.05, 0.5, 1])


def by_brute_force(ranker, query, eligible, n):
    return Scored(ranker.scores(ranker.blend.ask(query), eligible)).best(eligible, n)


@pytest.mark.parametrize("name", ["trees", "blend"])
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_lists_are_those_of_brute_force(fitted, name, seed, monkeypatch):
    draw, ranker = np.random.default_rng(seed), fitted[name]
    monkeypatch.setattr("recommender.ranking.CANDIDATES", candidates := int(draw.integers(1, N_ITEMS)))
    monkeypatch.setattr("recommender.bulk_ranking.CANDIDATES", candidates)
    monkeypatch.setattr("recommender.bulk_ranking.BATCH_SCORES", int(draw.integers(1, 4)) * N_ITEMS)
    (queries, known, eligible), n = drawn(draw, N_ITEMS), int(draw.integers(1, N_ITEMS + 5))
    found = list(rank_all(ranker, queries, known, eligible, n))
    assert len(found) == ASKED
    for row, ranked in enumerate(found):
        left = eligible.copy()
        left[known.items[known.of(row)]] = False
        expected = by_brute_force(ranker, queries.block(row, row + 1), left, n)
        assert ranked.items.tolist() == expected.items.tolist()
        np.testing.assert_allclose(ranked.scores, expected.scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_ties_go_by_item_id(seed):
    """Weights and counts are small powers of two, so that many sums are the same, and the same in any order."""
    draw, n_items = np.random.default_rng(seed), 500
    links = sp.random_array((n_items, n_items), density=0.02, rng=draw, dtype=np.float32).tocsr()
    links.data = (2.0 ** draw.integers(-2, 1, links.nnz)).astype(np.float32)
    popularity = Popularity(PopularityConfig(), draw.integers(0, 3, n_items).astype(np.float32))
    linear = Linear(LinearConfig(decay=1.0), sp.csr_matrix(links))
    for members in ({"linear": linear}, {"popularity": popularity}, {"linear": linear, "popularity": popularity}):
        ranker = Ranker(Blend(members, dict.fromkeys(members, 1.0)), popularity)
        queries, known, eligible = drawn(draw, n_items)
        for row, ranked in enumerate(rank_all(ranker, queries, known, eligible, 100)):
            left = eligible.copy()
            left[known.items[known.of(row)]] = False
            scores = dict(zip(ranked.items.tolist(), ranked.scores.tolist(), strict=True))
            assert list(scores) == sorted(scores, key=lambda item: (-scores[item], item))
            expected = by_brute_force(ranker, queries.block(row, row + 1), left, 100)
            assert list(scores) == expected.items.tolist()


@pytest.mark.parametrize("n", [1, 3, 40, 400, 1_000])
def test_the_highest_scores_are_those_of_a_sort(n):
    draw = np.random.default_rng(n)
    scores = draw.integers(-3, 4, (30, 1_000)).astype(np.float32) * np.float32(0.5)
    scores[draw.random(scores.shape) < draw.random((30, 1))] = -np.inf
    scores[0], scores[1] = -np.inf, np.float32(-0.0)
    items, found, counts = np.empty((30, n), np.int32), np.empty((30, n), np.float32), np.empty(30, np.int64)
    highest(scores, n, items, found, counts)
    for row, count in enumerate(counts):
        expected = np.lexsort((np.arange(1_000), -scores[row]))[: min(n, np.isfinite(scores[row]).sum())]
        assert items[row, :count].tolist() == expected.tolist()
        np.testing.assert_array_equal(found[row, :count], scores[row, expected])


def test_a_link_that_is_taken_back_by_another_leaves_nothing():
    links = sp.csr_matrix(np.array([[0, 0, 1.0], [0, 0, -1.0], [0, 0.5, 0]], dtype=np.float32))
    asked = Linear(LinearConfig(decay=1.0), links).ask_all(Histories.from_lists([[0, 1], [0, 1, 0], [2]]))
    total = np.zeros((3, 3), dtype=np.float32)
    np.testing.assert_allclose(asked.add_whole(1.0, total), [0, np.sqrt(2) / 3, np.sqrt(2) / 6], rtol=1e-6)
    np.testing.assert_allclose(total, [[0, 0, 0], [0, 0, 3 / np.sqrt(2)], [0, 3 / np.sqrt(2), 0]], rtol=1e-6)

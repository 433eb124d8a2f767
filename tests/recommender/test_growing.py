"""Trees are kept where they help on shoppers they were not grown on, and nowhere else."""

import numpy as np
import pytest

from recommender.blend import Blend
from recommender.dataset import Histories
from recommender.evaluation.metrics import RankMetrics
from recommender.evaluation.protocol import measure
from recommender.growing import BLOCK, gather, grown
from recommender.models.item_neighbors import ItemNeighbors, ItemNeighborsConfig
from recommender.reranking import CANDIDATES, ItemFacts
from tests.recommender.second_stage import N_ITEMS, forgetful_blend, grow_on, walks


@pytest.fixture(scope="module")
def parts():
    return walks()


@pytest.fixture(scope="module")
def blend(parts):
    return forgetful_blend(parts.fit)


def test_trees_that_help_are_kept_with_what_they_bring(parts, blend):
    found = grow_on(parts, blend)
    assert found.ndcg > 1.1 * found.blend_ndcg
    assert found.blend_ndcg == pytest.approx(measure(blend.scores, parts.validation).figures(10)["ndcg@10"], abs=1e-6)
    assert found.queries == len(parts.validation)


def test_where_the_next_item_is_a_matter_of_chance_there_are_no_trees():
    draw = np.random.default_rng(5)
    parts = walks()
    by_chance = parts.validation
    random = Histories(
        by_chance.truth.indptr,
        draw.integers(0, N_ITEMS, len(by_chance.truth.items)).astype(np.int32),
        by_chance.truth.times,
        by_chance.truth.weights,
    )
    split = type(by_chance)(by_chance.queries, random, by_chance.queries)
    assert grown(forgetful_blend(parts.fit), parts.fit, split, 0, lambda: True) is None


def test_where_too_few_took_anything_there_are_no_trees(blend, parts):
    few = parts.validation.block(0, 50)
    assert grown(blend, parts.fit, few, 0, lambda: True) is None


def test_the_same_seed_grows_the_same_trees(parts, blend):
    one, other = (grow_on(parts, blend).trees.model_to_string() for _ in range(2))
    assert one == other


def test_candidates_are_the_blends_best_without_what_is_known(parts, blend):
    split = parts.validation.block(0, 20)
    found = gather(blend, ItemFacts.of(parts.fit), split, lambda: True)
    assert np.diff(found.indptr).tolist() == [
        min(CANDIDATES, N_ITEMS - len(set(split.known.items[split.known.of(row)]))) for row in range(20)
    ]
    ndcg = found.ndcg(found.told[:, 0])
    measured = measure(blend.scores, split)
    np.testing.assert_allclose(ndcg, RankMetrics.at(10, measured.ranks, measured.rows, 20).ndcg, atol=1e-6)


def test_when_time_is_up_what_was_gathered_must_do(parts, blend):
    found = gather(blend, ItemFacts.of(parts.fit), parts.validation, lambda: False)
    assert len(found.ideal) == BLOCK


def test_one_member_is_a_blend_too(parts):
    member = ItemNeighbors.fit(parts.fit, ItemNeighborsConfig(decay=1.0), rng=np.random.default_rng(0))
    assert grow_on(parts, Blend({"item_neighbors": member}, {"item_neighbors": 1.0})) is not None

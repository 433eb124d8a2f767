import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.evaluation.metrics import RankMetrics, ranks_of


def test_ranks_count_from_zero():
    scores = np.array([[0.1, 0.9, 0.5]], dtype=np.float32)
    assert ranks_of(scores, np.array([0, 0, 0]), np.array([1, 2, 0])).tolist() == [0, 1, 2]


def test_a_tie_counts_against_the_model():
    scores = np.zeros((1, 4), dtype=np.float32)
    assert ranks_of(scores, np.array([0]), np.array([0])).tolist() == [3]


def test_a_perfect_list_scores_one():
    metrics = RankMetrics.at(10, np.array([0, 1, 2]), np.array([0, 0, 0]), 1)
    assert metrics.recall.tolist() == [1.0]
    assert metrics.ndcg == pytest.approx([1.0])


def test_queries_without_truth_are_left_out():
    assert len(RankMetrics.at(10, np.array([0]), np.array([1]), 3).ndcg) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_recall_ndcg_and_reciprocal_rank_equal_those_of_ir_measures(seed, k):
    draw = np.random.default_rng(seed)
    scores = draw.permuted(np.tile(np.arange(30, dtype=np.float32), (5, 1)), axis=1)
    truth = [draw.choice(30, draw.integers(1, 15), replace=False) for _ in range(5)]
    rows = np.repeat(np.arange(5), [len(one) for one in truth])
    ours = RankMetrics.at(k, ranks_of(scores, rows, np.concatenate(truth).astype(np.int32)), rows, 5)
    qrels = {f"q{row}": {f"d{item}": 1 for item in one} for row, one in enumerate(truth)}
    run = {f"q{row}": {f"d{item}": float(scores[row, item]) for item in range(30)} for row in range(5)}
    peer = ir_measures.calc_aggregate([ir_measures.R @ k, ir_measures.nDCG @ k, ir_measures.RR @ k], qrels, run)
    assert ours.recall.mean() == pytest.approx(peer[ir_measures.R @ k], abs=1e-6)
    assert ours.ndcg.mean() == pytest.approx(peer[ir_measures.nDCG @ k], abs=1e-6)
    assert ours.reciprocal_rank.mean() == pytest.approx(peer[ir_measures.RR @ k], abs=1e-6)

"""Measure a scorer on a split: the whole catalogue, block by block."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats, Histories
from recommender.evaluation.metrics import RankMetrics, ranks_of
from recommender.evaluation.splits import Split

Scorer = Callable[[Histories], Floats]
BLOCK = 512


@dataclass(frozen=True)
class Measured:
    """Ranks of all true items, and how much of the catalogue the top-k lists use."""

    ranks: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    n_queries: int
    coverage: float

    def at(self, k: int) -> RankMetrics:
        return RankMetrics.at(k, self.ranks, self.rows, self.n_queries)

    def figures(self, k: int) -> dict[str, float]:
        """Mean recall and NDCG at `k`, each in [0, 1]."""
        metrics = self.at(k)
        return {f"recall@{k}": float(metrics.recall.mean()), f"ndcg@{k}": float(metrics.ndcg.mean())}


def measure(score: Scorer, split: Split, k: int = 10) -> Measured:
    """Ranks of the true items of `split` under `score`; coverage is the share of items in any top-`k` list."""
    return measure_blocks(lambda block: score(block.queries), split, k)


def measure_blocks(score: Callable[[Split], Floats], split: Split, k: int = 10) -> Measured:
    """As `measure`, of a scorer that must know what is taken out of the ranking."""
    ranks, used, n_items = [], set[int](), 0
    for start in range(0, len(split), BLOCK):
        block = split.block(start, start + BLOCK)
        scores = block.take_out_known(score(block))
        n_items = scores.shape[1]
        ranks.append(ranks_of(scores, block.truth.rows, block.truth.items))
        best = np.argpartition(-scores, min(k, n_items) - 1, axis=1)[:, :k]
        used.update(np.unique(best[np.isfinite(np.take_along_axis(scores, best, axis=1))]).tolist())
    all_ranks = np.concatenate(ranks) if ranks else np.empty(0, np.int64)
    return Measured(all_ranks, split.truth.rows, len(split), len(used) / max(n_items, 1))

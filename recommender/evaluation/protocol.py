"""Measure scorers on a split: the whole catalogue, block by block."""

from collections.abc import Callable, Mapping
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
        """Mean recall, NDCG and reciprocal rank at `k`, each in [0, 1]."""
        metrics = self.at(k)
        return {
            f"recall@{k}": float(metrics.recall.mean()),
            f"ndcg@{k}": float(metrics.ndcg.mean()),
            f"mrr@{k}": float(metrics.reciprocal_rank.mean()),
        }


def measure(score: Scorer, split: Split, k: int = 10) -> Measured:
    """Ranks of the true items of `split` under `score`; coverage is the share of items in any top-`k` list."""
    return measure_all(lambda block: {"": score(block.queries)}, split, k)[""]


def measure_all(score: Callable[[Split], Mapping[str, Floats]], split: Split, k: int = 10) -> dict[str, Measured]:
    """As `measure`, of several scorers at once, by name; they are given what is taken out of the ranking too."""
    ranks: dict[str, list[npt.NDArray[np.int64]]] = {}
    used: dict[str, set[int]] = {}
    n_items = 0
    for start in range(0, len(split), BLOCK):
        block = split.block(start, start + BLOCK)
        for name, raw in score(block).items():
            scores = block.take_out_known(raw)
            n_items = scores.shape[1]
            ranks.setdefault(name, []).append(ranks_of(scores, block.truth.rows, block.truth.items))
            best = np.argpartition(-scores, min(k, n_items) - 1, axis=1)[:, :k]
            listed = np.unique(best[np.isfinite(np.take_along_axis(scores, best, axis=1))])
            used.setdefault(name, set()).update(listed.tolist())
    rows = split.truth.rows
    return {
        name: Measured(np.concatenate(found), rows, len(split), len(used[name]) / max(n_items, 1))
        for name, found in ranks.items()
    }

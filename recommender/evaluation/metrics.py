"""Ranking metrics over the whole catalogue, exact and vectorised; a tie counts against the model."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats

Ranks = npt.NDArray[np.int64]


def ranks_of(scores: Floats, rows: npt.NDArray[np.int64], items: npt.NDArray[np.int32]) -> Ranks:
    """Rank of each (row, item) pair among all of `scores`, from 0.

    Parameters
    ----------
    scores : shape (n_queries, n_items); -inf takes an item out
    rows, items : shape (n_pairs,)

    Returns
    -------
    int64, shape (n_pairs,): the number of other items that score at least as much.

    Raises
    ------
    ValueError : a score is not a number
    """
    if np.isnan(scores).any():
        raise ValueError("scores hold NaN; a model that cannot score an item must give a finite score or -inf")
    own = scores[rows, items]
    return np.array([np.count_nonzero(scores[row] >= one) for row, one in zip(rows, own, strict=True)]) - 1


@dataclass(frozen=True)
class RankMetrics:
    """One value per query: recall@k = hits / |truth|, NDCG@k with binary gains (Jarvelin and Kekalainen, 2002), and
    reciprocal rank@k, 1 / place of the first hit (Voorhees, 1999)."""

    recall: npt.NDArray[np.float64]
    ndcg: npt.NDArray[np.float64]
    reciprocal_rank: npt.NDArray[np.float64]

    @classmethod
    def at(cls, k: int, ranks: Ranks, rows: npt.NDArray[np.int64], n_queries: int) -> "RankMetrics":
        """Metrics at `k` of queries whose true items have `ranks`; `rows` names the query of each."""
        truths = np.bincount(rows, minlength=n_queries)
        hit = ranks < k
        found = np.bincount(rows[hit], minlength=n_queries)
        gains = np.bincount(rows[hit], 1.0 / np.log2(ranks[hit] + 2.0), minlength=n_queries)
        ideal = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(k) + 2.0))])[np.minimum(truths, k)]
        asked = truths > 0
        recall = np.divide(found, truths, where=asked, out=np.zeros(n_queries))
        ndcg = np.divide(gains, ideal, where=asked, out=np.zeros(n_queries))
        first = np.zeros(n_queries)
        np.maximum.at(first, rows[hit], 1.0 / (ranks[hit] + 1.0))
        return cls(recall[asked], ndcg[asked], first[asked])

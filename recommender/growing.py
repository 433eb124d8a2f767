"""Grow the trees of the second stage on validation shoppers, and keep them only where they help.

The rule: each part of the shoppers judges trees grown on the other parts; two parts where there are many shoppers, five
where there are few, for half of few would tell little of what trees on all of them can do. The trees stay if NDCG@10
rises by more than chance would give (one-sided, 5 %); those kept are then grown on all of the shoppers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend
from recommender.dataset import Dataset, Floats
from recommender.evaluation.splits import Split
from recommender.models.base import top_n
from recommender.reranking import CANDIDATES, ItemFacts, features, grow

if TYPE_CHECKING:
    from lightgbm import Booster

K: Final = 10
BLOCK: Final = 256
LEAST_TAKEN: Final = 100
"""Candidates that were taken below which nothing can be learned from them."""
FEW: Final = 5_000
"""Shoppers up to which they are cut into five parts. Asked for all that 1,096 customers of Online Retail bought, halves
found a gain between 1.1 and 2.6 standard errors, as the seed would have it, fifths between 2.6 and 2.8."""
CERTAINTY: Final = 1.645
"""Standard errors that the gain must lie above 0."""
Bools = npt.NDArray[np.bool_]
InTime = Callable[[], bool]


@dataclass(frozen=True)
class Grown:
    """Trees that help, and the NDCG@10 of shoppers whom they were not grown on, with them and with the blend alone."""

    trees: "Booster"
    ndcg: float
    blend_ndcg: float
    queries: int


@dataclass(frozen=True)
class Candidates:
    """The blend's best for many shoppers: those of query q are ``[indptr[q], indptr[q + 1])``, best first.

    Attributes
    ----------
    told : float32, shape (n, n_features)
    taken : bool, shape (n,)
    ideal : float64, shape (n_queries,), the DCG of a perfect list
    """

    indptr: npt.NDArray[np.int64]
    told: Floats
    taken: Bools
    ideal: npt.NDArray[np.float64]

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The query of each candidate."""
        return np.repeat(np.arange(len(self.ideal)), np.diff(self.indptr))

    def ndcg(self, scores: Floats) -> npt.NDArray[np.float64]:
        """NDCG@10 of each query under `scores` of the candidates; ties count against it."""
        rows, gains = self.rows, np.zeros(len(self.ideal))
        for place in np.flatnonzero(self.taken):
            row = rows[place]
            own = scores[self.indptr[row] : self.indptr[row + 1]]
            rank = np.count_nonzero(own >= scores[place]) - 1
            gains[row] += 1 / np.log2(rank + 2) if rank < K else 0.0
        return gains / self.ideal


def grown(blend: Blend, dataset: Dataset, validation: Split, seed: int, in_time: InTime) -> Grown | None:
    """Trees for `blend`, whose members were fitted on `dataset`; None where they do not help, or too little is taken.

    Parameters
    ----------
    validation : in any order; where `in_time` says no, what has been looked at by then must do
    """
    found = gather(blend, ItemFacts.of(dataset), validation, in_time)
    if np.count_nonzero(found.taken) < LEAST_TAKEN:
        return None
    n_parts = 5 if len(found.ideal) <= FEW else 2
    part = np.random.default_rng(seed).integers(0, n_parts, len(found.ideal))[found.rows]
    judged = np.empty(len(found.told), dtype=np.float32)
    for one in range(n_parts):
        own = part == one
        if own.any():
            judged[own] = np.asarray(_grown_on(found, ~own, blend, seed).predict(found.told[own], raw_score=True))
    before, after = found.ndcg(found.told[:, 0]), found.ndcg(judged)
    gains = after - before
    if gains.mean() <= CERTAINTY * gains.std() / np.sqrt(len(gains)):
        return None
    everything = np.ones(len(found.told), dtype=np.bool_)
    return Grown(_grown_on(found, everything, blend, seed), float(after.mean()), float(before.mean()), len(gains))


def _grown_on(found: Candidates, chosen: Bools, blend: Blend, seed: int) -> "Booster":
    """Of shoppers who took none of their candidates there is nothing to learn about the order of these."""
    hit = np.zeros(len(found.ideal), dtype=np.bool_)
    hit[found.rows[found.taken]] = True
    kept = chosen & hit[found.rows]
    return grow(found.told[kept], found.taken[kept], blend, seed)


def gather(blend: Blend, facts: ItemFacts, split: Split, in_time: InTime) -> Candidates:
    """The candidates of the shoppers of `split`, block by block while there is time."""
    told, taken, sizes = [], [], []
    for start in range(0, len(split), BLOCK):
        if start and not in_time():
            break
        block = split.block(start, start + BLOCK)
        scores = blend.standardised(block.queries)
        total = block.take_out_known(blend.sum(scores))
        for row in range(len(block)):
            items = top_n(total[row], np.isfinite(total[row]), CANDIDATES)
            own = {name: one[row, items] for name, one in scores.items()}
            told.append(features(blend.ask(block.queries.block(row, row + 1)), facts, own, items))
            taken.append(np.isin(items, block.truth.items[block.truth.of(row)]))
            sizes.append(len(items))
    truths = np.minimum(np.diff(split.truth.indptr)[: len(sizes)], K)
    ideal = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(K) + 2.0))])[truths]
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Candidates(indptr, np.concatenate(told), np.concatenate(taken), ideal)

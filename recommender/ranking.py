"""The one place that orders: constraints become masks, the blend scores everything, the best eligible items win.

Where trees have been grown, they order the best of the blend's eligible items anew; those beyond stay in the blend's
order behind them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend, standardise
from recommender.catalog import Mask
from recommender.dataset import Floats, Histories
from recommender.evaluation.splits import Split
from recommender.models.base import AnyModel, top_n
from recommender.reranking import CANDIDATES, Reranker


@dataclass(frozen=True)
class Ranked:
    """Item indexes, best first (score descending, then item id ascending), and their scores."""

    items: npt.NDArray[np.int32]
    scores: Floats


@dataclass(frozen=True)
class Ranker:
    """The blend for shoppers with a history, popularity for the others and for who asks not to be personalised."""

    blend: Blend
    popularity: AnyModel
    reranker: Reranker | None = None

    def rank(
        self, query: Histories, eligible: Mask, n: int, *, personalize: bool = True, content: Floats | None = None
    ) -> Ranked:
        """The `n` best `eligible` items for one history; fewer if and only if fewer are eligible.

        Equal to sorting the whole catalogue by `scores`: nothing is scored after being cut.
        """
        total = self.scores(query, eligible, personalize=personalize, content=content)
        items = top_n(total, eligible, n)
        return Ranked(items, total[items])

    def scores(
        self, query: Histories, eligible: Mask, *, personalize: bool = True, content: Floats | None = None
    ) -> Floats:
        """What `eligible` items are ordered by for one history, for every item; float32, shape (n_items,).

        Parameters
        ----------
        content : float32, shape (n_items,), added to the blend's score, which then has deviation 1
        """
        if not personalize or not len(query.items):
            total = self.popularity.scores(query)[0]
        elif self.reranker is None or content is not None:
            total = self.blend.scores(query)[0]
        else:
            scores = {name: one[0] for name, one in self.blend.standardised(query).items()}
            total = ordered_again(self.blend, self.reranker, query, scores, eligible)
        return total if content is None else standardise(total[None])[0] + content

    def score(self, query: Histories, item: int) -> float:
        """The score that one item has for a history, whatever else is eligible: the trees', or the blend's."""
        scores = {name: one[0] for name, one in self.blend.standardised(query).items()}
        if self.reranker is None:
            return float(self.blend.sum(scores)[item])
        return float(self.reranker.scores(self.blend, query, scores, np.array([item], dtype=np.int32))[0])


def ordered_again(
    blend: Blend, reranker: Reranker, query: Histories, scores: Mapping[str, Floats], eligible: Mask
) -> Floats:
    """Of the blend's best `CANDIDATES` eligible items the trees' scores, of all others the blend's, moved below these.

    Parameters
    ----------
    query : one history
    scores : of each member, standardised, for every item; shape (n_items,)

    Returns
    -------
    float32, shape (n_items,)
    """
    total = blend.sum(scores)
    first = top_n(total, eligible, CANDIDATES)
    if not len(first):
        return total
    again = reranker.scores(blend, query, scores, first)
    total += again.min() - total[first[-1]] - 1
    total[first] = again
    return total


def scores_of(blend: Blend, reranker: Reranker | None, split: Split, scores: Mapping[str, Floats]) -> Floats:
    """Final scores of every item for the queries of `split`, whose known items are not eligible; float32.

    Parameters
    ----------
    scores : of each member, standardised; shape (len(split), n_items)
    """
    if reranker is None:
        return blend.sum(scores)
    found = []
    for row in range(len(split)):
        own = {name: one[row] for name, one in scores.items()}
        eligible = np.ones(len(next(iter(own.values()))), dtype=np.bool_)
        eligible[split.known.items[split.known.of(row)]] = False
        found.append(ordered_again(blend, reranker, split.queries.block(row, row + 1), own, eligible))
    return np.stack(found)

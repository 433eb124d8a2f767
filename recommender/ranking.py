"""The one place that orders: constraints become masks, the blend scores everything, the best eligible items win."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend, standardise
from recommender.catalog import Mask
from recommender.dataset import Floats, Histories
from recommender.models.base import AnyModel, top_n


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

    def rank(
        self, query: Histories, eligible: Mask, n: int, *, personalize: bool = True, content: Floats | None = None
    ) -> Ranked:
        """The `n` best `eligible` items for one history; fewer if and only if fewer are eligible.

        Equal to sorting the whole catalogue: nothing is scored after being cut, and what is eligible changes no score.

        Parameters
        ----------
        content : float32, shape (n_items,), added to the score of behaviour, which then has deviation 1
        """
        personal = personalize and len(query.items) > 0
        behaviour = (self.blend if personal else self.popularity).scores(query)
        scores = behaviour[0] if content is None else standardise(behaviour)[0] + content
        items = top_n(scores, eligible, n)
        return Ranked(items, scores[items])

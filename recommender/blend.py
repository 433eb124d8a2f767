"""The blend: a weighted sum of models, each brought to one scale per shopper."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats, Histories
from recommender.models.base import AnyModel


def standardise(scores: Floats) -> Floats:
    """Scores divided by their standard deviation over the catalogue, row by row; a constant row becomes 0."""
    spread = scores.std(axis=1, keepdims=True)
    return np.divide(scores, spread, where=spread > 0, out=np.zeros_like(scores))


@dataclass(frozen=True)
class Blend:
    """Members and their weights (> 0), by model name."""

    members: Mapping[str, AnyModel]
    weights: Mapping[str, float]

    def scores(self, queries: Histories) -> Floats:
        """Sum over members of weight * standardised score; float32, shape (len(queries), n_items)."""
        parts = [self.weights[name] * standardise(model.scores(queries)) for name, model in self.members.items()]
        return np.sum(parts, axis=0, dtype=np.float32)

    def contributions(self, query: Histories, items: npt.NDArray[np.int32]) -> Floats:
        """What each event of one history adds to the blended score of each of `items`; shape (n_items, n_events)."""
        total = np.zeros((len(items), len(query.items)), dtype=np.float32)
        for name, model in self.members.items():
            spread = float(model.scores(query).std())
            if spread > 0:
                scale = np.float32(self.weights[name] / spread)
                total += scale * model.contributions(query, items)
        return total

"""Models of a catalogue that has grown since they were fitted: the newer items stand behind their own.

A newer item scores what an item scores that nobody took. Content alone knows more of it: what its text says and its
photo shows. The order of the others stays what it was.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats, Histories, ItemVectors
from recommender.models.base import AnyModel, Items, Scorer, Scoring
from recommender.models.content import ContentModel
from recommender.models.factors import InnerProducts

SAMPLED: Final = 1_024
"""Items of a model by whose mean an untouched one is scored, where that is not 0."""


def grown(model: AnyModel, newcomers: ItemVectors) -> Scorer:
    """The model with `newcomers` behind its own items."""
    if isinstance(model, ContentModel):
        return GrownContent(model, model.projected(newcomers))
    return Grown(model, len(newcomers.text))


class Grown(Scorer):
    """``base`` with `n_newer` items that nobody took; events with them say nothing to it."""

    def __init__(self, base: AnyModel, n_newer: int) -> None:
        super().__init__(base.n_items + n_newer)
        self.base, self.n_newer, self.n_fitted = base, n_newer, base.n_items

    def ask(self, query: Histories) -> "GrownScoring":
        known = query.items < self.base.n_items
        scoring = self.base.ask(query.keep(known))
        newer = np.zeros(self.n_newer, dtype=np.float32)
        if not self.base.untouched_at_zero:
            some = np.linspace(0, self.base.n_items - 1, min(SAMPLED, self.base.n_items)).astype(np.int32)
            newer += scoring.scores(some).mean()
        nothing = np.zeros((self.n_newer, len(known)), dtype=np.float32)
        return GrownScoring(scoring, self.base.n_items, newer, nothing, known, scoring.spread)

    def _scores(self, queries: Histories) -> Floats:
        known = self.base.scores(queries.keep(queries.items < self.base.n_items))
        level = 0 if self.base.untouched_at_zero else known.mean(axis=1, keepdims=True)
        newer = np.broadcast_to(np.float32(level), (len(queries), self.n_newer))
        return np.concatenate([known, newer], axis=1, dtype=np.float32)


class GrownContent(Grown):
    """Content knows the newer items as well as the others, in candidates and in histories.

    `newer` are their vectors, float32, shape (n_newer, size), as `ContentModel.projected` makes them.
    """

    base: ContentModel

    def __init__(self, base: ContentModel, newer: Floats) -> None:
        super().__init__(base, len(newer))
        self._newer = newer

    def ask(self, query: Histories) -> "GrownScoring":
        by_event = self.base.shares(query)[:, None] * self._rows(query.items)
        scoring = InnerProducts.of(self.base.vectors, by_event)
        return GrownScoring(
            scoring,
            self.base.n_items,
            self._newer @ scoring.vector,
            self._newer @ by_event.T,
            np.ones(len(query.items), dtype=np.bool_),
            scoring.spread,
        )

    def _scores(self, queries: Histories) -> Floats:
        asked = [self.ask(queries.block(row, row + 1)) for row in range(len(queries))]
        every = np.arange(self.n_items, dtype=np.int32)
        return np.array([one.scores(every) for one in asked], dtype=np.float32).reshape(len(queries), self.n_items)

    def _rows(self, items: Items) -> Floats:
        known = items < self.base.n_items
        rows = np.empty((len(items), self._newer.shape[1]), dtype=np.float32)
        rows[known] = self.base.vectors.rows[items[known]]
        rows[~known] = self._newer[items[~known] - self.base.n_items]
        return rows


@dataclass(frozen=True)
class GrownScoring(Scoring):
    """What a grown model says to one history.

    Attributes
    ----------
    base : what the model says of its own ``n_known`` items to the ``known`` events, shape (n_events,)
    newer : float32, shape (n_newer,), the scores of the items behind them
    newer_by_event : float32, shape (n_newer, n_events), what each event adds to these
    """

    base: Scoring
    n_known: int
    newer: Floats
    newer_by_event: Floats
    known: npt.NDArray[np.bool_]
    spread: float

    def scores(self, items: Items) -> Floats:
        own = items < self.n_known
        found = np.empty(len(items), dtype=np.float32)
        found[own] = self.base.scores(items[own])
        found[~own] = self.newer[items[~own] - self.n_known]
        return found

    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        n_own = int(np.searchsorted(items, self.n_known))
        if n_own:
            self.base.add_estimates(items[:n_own], scale, total[:n_own])
        total[n_own:] += np.float32(scale) * self.newer[items[n_own:] - self.n_known]

    def contributions(self, items: Items) -> Floats:
        own = items < self.n_known
        found = np.zeros((len(items), len(self.known)), dtype=np.float32)
        found[np.ix_(own, self.known)] = self.base.contributions(items[own])
        found[~own] = self.newer_by_event[items[~own] - self.n_known]
        return found

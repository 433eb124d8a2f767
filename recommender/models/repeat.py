"""Repeat: what this shopper took before, by how often and how lately, and by how often others take it again.

The share of an item's shoppers who came back to it, times the shopper's own fading count of it: the repeat customer
probability and a rate, as in Bhagat et al., "Buy it again: modeling repeat purchase recommendations" (KDD 2018). A look
at a product is such a first time too: who looked at something comes back to buy it.
"""

from functools import cached_property
from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp

from recommender.dataset import DAY_MICROSECONDS, Dataset, Floats, Histories
from recommender.models.base import Arrays, Model, SignalConfig, weight_powers
from recommender.models.item_to_item import LinkedItems, LinkedLists

PRIOR = 10.0
"""Shoppers with the catalogue's mean share that every item is given beside its own."""


class RepeatConfig(SignalConfig):
    """Here ``half_life_days`` is counted back from the shopper's newest event."""

    decay: float = 0.9
    """What an event's weight is multiplied by for each step the shopper took since."""


class Repeat(Model[RepeatConfig]):
    name = "repeat"
    Config = RepeatConfig
    asked_with = frozenset({"decay", "half_life_days", "weight_power"})

    def __init__(self, config: RepeatConfig, shoppers: Floats, returners: Floats) -> None:
        super().__init__(config, len(shoppers))
        self.shoppers = shoppers
        self.returners = returners
        mean = returners.sum() / max(float(shoppers.sum()), 1.0)
        self.share = ((returners + PRIOR * mean) / (shoppers + PRIOR)).astype(np.float32)

    @classmethod
    def fit(cls, dataset: Dataset, config: RepeatConfig, *, rng: np.random.Generator) -> Self:
        del rng
        return cls(config, *_counted(dataset.histories, dataset.n_items))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[RepeatConfig]:
        half_lives = (180, None, 60, 14) if dataset.timed else (None,)
        grid = product(half_lives, (0.9, 1.0, 0.7, 0.5), weight_powers(dataset))
        return [RepeatConfig(half_life_days=days, decay=decay, weight_power=power) for days, decay, power in grid]

    def arrays(self) -> Arrays:
        return {"shoppers": self.shoppers, "returners": self.returners}

    @classmethod
    def from_arrays(cls, config: RepeatConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, arrays["shoppers"], arrays["returners"])

    def without(self, histories: Histories, as_of: int) -> Self:
        """Counts are whole numbers: what is left is exact."""
        del as_of
        shoppers, returners = _counted(histories, self.n_items)
        return type(self)(self.config, self.shoppers - shoppers, self.returners - returners)

    def _scores(self, queries: Histories) -> Floats:
        scores = np.zeros((len(queries), self.n_items), dtype=np.float32)
        np.add.at(scores, (queries.rows, queries.items), self._worth(queries))
        return scores

    def ask(self, query: Histories) -> LinkedItems:
        n_events = len(query.items)
        return LinkedItems.summed(n_events, self.n_items, np.arange(n_events), query.items, self._worth(query))

    def ask_all(self, queries: Histories) -> LinkedLists:
        return LinkedLists(self._itself, queries, self._worth(queries))

    @cached_property
    def _itself(self) -> sp.csr_matrix:
        """Each item's link with itself alone."""
        return sp.csr_matrix(sp.eye_array(self.n_items, dtype=np.float32, format="csr"))

    def _worth(self, queries: Histories) -> Floats:
        """What each event adds to the score of its own item."""
        worth = queries.strengths(self.config.decay, self.config.weight_power) * self.share[queries.items]
        if self.config.half_life_days is None:
            return worth
        newest = queries.times[queries.indptr[queries.rows + 1] - 1]
        ages = (newest - queries.times) / (self.config.half_life_days * DAY_MICROSECONDS)
        return (worth * 0.5**ages).astype(np.float32)


def _counted(histories: Histories, n_items: int) -> tuple[Floats, Floats]:
    """How many shoppers took each item, and how many of them at more than one time; float32, shape (n_items,) each."""
    order = np.lexsort((histories.times, histories.items, histories.rows))
    rows, items, times = histories.rows[order], histories.items[order], histories.times[order]
    same = (rows[1:] == rows[:-1]) & (items[1:] == items[:-1])
    first = np.r_[True, ~same][: len(rows)]
    again = np.r_[False, same & (times[1:] != times[:-1])][: len(rows)]
    pair = np.cumsum(first) - 1
    came_back = np.bincount(pair[again], minlength=np.count_nonzero(first)) > 0
    shoppers, returners = (np.bincount(one, minlength=n_items) for one in (items[first], items[first][came_back]))
    return shoppers.astype(np.float32), returners.astype(np.float32)

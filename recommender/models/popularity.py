"""Popularity: what everybody takes, the latest counting most. The ranking for those of whom nothing is known."""

from functools import cached_property
from itertools import product
from typing import Self

import numpy as np

from recommender.dataset import Dataset, Floats, Histories, recency
from recommender.models.base import Arrays, Every, Known, Model, SignalConfig, weight_powers

LEAST_SHARE = 1e-6
"""What is left of a sum after subtraction counts as nothing below this share of it: float32 knows no better."""


class PopularityConfig(SignalConfig):
    pass


class Popularity(Model[PopularityConfig]):
    name = "popularity"
    Config = PopularityConfig

    def __init__(self, config: PopularityConfig, popularity: Floats) -> None:
        super().__init__(config, len(popularity))
        self.popularity = popularity

    @classmethod
    def fit(cls, dataset: Dataset, config: PopularityConfig, *, rng: np.random.Generator) -> Self:
        del rng
        events = dataset.histories
        weights = events.weights ** np.float32(config.weight_power)
        weights *= dataset.recency(events.times, config.half_life_days)
        counts = np.bincount(events.items, weights, minlength=dataset.n_items)
        return cls(config, counts.astype(np.float32))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[PopularityConfig]:
        half_lives = (7, 30, 3.5, 14, 60, 90, 180, 2, 5, 10, 20) if dataset.timed else ()
        grid = product((None, *half_lives), weight_powers(dataset))
        return [PopularityConfig(half_life_days=days, weight_power=power) for days, power in grid]

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity}

    @classmethod
    def from_arrays(cls, config: PopularityConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, arrays["popularity"])

    def without(self, histories: Histories, as_of: int) -> Self:
        """A sum is what it was less what was added, to float32's precision."""
        weights = histories.weights ** np.float32(self.config.weight_power)
        weights *= recency(histories.times, as_of, self.config.half_life_days)
        left = self.popularity - np.bincount(histories.items, weights, minlength=self.n_items)
        return type(self)(self.config, np.where(left > LEAST_SHARE * self.popularity, left, 0).astype(np.float32))

    def ask(self, query: Histories) -> Known:
        return Known(self.popularity, self._spread, len(query.items))

    def ask_all(self, queries: Histories) -> Every:
        n = len(queries)
        every = np.broadcast_to(self.popularity, (n, self.n_items))
        return Every(every, np.full(n, self._spread, dtype=np.float32), np.diff(queries.indptr))

    @cached_property
    def _spread(self) -> float:
        return float(self.popularity.std())

    def _scores(self, queries: Histories) -> Floats:
        return np.tile(self.popularity, (len(queries), 1))

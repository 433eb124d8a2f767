"""Popularity: what everybody takes, the latest counting most. The ranking for those of whom nothing is known."""

from typing import Self

import numpy as np

from recommender.dataset import Dataset, Floats, Histories
from recommender.models.base import Arrays, Model, ModelConfig


class PopularityConfig(ModelConfig):
    half_life_days: float | None = None


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
        weights = events.weights * dataset.recency(events.times, config.half_life_days)
        counts = np.bincount(events.items, weights, minlength=dataset.n_items)
        return cls(config, counts.astype(np.float32))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[PopularityConfig]:
        half_lives = (7, 30, 3.5, 14, 60, 90, 180, 2, 5, 10, 20) if dataset.timed else ()
        return [PopularityConfig(half_life_days=days) for days in (None, *half_lives)]

    def arrays(self) -> Arrays:
        return {"popularity": self.popularity}

    @classmethod
    def from_arrays(cls, config: PopularityConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, arrays["popularity"])

    def _scores(self, queries: Histories) -> Floats:
        return np.tile(self.popularity, (len(queries), 1))

"""Item neighbours: what follows what, counted in baskets and shortly after one another.

Directed co-occurrence with distance decay, as in session neighbours (Ludewig and Jannach, "Evaluation of
session-based recommendation algorithms", 2018), damped by popularity on both sides (Deshpande and Karypis,
"Item-based top-N recommendation algorithms", 2004).
"""

from itertools import product
from typing import Self

import numpy as np

from recommender.dataset import Dataset
from recommender.models.base import weight_powers
from recommender.models.item_to_item import Baskets, ItemToItem, ItemToItemConfig


class ItemNeighborsConfig(ItemToItemConfig):
    window: int = 10
    """Steps (baskets, page views) between two events that still count as together."""
    backward: float = 0.5
    """What "i after j" is worth for recommending i after j's opposite: 1 makes the counts symmetric."""
    damping: float = 0.5
    """Counts are divided by popularity ** damping on either side."""
    neighbors: int = 500
    """Entries kept for each item."""


class ItemNeighbors(ItemToItem[ItemNeighborsConfig]):
    name = "item_neighbors"
    Config = ItemNeighborsConfig

    @classmethod
    def fit(cls, dataset: Dataset, config: ItemNeighborsConfig, *, rng: np.random.Generator) -> Self:
        from recommender.models.cooccurrence import nearest  # noqa: PLC0415  # answering does not need the compiler

        del rng
        worth = dataset.histories.weights ** np.float32(config.weight_power)
        values = worth * dataset.recency(dataset.histories.times, config.half_life_days)
        popularity = np.bincount(dataset.histories.items, values, minlength=dataset.n_items)
        damping = np.maximum(popularity, 1.0) ** -config.damping
        baskets = Baskets.of(dataset.histories, np.sqrt(values), dataset.n_items)
        return cls(config, nearest(baskets, damping, config.window, config.backward, config.neighbors))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[ItemNeighborsConfig]:
        half_lives = (60, None) if dataset.timed else (None,)
        decays = (0.8, 0.6) if dataset.timed else (0.6, 0.8, 0.7, 0.5)
        grid = product(half_lives, (0.5, 0.4, 0.3), weight_powers(dataset), decays)
        return [
            ItemNeighborsConfig(half_life_days=days, damping=damping, weight_power=power, decay=decay)
            for days, damping, power, decay in grid
        ]

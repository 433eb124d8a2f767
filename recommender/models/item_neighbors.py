"""Item neighbours: what follows what, counted in baskets and shortly after one another.

Directed co-occurrence with distance decay, as in session neighbours (Ludewig and Jannach, "Evaluation of
session-based recommendation algorithms", 2018), damped by popularity on both sides (Deshpande and Karypis,
"Item-based top-N recommendation algorithms", 2004).
"""

from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp

from recommender.dataset import Dataset, Floats, Histories
from recommender.models.base import weight_powers
from recommender.models.item_to_item import Baskets, ItemToItem, ItemToItemConfig, keep_largest


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
        del rng
        worth = dataset.histories.weights ** np.float32(config.weight_power)
        values = worth * dataset.recency(dataset.histories.times, config.half_life_days)
        counts = _cooccurrence(dataset.histories, np.sqrt(values), dataset.n_items, config)
        popularity = np.bincount(dataset.histories.items, values, minlength=dataset.n_items)
        damp = sp.diags_array(np.maximum(popularity, 1.0) ** -config.damping)
        weights = sp.csr_matrix(damp @ counts @ damp, dtype=np.float32)
        return cls(config, keep_largest(weights, config.neighbors))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[ItemNeighborsConfig]:
        half_lives = (60, None) if dataset.timed else (None,)
        decays = (0.8, 0.6) if dataset.timed else (0.6, 0.8, 0.7, 0.5)
        grid = product(half_lives, (0.5, 0.4, 0.3), weight_powers(dataset), decays)
        return [
            ItemNeighborsConfig(half_life_days=days, damping=damping, weight_power=power, decay=decay)
            for days, damping, power, decay in grid
        ]


def _cooccurrence(histories: Histories, values: Floats, n_items: int, config: ItemNeighborsConfig) -> sp.csr_matrix:
    """Items x items: how often j came with i, or after it over the steps between; `backward` of it for i after j."""
    baskets = Baskets.of(histories, values, n_items)
    together = sp.csr_matrix(baskets.items.T @ baskets.items)
    together.setdiag(0)
    forward = 0 * together
    for gap in range(1, config.window):
        pairs = np.flatnonzero(baskets.owners[gap:] == baskets.owners[:-gap])
        if not len(pairs):
            break
        forward = forward + baskets.items[pairs].T @ baskets.items[pairs + gap] / np.float32(gap)
    counts = sp.csr_matrix(together + forward + config.backward * forward.T)
    counts.setdiag(0)
    counts.eliminate_zeros()
    return counts

"""Next items: each basket regressed on the shopper's earlier ones, which fade with the steps between.

Choi et al., "Session-aware linear item-item models for session-based recommendation" (WWW 2021), their SLIT, where an
item is regressed on its nearest items alone (`ridge`).
"""

from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp

from recommender.dataset import Dataset
from recommender.models.base import weight_powers
from recommender.models.item_to_item import Baskets, ItemToItem, ItemToItemConfig

LONGEST_MEMORY = 20


class NextItemsConfig(ItemToItemConfig):
    reg: float = 100.0
    """L2 regularisation: added to each item's squared norm."""
    memory: float = 0.75
    """What an earlier basket's weight is multiplied by for each basket since, in what is learned from."""
    neighbors: int = 200
    """Items that an item is regressed on."""


class NextItems(ItemToItem[NextItemsConfig]):
    name = "next_items"
    Config = NextItemsConfig

    @classmethod
    def fit(cls, dataset: Dataset, config: NextItemsConfig, *, rng: np.random.Generator) -> Self:
        from recommender.models.ridge import neighborhood_ridge  # noqa: PLC0415  # answering does not need the compiler

        del rng
        histories = dataset.histories
        weights = np.minimum(histories.weights, 1.0) ** np.float32(config.weight_power)
        baskets = Baskets.of(histories, weights, dataset.n_items)
        before = _earlier(baskets, config.memory)
        worth = dataset.recency(baskets.times, config.half_life_days)
        return cls(config, neighborhood_ridge(before, baskets.items, worth, config.neighbors, config.reg))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[NextItemsConfig]:
        half_lives = (60, 180, None) if dataset.timed else (None,)
        grid = product(half_lives, (100, 300, 30), weight_powers(dataset), (0.8, 0.65))
        return [
            NextItemsConfig(half_life_days=days, reg=reg, weight_power=power, decay=decay)
            for days, reg, power, decay in grid
        ]


def _earlier(baskets: Baskets, memory: float) -> sp.csr_matrix:
    """Baskets x items: what the shopper of each basket remembers of their earlier ones."""
    remembered = 0 * baskets.items
    for gap in range(1, LONGEST_MEMORY + 1):
        pairs = np.flatnonzero(baskets.owners[gap:] == baskets.owners[:-gap])
        if not len(pairs):
            break
        later = sp.csr_matrix(
            (np.full(len(pairs), memory ** (gap - 1), np.float32), (pairs + gap, pairs)), shape=(len(baskets),) * 2
        )
        remembered = remembered + later @ baskets.items
    return sp.csr_matrix(remembered)

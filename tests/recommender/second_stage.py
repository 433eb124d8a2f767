"""A world in which order matters: the next item is the one that follows the newest, on a ring, for most shoppers."""

import numpy as np

from recommender.blend import Blend
from recommender.dataset import Dataset, Histories
from recommender.evaluation.splits import LeaveOneOut
from recommender.growing import Grown, grown
from recommender.ids import IdMap
from recommender.models.als import ALS, ALSConfig
from recommender.models.item_neighbors import ItemNeighbors, ItemNeighborsConfig

N_ITEMS = 60


def walks(n_shoppers: int = 600, seed: int = 2) -> LeaveOneOut:
    draw = np.random.default_rng(seed)
    steps = 1 + (draw.random((n_shoppers, 8)) < 0.15) * draw.integers(1, N_ITEMS, (n_shoppers, 8))
    items = (draw.integers(N_ITEMS, size=(n_shoppers, 1)) + np.cumsum(steps, axis=1)) % N_ITEMS
    return LeaveOneOut.of(Histories.from_lists(list(items)), IdMap.from_ids(f"{item:02d}" for item in range(N_ITEMS)))


def forgetful_blend(dataset: Dataset) -> Blend:
    """One that hardly minds the order of a history: there is something left to learn for trees."""
    rng = np.random.default_rng(0)
    members = {
        "als": ALS.fit(dataset, ALSConfig(embedding_size=16, decay=1.0), rng=rng),
        "item_neighbors": ItemNeighbors.fit(dataset, ItemNeighborsConfig(decay=1.0), rng=rng),
    }
    return Blend(members, {"als": 0.7, "item_neighbors": 0.3})


def grow_on(parts: LeaveOneOut, blend: Blend) -> Grown | None:
    return grown(blend, parts.fit, parts.validation, 0, lambda: True)

"""A toy world whose answers are known by hand: two kinds of shoppers who never mix, over six items."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from recommender.dataset import Dataset, Histories, ItemFeatures, ItemVectors
from recommender.ids import IdMap

LEFT, RIGHT = [0, 1, 2], [3, 4, 5]
N_ITEMS = 6


def items() -> IdMap:
    return IdMap.from_ids(f"item-{index}" for index in range(N_ITEMS))


def checkerboard(shoppers: int = 40) -> Dataset:
    """Even shoppers took items 0 to 2, odd ones 3 to 5, each in a rotated order; every shopper lacks none."""
    rng = np.random.default_rng(7)
    sequences = [rng.permutation(LEFT if row % 2 == 0 else RIGHT) for row in range(shoppers)]
    return Dataset.from_histories(Histories.from_lists(sequences), items())


def featured(shoppers: int = 40) -> Dataset:
    """The checkerboard with a seventh item that nobody took and that has the feature and the text of the left ones."""
    board = checkerboard(shoppers)
    ids = IdMap.from_ids(f"item-{index}" for index in range(N_ITEMS + 1))
    matrix = np.zeros((N_ITEMS + 1, 2), dtype=np.float32)
    matrix[[*LEFT, 6], 0] = 1.0
    matrix[RIGHT, 1] = 1.0
    dataset = Dataset.from_histories(board.histories, ids)
    features = ItemFeatures(sp.csr_matrix(matrix), ("side=left", "side=right"))
    return replace(dataset, features=features, embeddings=ItemVectors(matrix, np.zeros_like(matrix)))

"""What fitting costs as interactions grow: seconds and memory of each model that is fitted without iterating.

Each is fitted in a process of its own, so that its peak is its own; implicit's ALS beside them (64 factors, one epoch).
"""

import multiprocessing
import resource
import time
from collections.abc import Iterator

import numpy as np
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.dataset import Dataset
from recommender.ids import IdMap
from recommender.models import MODELS
from tests.benchmarks.synthetic import HISTORY, World

SIZES = (100_000, 1_000_000, 10_000_000)
INTERACTIONS_PER_ITEM = 100
MODELS_FITTED = ("popularity", "repeat", "item_neighbors", "next_items", "linear")
PEER = "implicit ALS 64, one epoch"


def run() -> Iterator[dict[str, object]]:
    spawn = multiprocessing.get_context("spawn")
    for size in SIZES:
        for name in (*MODELS_FITTED, PEER):
            with spawn.Pool(1) as pool:
                yield {"interactions": size, "model": name, **pool.apply(_fitted, (name, size))}


def _fitted(name: str, size: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    world = World.of(max(size // INTERACTIONS_PER_ITEM, 1_000), rng)
    ids = IdMap.from_ids(f"{item:07d}" for item in range(world.n_items))
    dataset = Dataset.from_histories(world.histories(size // HISTORY, rng), ids)
    before = _peak()
    start = time.perf_counter()
    if name == PEER:
        with threadpool_limits(1, "blas"):
            AlternatingLeastSquares(factors=64, iterations=1).fit(dataset.interactions, show_progress=False)
    else:
        kind = MODELS[name]
        kind.fit(dataset, kind.Config(), rng=rng)
    return {"seconds": time.perf_counter() - start, "data_mib": before, "peak_mib": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

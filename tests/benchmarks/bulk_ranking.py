"""The best new items of everything for many shoppers whose histories are in memory, beside implicit in the same run.

100,000 products of `tests.benchmarks.synthetic`, shoppers with 50 events. ``linear blend`` is the blend without factors
and trees, `repeat` among its members. All on one thread; ``per_core_second`` counts the time that was computed,
``per_second`` the time that went by. The calls take turns, so that whatever else the machine does befalls all of them.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.artifacts import Artifacts
from recommender.blend import Blend
from recommender.bulk_ranking import rank_all
from recommender.dataset import Histories
from recommender.models.repeat import Repeat, RepeatConfig
from recommender.ranking import Ranker
from recommender.threads import one_thread
from tests.benchmarks import synthetic
from tests.benchmarks.synthetic import World

ITEMS = 100_000
SHOPPERS = 3_000
ROUNDS = 3
K = 20
PEERS = ((64, False), (64, True), (256, True))
"""Factors of the peer, and whether it folds the shoppers in."""

Row = dict[str, object]


def run() -> Iterator[Row]:
    rng = np.random.default_rng(0)
    world = World.of(ITEMS, rng)
    made, asked = synthetic.artifacts(world, rng), world.histories(SHOPPERS, rng)
    calls = {**_rankings(made), **_peers(rng)}
    with one_thread(), threadpool_limits(1, "blas"):
        for call in calls.values():
            call(asked.block(0, 100))
        rounds = [{name: _timed(call, asked) for name, call in calls.items()} for _ in range(ROUNDS)]
    for name in calls:
        wall, cpu = (
            round(SHOPPERS / float(np.median(one))) for one in zip(*(took[name] for took in rounds), strict=True)
        )
        yield {"items": ITEMS, "shoppers": SHOPPERS, "ranking": name, "per_core_second": cpu, "per_second": wall}


def _rankings(made: Artifacts) -> dict[str, Callable[[Histories], object]]:
    popularity = made.models["popularity"]
    counts = popularity.arrays()["popularity"]
    members = {name: model for name, model in made.blend.members.items() if name != "als"}
    members["repeat"] = Repeat(RepeatConfig(), counts, 0.1 * counts)
    rankers = {
        "linear blend": Ranker(Blend(members, {**made.blend.weights, "repeat": 0.2}), popularity),
        "blend": Ranker(made.blend, popularity),
        "blend and trees": Ranker(made.blend, popularity, made.reranker),
    }
    return {name: partial(_rank, ranker) for name, ranker in rankers.items()}


def _rank(ranker: Ranker, asked: Histories) -> None:
    everything = np.ones(ITEMS, dtype=np.bool_)
    assert all(len(found.items) == K for found in rank_all(ranker, asked, asked, everything, K))


def _peers(rng: np.random.Generator) -> dict[str, Callable[[Histories], object]]:
    found = {}
    for size, folds_in in PEERS:
        peer = AlternatingLeastSquares(factors=size, num_threads=1)
        peer.item_factors = rng.standard_normal((ITEMS, size), dtype=np.float32)
        peer.user_factors = rng.standard_normal((SHOPPERS, size), dtype=np.float32)
        found[f"implicit {size}{', folded in' if folds_in else ''}"] = partial(_recommend, peer, folds_in)
    return found


def _recommend(peer: AlternatingLeastSquares, folds_in: bool, asked: Histories) -> None:
    matrix, rows = sp.csr_matrix(asked.matrix(ITEMS)), np.arange(len(asked))
    peer.recommend(rows, matrix, N=K, recalculate_user=folds_in)


def _timed(call: Callable[[Histories], object], asked: Histories) -> tuple[float, float]:
    """Seconds that went by and seconds that were computed."""
    wall, cpu = time.perf_counter(), time.process_time()
    call(asked)
    return time.perf_counter() - wall, time.process_time() - cpu

"""What a request and opening cost at 100,000 and 1,000,000 products, beside implicit in the same run.

The shops are synthetic (`tests.benchmarks.synthetic`), with a million shoppers each. Milliseconds are wall time on one
thread; ``cpu`` is the time that the thread itself computed, whatever else the machine did.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.blend import Blend
from recommender.dataset import Histories
from recommender.ranking import Ranker, Scored, retrieve
from recommender.shop import Shop
from schemas import Constraints, Money
from tests.benchmarks import synthetic
from tests.benchmarks.synthetic import World, shopper_id

SIZES = (100_000, 1_000_000)
SHOPPERS = 1_000_000
ASKED = 2_000
REQUESTS = 600
RETRIEVALS = 200
LOADS = 5
WARM = 20
"""Calls before the clock is read: the first touch of each page of a file is not what is measured."""
K = 10
TOP = 500
CONSTRAINTS = {
    "category and price": Constraints(max_price=Money("50", "GBP"), category="Department 3"),
    "in stock": Constraints(),
}
SELECTIVITIES = (1.0, 0.1, 0.01, 0.001)
COMPARED = 20_000_000
"""Scores of one member by brute force for each selectivity: so many divided by the items are the shoppers compared."""

Row = dict[str, object]


def run() -> Iterator[Row]:
    with threadpool_limits(1, "blas"):
        for n_items in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                yield from _measured(Path(folder), n_items)


def _measured(folder: Path, n_items: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    world = World.of(n_items, rng)
    asked = world.histories(ASKED, rng)
    url = synthetic.write(folder, world, asked, SHOPPERS, rng)
    size: Row = {"items": n_items, "shoppers": SHOPPERS}
    store = ArtifactStore(folder / "artifacts")
    artifacts = store.load()
    yield size | _timed("load", lambda _: store.load(), LOADS)
    yield from (size | row for row in _retrieval(artifacts, asked, rng))
    yield from (size | row for row in _overlap(artifacts, asked, rng))
    start = time.perf_counter()
    with Shop.open(url, folder / "artifacts", base_model="none") as shop:
        yield size | {"measure": "open", "seconds": time.perf_counter() - start}
        for name, constraints in CONSTRAINTS.items():
            timed = _timed("recommend", lambda row, wanted=constraints: _answered(shop, row, wanted), REQUESTS)
            yield size | {"constraints": name} | timed


def _answered(shop: Shop, row: int, constraints: Constraints) -> None:
    answer = shop.recommend(shopper_id(row), K, constraints)
    assert len(answer.items) == K


def _timed(name: str, call: Callable[[int], object], times: int) -> Row:
    for number in range(times, times + WARM):
        call(number)
    walls, cpus = [], []
    for number in range(times):
        wall, cpu = time.perf_counter(), time.thread_time()
        call(number)
        cpus.append(1_000 * (time.thread_time() - cpu))
        walls.append(1_000 * (time.perf_counter() - wall))
    figures = {"wall": np.percentile(walls, [50, 99]), "cpu": np.percentile(cpus, [50, 99])}
    return {"measure": name} | {
        f"{clock}_p{percent}_ms": round(float(value), 2)
        for clock, values in figures.items()
        for percent, value in zip((50, 99), values, strict=True)
    }


def _retrieval(artifacts: Artifacts, asked: Histories, rng: np.random.Generator) -> Iterator[Row]:
    """The `TOP` best by 256 factors: ours from a share of the catalogue, implicit's from all of it, both folded in."""
    blend, n_items = Blend({"als": artifacts.models["als"]}, {"als": 1.0}), len(artifacts.items)
    for share in (1.0, 0.1):
        mask = rng.random(n_items) < share
        yield {"selectivity": share} | _timed(
            "retrieve", lambda row, mask=mask: retrieve(blend.ask(asked.block(row, row + 1)), mask, TOP), RETRIEVALS
        )
    peer, matrix = _implicit(artifacts.models["als"].factors, n_items), asked.matrix(n_items)
    yield _timed("implicit", lambda row: peer.recommend(0, matrix[row], N=TOP, recalculate_user=True), RETRIEVALS)


def _implicit(factors: npt.NDArray[np.float32], n_users: int) -> AlternatingLeastSquares:
    model = AlternatingLeastSquares(factors=factors.shape[1], num_threads=1)
    model.item_factors = np.array(factors)
    model.user_factors = np.random.default_rng(0).standard_normal((n_users, factors.shape[1]), dtype=np.float32)
    return model


def _overlap(artifacts: Artifacts, asked: Histories, rng: np.random.Generator) -> Iterator[Row]:
    """With brute force over the whole catalogue, trees and all."""
    ranker = Ranker(artifacts.blend, artifacts.models["popularity"], artifacts.reranker)
    for share in SELECTIVITIES:
        overlaps = []
        for row in range(COMPARED // len(artifacts.items)):
            query, eligible = asked.block(row, row + 1), rng.random(len(artifacts.items)) < share
            found = ranker.rank(query, eligible, K).items
            expected = Scored(ranker.scores(ranker.blend.ask(query), eligible)).best(eligible, K).items
            overlaps.append(len(np.intersect1d(found, expected)) / K)
        yield {"measure": "overlap@10", "selectivity": share, "overlap": np.mean(overlaps), "compared": len(overlaps)}

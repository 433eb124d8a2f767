"""A batch for everybody, local and on Ray, beside implicit in the same run.

The shop is synthetic (`tests.benchmarks.synthetic`): 100,000 products, `WITH_HISTORY` shoppers with 50 events, the rest
with one. ``seconds`` is a whole run: the plan, the start of processes, every part written. ``per_core_second`` counts
only what its processes computed, ``pss_mib`` is the most that they held, shared pages counted once.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import psutil
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.ray_engine import run_ray
from recommender.jobs.batch.run import BatchRequest, run_batch
from signals.aggregation import update_interactions
from signals.database import open_database
from tests.benchmarks import synthetic
from tests.benchmarks.synthetic import World

ITEMS = 100_000
SIZES = (10_000, 100_000, 1_000_000)
WITH_HISTORY = 100_000
K = 20
FACTORS = 64
SAMPLE_SECONDS = 0.5
LOOKS_PER_MEMORY = 6
TELLING_SECONDS = 15

Row = dict[str, object]


def run(*sizes: int) -> Iterator[Row]:
    """Batches for so many shoppers; without a number for all of `SIZES`."""
    for n_shoppers in sizes or SIZES:
        with tempfile.TemporaryDirectory() as folder:
            yield from ({"shoppers": n_shoppers, "items": ITEMS} | row for row in _ranked(Path(folder), n_shoppers))


def _ranked(folder: Path, n_shoppers: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    world = World.of(ITEMS, rng)
    asked = world.histories(min(n_shoppers, WITH_HISTORY), rng)
    url = synthetic.write(folder, world, asked, n_shoppers, rng)
    matrix = sp.csr_matrix(asked.matrix(ITEMS))
    del asked, world
    update_interactions(open_database(url))
    yield {"batch": f"implicit {FACTORS}, 2 threads"} | _implicit(matrix, 2)
    yield {"batch": f"implicit {FACTORS}, 1 thread"} | _implicit(matrix, 1)
    request = BatchRequest(url, folder / "artifacts", folder / "out", k=K)
    engines = {"local 2": partial(run_local, workers=2), "ray 2": partial(run_ray, workers=2)}
    if n_shoppers == min(SIZES):
        engines = {"local 1": partial(run_local, workers=1), **engines}
    for name, engine in engines.items():
        start = time.perf_counter()
        with Watch() as watch:
            manifest = run_batch(replace(request, out=folder / name), engine, progress=_Telling(name))
        seconds = time.perf_counter() - start
        assert manifest.counts["shoppers"] == n_shoppers
        per_core = round(n_shoppers / watch.cpu_seconds, 1)
        yield {"batch": name} | rate(n_shoppers, seconds) | {"per_core_second": per_core, "pss_mib": watch.pss_mib}


def _implicit(matrix: sp.csr_matrix, threads: int) -> Row:
    """The peer on the shoppers with a history: 64 factors, fitted; what they have is filtered."""
    rng, n_users = np.random.default_rng(0), matrix.shape[0]
    model = AlternatingLeastSquares(factors=FACTORS, num_threads=threads)
    model.item_factors = rng.standard_normal((ITEMS, FACTORS), dtype=np.float32)
    model.user_factors = rng.standard_normal((n_users, FACTORS), dtype=np.float32)
    start, cpu = time.perf_counter(), time.process_time()
    with threadpool_limits(1, "blas"):
        for at in range(0, n_users, 2_000):
            rows = np.arange(at, min(at + 2_000, n_users))
            model.recommend(rows, matrix[rows], N=K)
    cpu = time.process_time() - cpu
    return rate(n_users, time.perf_counter() - start) | {"per_core_second": round(n_users / cpu, 1)}


def rate(n: int, seconds: float) -> Row:
    return {"seconds": round(seconds, 1), "per_second": round(n / seconds, 1)}


class _Telling:
    """Progress on standard error, a line now and then."""

    def __init__(self, name: str) -> None:
        self._name, self._next = name, 0.0

    def __call__(self, share: float, what: str) -> None:
        if time.perf_counter() >= self._next or share == 1:
            print(f"{self._name}: {what}", file=sys.stderr, flush=True)
            self._next = time.perf_counter() + TELLING_SECONDS


class Watch:
    """MiB of this process and all those below it, and the time that they compute, sampled while a block runs.

    The time that the looking itself takes is not counted: tens of milliseconds for each process.
    """

    def __init__(self) -> None:
        self.pss_mib, self._cpu, self._done, self._looking = 0, dict[int, float](), threading.Event(), 0.0
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._before = sum(self._cpu.values())
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._look()
        self._done.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu.values()) - self._before - self._looking

    def _sample(self) -> None:
        looks = 0
        while not self._done.wait(SAMPLE_SECONDS):
            looks += 1
            self._look(at_memory=looks % LOOKS_PER_MEMORY == 0)
            self._looking = time.thread_time()

    def _look(self, *, at_memory: bool = True) -> None:
        own, pss = psutil.Process(), 0
        for process in (own, *own.children(recursive=True)):
            with suppress(psutil.Error):
                times = process.cpu_times()
                self._cpu[process.pid] = times.user + times.system
                pss += process.memory_full_info().pss if at_memory else 0
        self.pss_mib = max(self.pss_mib, pss // 2**20)

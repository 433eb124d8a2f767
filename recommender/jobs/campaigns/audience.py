"""Who should hear of a product: the shoppers for whom it scores highest, of those who do not own it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recommender.artifacts import ArtifactStore
from recommender.errors import BadRequestError, NotEnoughDataError, UnknownIdError
from recommender.jobs.batch.job import Done, Job, Task
from recommender.jobs.batch.run import BatchRequest, MakeParts, job_of, whom_of
from recommender.jobs.batch.work import PartMaker
from recommender.parts import parquet
from recommender.selection import Progress, silent
from signals.database import open_database

TOP: Final = 1_000


@dataclass(frozen=True, order=True)
class Listener:
    """``score``: what the shopper's list is ordered by; the log-odds of the trees, or the blend's deviations."""

    score: float
    user_id: str


class AudienceMaker(PartMaker):
    """Of each shopper of a part the score of one product; without who is new, owns it, dislikes it or is capped."""

    def __init__(self, job: Job, *, item_id: str) -> None:
        super().__init__(job)
        self._item = self._artifacts.items.index(item_id)

    def _made(self, task: Task) -> Done:
        shoppers = self._shoppers(task.user_ids)
        queries, left_out = shoppers.queries, self._left_out(task.user_ids, shoppers)
        wanted = np.diff(queries.indptr) > 0
        wanted[left_out.rows[left_out.items == self._item]] = False
        scored = [
            (task.user_ids[row], self._ranker.score(queries.block(row, row + 1), self._item))
            for row in np.flatnonzero(wanted).tolist()
        ]
        table = pa.table({"user_id": [user for user, _ in scored], "score": [score for _, score in scored]})
        return Done(task.number, parquet(table), {"shoppers": len(task.user_ids), "listeners": len(scored)})


def audience(
    request: BatchRequest, item_id: str, make_parts: MakeParts, *, top: int = TOP, progress: Progress = silent
) -> list[Listener]:
    """The `top` shoppers of the request's for a product, the highest score first, ties by id.

    Raises
    ------
    UnknownIdError : the artifacts do not know the product
    BadRequestError : `top` below 1
    NotEnoughDataError : there are no shoppers
    """
    if top < 1:
        raise BadRequestError(f"an audience has at least one shopper, got {top}")
    engine, store = open_database(request.database, must_exist=True), ArtifactStore(request.artifacts)
    manifest = store.manifest()
    if store.load().items.find([item_id])[0] < 0:
        raise UnknownIdError(f"unknown item {item_id!r}: the artifacts do not have it; check the id, or train first")
    _, listed = whom_of(engine, request.shoppers)
    users = sorted(listed())
    if not users:
        raise NotEnoughDataError("there are no shoppers with behaviour; load events with `recommender ingest` first")
    job, size = job_of(engine, request, manifest.version, datetime.now(UTC)), request.part_size
    tasks = [Task(at // size, tuple(users[at : at + size])) for at in range(0, len(users), size)]
    best: list[Listener] = []
    for made, done in enumerate(make_parts(partial(AudienceMaker, item_id=item_id), job, tasks), start=1):
        best = heapq.nsmallest(top, [*best, *_listeners(done)], key=lambda one: (-one.score, one.user_id))
        progress(made / len(tasks), f"{made:,} of {len(tasks):,} parts")
    return best


def _listeners(done: Done) -> Iterator[Listener]:
    table = pq.read_table(pa.BufferReader(done.data))
    for user, score in zip(table["user_id"].to_pylist(), table["score"].to_pylist(), strict=True):
        yield Listener(score, user)

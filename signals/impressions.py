"""What was shown to whom, written behind the requests' backs.

A request hands over its list and goes on; one thread gathers those of a tenth of a second and writes them together.
Nothing is lost without a word: a full queue makes requests wait a little, a failed write is tried again, and what
cannot be written is logged as an error.
"""

import atexit
import logging
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, select

from schemas.recommendation import Asked, Constraints, Recommendations
from signals.bulk import insert_new
from signals.column_types import to_microseconds
from signals.connections import reading, writing
from signals.errors import SignalsError, WriteFailedError
from signals.raw import fetch
from signals.tables import impressions, requests

QUEUE_LISTS: Final = 2_000
BATCH_LISTS: Final = 200
GATHER_SECONDS: Final = 0.1
"""How long lists are gathered before they are written, unless somebody waits: a write takes its time from requests."""
PUT_TIMEOUT_SECONDS: Final = 5.0
ATTEMPTS: Final = 5
FIRST_DELAY_SECONDS: Final = 0.1
NOTHING_ELSE: Final = Asked()
REQUEST_COLUMNS: Final = tuple(column.name for column in requests.columns)
IMPRESSION_COLUMNS: Final = tuple(column.name for column in impressions.columns)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoggedRequest:
    """What was asked; ``asked`` is None where it was logged before that was kept.

    ``personalized`` is whether behaviour played a part.
    """

    request_id: str
    user_id: str | None
    session_id: str | None
    endpoint: str
    k: int
    constraints: Constraints | None
    asked: Asked | None
    model_version: str
    personalized: bool
    as_of: datetime


@dataclass(frozen=True)
class _Shown:
    request: tuple[Any, ...]
    items: list[tuple[Any, ...]]

    @property
    def request_id(self) -> str:
        return str(self.request[0])


class ImpressionLog:
    """The log of one database; share one between threads, and close it at the end (at exit it closes itself)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.Queue[_Shown | None] = queue.Queue(QUEUE_LISTS)
        self._lock = threading.Condition()
        self._worker: threading.Thread | None = None
        self._urgent = threading.Event()
        self._closed = False
        self._handing_over = 0
        self._lost = 0

    def log(
        self,
        recommendations: Recommendations,
        *,
        endpoint: str,
        session_id: str | None = None,
        constraints: Constraints | None = None,
        asked: Asked = NOTHING_ELSE,
    ) -> None:
        """Hand over one list; returns at once, or after at most 5 s where the database does not keep up.

        Raises
        ------
        WriteFailedError
            The log is closed. A failing database raises nothing here: it is logged.
        """
        shown = _shown(recommendations, endpoint, session_id, constraints, asked)
        with self._handover():
            try:
                self._queue.put(shown, timeout=PUT_TIMEOUT_SECONDS)
            except queue.Full:
                self._give_up([shown], f"the queue of {QUEUE_LISTS} lists stayed full for {PUT_TIMEOUT_SECONDS} s")

    def flush(self, timeout_seconds: float | None = None) -> None:
        """Return when every list handed over is durable.

        Raises
        ------
        WriteFailedError
            That took longer than ``timeout_seconds``, or lists were lost since the last flush.
        """
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        self._urgent.set()
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                remaining = None if deadline is None else deadline - time.monotonic()
                if remaining is not None and remaining <= 0:
                    raise WriteFailedError(f"{self._queue.unfinished_tasks} lists not written in {timeout_seconds} s")
                self._queue.all_tasks_done.wait(remaining)
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            raise WriteFailedError(f"{lost} lists of impressions could not be written; the log has the reason")

    def close(self) -> None:
        """Write what is left, lists being handed over at this moment too, and end the thread; again: nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._urgent.set()
            self._lock.wait_for(lambda: not self._handing_over)
            worker = self._worker
        atexit.unregister(self.close)
        if worker is not None and worker.is_alive():
            self._queue.put(None)
            worker.join()

    def read(self, request_id: str) -> pd.DataFrame:
        """The list of one request: position (rank, from 1), item_id, score, propensity; empty if it is not known."""
        columns = [column for column in impressions.columns if column.name != "request_id"]
        chosen = select(*columns).where(impressions.c.request_id == request_id).order_by(impressions.c.position)
        with reading(self._engine) as connection:
            return fetch(connection, chosen)

    def request(self, request_id: str) -> LoggedRequest | None:
        """What was asked; None if the request is not known."""
        with reading(self._engine) as connection:
            row = connection.execute(select(requests).where(requests.c.request_id == request_id)).one_or_none()
        if row is None:
            return None
        constraints = None if row.constraints is None else Constraints.model_validate(row.constraints)
        asked = None if row.asked is None else Asked.model_validate(row.asked)
        question = (row.request_id, row.user_id, row.session_id, row.endpoint, row.k, constraints, asked)
        return LoggedRequest(*question, row.model_version, row.personalized, row.as_of)

    @contextmanager
    def _handover(self) -> Iterator[None]:
        """While a list is handed over the thread is there, and stays."""
        with self._lock:
            if self._closed:
                raise WriteFailedError("the impression log is closed; open another one")
            self._ensure_worker()
            self._handing_over += 1
        try:
            yield
        finally:
            with self._lock:
                self._handing_over -= 1
                self._lock.notify_all()

    def _ensure_worker(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._work, name="impressions", daemon=True)
            self._worker.start()
            atexit.register(self.close)

    def _work(self) -> None:
        open_ = True
        while open_:
            batch = self._next_batch()
            lists = [shown for shown in batch if shown is not None]
            open_ = len(lists) == len(batch)
            try:
                self._write_patiently(lists)
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever happens to one batch
                self._give_up(lists, str(error))
            for _ in batch:
                self._queue.task_done()
            if self._queue.empty() and not self._closed:
                self._urgent.clear()

    def _next_batch(self) -> list[_Shown | None]:
        batch = [self._queue.get()]
        self._urgent.wait(GATHER_SECONDS)
        while len(batch) < BATCH_LISTS and batch[-1] is not None:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch

    def _write_patiently(self, lists: list[_Shown]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                return self._write(lists)
            except SignalsError:
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(FIRST_DELAY_SECONDS * 2**attempt)
        return None

    def _write(self, lists: list[_Shown]) -> None:
        if not lists:
            return
        with writing(self._engine) as connection:
            insert_new(connection, requests, REQUEST_COLUMNS, [shown.request for shown in lists])
            items = [item for shown in lists for item in shown.items]
            insert_new(connection, impressions, IMPRESSION_COLUMNS, items)

    def _give_up(self, lists: list[_Shown], reason: str) -> None:
        with self._lock:
            self._lost += len(lists)
        ids = ", ".join(shown.request_id for shown in lists[:5]) + (", ..." if len(lists) > 5 else "")
        _log.error("impressions of %d requests (%s) are lost: %s", len(lists), ids, reason)


def _shown(
    recommendations: Recommendations,
    endpoint: str,
    session_id: str | None,
    constraints: Constraints | None,
    asked: Asked,
) -> _Shown:
    request = {
        "request_id": recommendations.request_id,
        "user_id": recommendations.user_id,
        "session_id": session_id,
        "endpoint": endpoint,
        "k": recommendations.k,
        "constraints": None if constraints is None else constraints.model_dump_json(exclude_defaults=True),
        "asked": asked.model_dump_json(exclude_defaults=True),
        "model_version": recommendations.model_version,
        "personalized": recommendations.personalized,
        "cold_start": recommendations.cold_start,
        "as_of": to_microseconds(recommendations.as_of),
        "created_at": to_microseconds(datetime.now(UTC)),
    }
    items = [
        (recommendations.request_id, item.rank, item.item_id, item.score, item.propensity)
        for item in recommendations.items
    ]
    return _Shown(tuple(request[name] for name in REQUEST_COLUMNS), items)

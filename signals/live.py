"""Events as they happen, from many threads: one thread writes all that wait, in one transaction.

So a commit, which is what recording costs, is shared by whoever records at the same time; alone, an event is written at
once. Who was answered together is likely to come back together, so after a batch of several calls the next one waits a
moment for as many. Nothing is lost without a word: a full backlog makes callers wait, a write that fails for a time is
tried again, and whoever handed over events that cannot be stored gets the error.
"""

import atexit
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Engine

from schemas.events import Event
from signals.errors import BacklogFullError, InvalidRecordError, UnknownItemError, WriteFailedError
from signals.event_table import event_table
from signals.events import EventStore
from signals.known_items import KnownItems
from signals.report import IngestReport
from signals.retries import PASSING, PATIENCE_SECONDS, patiently
from signals.validation import event_of

BACKLOG_EVENTS: Final = 20_000
WAIT_SECONDS: Final = 5.0
GATHER_SECONDS: Final = 0.001

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Call:
    """What one caller handed over, and whom the answer goes to."""

    events: tuple[Event, ...]
    answer: Future[IngestReport] = field(default_factory=Future)


class LiveEvents:
    """The live events of one database; share one between threads, and close it at the end (at exit it closes itself).

    Parameters
    ----------
    backlog
        How many events may be on their way into the database at a time.
    wait_seconds
        How long a caller waits for a place among them.
    patience_seconds
        How long writing is tried again while the database is unreachable, locked, or ends the transaction because of
        another.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        backlog: int = BACKLOG_EVENTS,
        wait_seconds: float = WAIT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._store, self._items = EventStore(engine), KnownItems(engine)
        self._backlog, self._wait_seconds, self._patience_seconds = backlog, wait_seconds, patience_seconds
        self._changed = threading.Condition()
        self._waiting: list[_Call] = []
        self._last_batch = 0
        self._on_their_way = 0
        self._worker: threading.Thread | None = None
        self._closed = False

    def record(
        self, events: Iterable[Event | Mapping[str, Any]], *, allow_unknown_items: bool = False
    ) -> Future[IngestReport]:
        """Hand over events, which are stored all or none, after those handed over before.

        Returns
        -------
        Future of IngestReport
            Done once they are durable. It fails with a `DatabaseError` where they could not be stored. Cancelled
            before their turn, they are not stored. An event that was stored by a transaction whose answer was lost
            counts as duplicated.

        Raises
        ------
        InvalidRecordError
            One of ``events`` breaks `schemas.Event`; the message names its place and the rule.
        UnknownItemError
            One of them is on an item that the catalogue does not hold.
        DatabaseError
            The catalogue could not be asked about an item that was not seen before.
        BacklogFullError
            The database does not keep up.
        WriteFailedError
            This is closed.
        """
        call = _Call(tuple(_checked(number, event) for number, event in enumerate(events, start=1)))
        if not allow_unknown_items:
            unknown = self._items.unknown(event.item_id for event in call.events if event.item_id is not None)
            if unknown:
                raise UnknownItemError(unknown)
        self._hand_over(call)
        return call.answer

    def close(self) -> None:
        """Write what waits, and end the thread; again: nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            worker = self._worker
        atexit.unregister(self.close)
        if worker is not None:
            worker.join()

    def _hand_over(self, call: _Call) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or self._has_room(call), self._wait_seconds):
                raise BacklogFullError(
                    f"{self._on_their_way:,} events are on their way into the database, {self._backlog:,} at most, and "
                    f"there was no room for {len(call.events):,} more in {self._wait_seconds} s; they were not taken: "
                    "hand them over again later"
                )
            if self._closed:
                raise WriteFailedError("the live events are closed; nothing of the call was taken: open the shop again")
            self._waiting.append(call)
            self._on_their_way += len(call.events)
            self._ensure_worker()
            self._changed.notify_all()

    def _has_room(self, call: _Call) -> bool:
        """More events than fit at all go alone."""
        return not self._on_their_way or self._on_their_way + len(call.events) <= self._backlog

    def _ensure_worker(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._work, name="live events", daemon=True)
            self._worker.start()
            atexit.register(self.close)

    def _work(self) -> None:
        while calls := self._take():
            if wanted := [call for call in calls if call.answer.set_running_or_notify_cancel()]:
                self._write(wanted)
            with self._changed:
                self._on_their_way -= sum(len(call.events) for call in calls)
                self._changed.notify_all()

    def _take(self) -> list[_Call]:
        """All that wait, gathered for a moment after a batch of several; nothing where this is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._changed.wait_for(lambda: len(self._waiting) >= self._last_batch or self._closed, GATHER_SECONDS)
            calls, self._waiting = self._waiting, []
            self._last_batch = len(calls)
            return calls

    def _write(self, calls: Sequence[_Call]) -> None:
        """Store them together; if something about one of them is wrong, each by itself."""
        try:
            reports = patiently(lambda: self._append(calls), self._patience_seconds)
        except Exception as error:  # noqa: BLE001 - the thread outlives whatever happens to one batch
            if len(calls) == 1 or isinstance(error, PASSING):
                _give_up(calls, error)
            else:
                for call in calls:
                    self._write([call])
            return
        for call, report in zip(calls, reports, strict=True):
            call.answer.set_result(report)

    def _append(self, calls: Sequence[_Call]) -> list[IngestReport]:
        table = event_table([event for call in calls for event in call.events])
        return self._store.append_parts(table, [len(call.events) for call in calls])


def _checked(number: int, event: Event | Mapping[str, Any]) -> Event:
    try:
        return event_of(event)
    except InvalidRecordError as error:
        raise InvalidRecordError(f"event {number}: {error}") from error


def _give_up(calls: Sequence[_Call], error: Exception) -> None:
    events = [event for call in calls for event in call.events]
    ids = ", ".join(event.event_id for event in events[:5]) + (", ..." if len(events) > 5 else "")
    _log.error("%d live events (%s) were not stored: %s", len(events), ids, error)
    for call in calls:
        call.answer.set_exception(error)

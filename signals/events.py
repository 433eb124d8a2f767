"""The store of events: idempotent append, streams by time, and the newest events of one shopper."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from typing import Any, Final, NamedTuple

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Engine, func, select, tuple_

from schemas.events import EventKind
from schemas.ids import ANONYMOUS_PREFIX
from signals.bulk import insert_table
from signals.column_types import to_microseconds
from signals.connections import lock_append, reading, writing
from signals.erased_events import without_erased
from signals.event_table import EVENT_COLUMNS
from signals.flags import Flag, clock_flags, counted
from signals.raw import fetch, raw
from signals.report import IngestReport
from signals.shoppers import ALIAS, anonymous_ids_of, before, belongs, stored_by
from signals.tables import events

HISTORY_LIMIT: Final = 200
STREAM_ROWS: Final = 50_000
IS_KEPT: Final = events.c.flag.is_(None)
RAW_COLUMNS: Final = frozenset({"occurred_at", "recorded_at", "unit_price"})
HISTORY_COLUMNS: Final = (
    "item_id",
    "variant_id",
    "kind",
    "occurred_at",
    "quantity",
    "session_id",
    "order_id",
    "request_id",
    "query",
)


Kinds = tuple[EventKind, ...]


class RecentEvent(NamedTuple):
    """One event of a shopper; ``item_id`` is None for a search."""

    item_id: str | None
    kind: str
    occurred_at: datetime
    quantity: int


class EventStore:
    """All events of one shop. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._found_new = True

    def append(self, table: pa.Table) -> IngestReport:
        """Store the events that are new, in one transaction; durable on return.

        Parameters
        ----------
        table
            Valid events: `signals.event_table.EVENT_SCHEMA`, as `signals.validation.check_events` gives them.

        Returns
        -------
        IngestReport
            ``duplicated``: (source, event_id) stored before, even if erased since (`signals.privacy`), or earlier in
            the table; the first one stays.
        """
        return self.append_parts(table, [len(table)])[0]

    def append_parts(self, table: pa.Table, sizes: Sequence[int]) -> list[IngestReport]:
        """As `append`, with a report for each part of the table, which follow one another with these sizes."""
        rows = _stamped(table)
        ends = list(accumulate(sizes))
        parts = [rows.slice(end - size, size) for size, end in zip(sizes, ends, strict=True)]
        with writing(self._engine) as connection:
            lock_append(connection)
            fresh = without_erased(connection, parts)
            accepted = _insert_parts(connection, fresh, all_new=self._found_new)
        self._found_new = sum(accepted) == sum(map(len, fresh))
        return [
            IngestReport(new, len(part) - new, flagged=counted(part["flag"]))
            for new, part in zip(accepted, parts, strict=True)
        ]

    def count(self) -> int:
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(events)) or 0

    def count_by_kind(self) -> dict[EventKind, int]:
        """How many events there are of each kind that occurs."""
        statement = select(events.c.kind, func.count()).group_by(events.c.kind).order_by(events.c.kind)
        with reading(self._engine) as connection:
            return {EventKind(kind): count for kind, count in connection.execute(statement)}

    def count_flagged(self) -> dict[Flag, int]:
        """How many events each rule has set aside so far."""
        statement = select(events.c.flag, func.count()).where(~IS_KEPT).group_by(events.c.flag).order_by(events.c.flag)
        with reading(self._engine) as connection:
            return {Flag(flag): count for flag, count in connection.execute(statement)}

    def time_range(self, until: datetime | None = None) -> tuple[datetime, datetime] | None:
        """First and last ``occurred_at`` of the events before ``until`` but flagged ones; None where there are none."""
        ends = [before(select(end(events.c.occurred_at)).where(IS_KEPT), until) for end in (func.min, func.max)]
        with reading(self._engine) as connection:
            first, last = (connection.scalar(end) for end in ends)
        return None if first is None or last is None else (first, last)

    def newest(self, skip: int = 0) -> datetime | None:
        """``occurred_at`` of the newest event after leaving out the `skip` newest; None where there are not so many."""
        ordered = select(events.c.occurred_at).where(IS_KEPT).order_by(events.c.occurred_at.desc())
        with reading(self._engine) as connection:
            return connection.scalar(ordered.limit(1).offset(skip))

    def stream(
        self, since: datetime | None = None, until: datetime | None = None, chunk_size: int = STREAM_ROWS
    ) -> Iterator[pd.DataFrame]:
        """Events with ``since <= occurred_at < until`` by (occurred_at, id), in frames of at most ``chunk_size`` rows.

        Memory stays flat. An event that arrives during the stream is seen if its place is still ahead.
        """
        key = (raw(events.c.occurred_at), events.c.id)
        columns = [raw(column) if column.name in RAW_COLUMNS else column for column in _streamed()]
        statement = before(select(events.c.id, *columns), until).order_by(*key).limit(chunk_size)
        last = (to_microseconds(since) - 1 if since else -(2**63), 2**63 - 1)
        while True:
            with reading(self._engine) as connection:
                frame = fetch(connection, statement.where(tuple_(*key) > tuple_(*last)))
            if frame.empty:
                return
            last = (to_microseconds(frame["occurred_at"].iloc[-1]), int(frame["id"].iloc[-1]))
            yield frame.drop(columns="id").astype({"quantity": "int64"})

    def history(
        self,
        user_id: str,
        as_of: datetime | None = None,
        limit: int = HISTORY_LIMIT,
        kinds: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """The newest ``limit`` events of one shopper, newest first; refunds among them, aliases and flagged ones not.

        A user's events include those of every anonymous id that was last aliased to the user. A shopper who still
        comes as ``anonymous:...`` sees that id's own events only, never those of the user it belongs to.

        Parameters
        ----------
        user_id
            As `schemas.ids.shopper_id` gives it.
        as_of
            Only events with ``occurred_at < as_of``; None: all.
        kinds
            Only these event kinds; None: all but alias.

        Returns
        -------
        DataFrame
            item_id, variant_id, kind, occurred_at, quantity, session_id, order_id, request_id, query.
        """
        columns = [raw(events.c[name]) if name == "occurred_at" else events.c[name] for name in HISTORY_COLUMNS]
        statement = _newest(select(*columns), as_of, limit, kinds)
        with reading(self._engine) as connection:
            own = belongs(user_id, self._anonymous_ids(connection, user_id, as_of), as_of)
            frame = fetch(connection, statement.where(own))
        return frame.astype({"quantity": "int64"})

    def recent(
        self,
        user_id: str,
        limit: int = HISTORY_LIMIT,
        kinds: Iterable[EventKind] | None = None,
        *,
        known_at: datetime | None = None,
    ) -> Sequence[RecentEvent]:
        """The same events as plain rows, newest first: what a request reads, without the cost of a frame.

        ``known_at``: only what was stored by then, aliases too; what a request of that time has read.
        """
        (found,) = self.recent_parts(user_id, [(limit, None if kinds is None else tuple(kinds))], known_at=known_at)
        return found

    def recent_parts(
        self, user_id: str, parts: Iterable[tuple[int, Kinds | None]], *, known_at: datetime | None = None
    ) -> list[Sequence[RecentEvent]]:
        """As `recent` for several limits and kinds, all read in one transaction."""
        with reading(self._engine) as connection:
            anonymous_ids = self._anonymous_ids(connection, user_id, known_at=known_at)
            own = belongs(user_id, anonymous_ids, None, known_at)
            if known_at is not None:
                own = own & stored_by(known_at)
            chosen = [_recent(*part).where(own) for part in parts]
            return [[RecentEvent(*row) for row in connection.execute(one)] for one in chosen]

    def _anonymous_ids(
        self, connection: Any, user_id: str, as_of: datetime | None = None, known_at: datetime | None = None
    ) -> list[str]:
        if user_id.startswith(ANONYMOUS_PREFIX):
            return []
        return anonymous_ids_of(connection, user_id, as_of, known_at)


def _stamped(table: pa.Table) -> pa.Table:
    """The events with when they were recorded and what is wrong with their clocks."""
    now = to_microseconds(datetime.now(UTC))
    rows = table.select(EVENT_COLUMNS)
    rows = rows.append_column("recorded_at", pa.repeat(pa.scalar(now, pa.int64()), len(rows)))
    return rows.append_column("flag", clock_flags(rows["occurred_at"], now))


def _insert_parts(connection: Connection, parts: list[pa.Table], *, all_new: bool) -> list[int]:
    """How many rows of each part are new: inserted all at once, and part by part only where not all are."""
    if len(parts) > 1:
        rows = pa.concat_tables(parts)
        with connection.begin_nested() as all_at_once:
            if insert_table(connection, events, rows, all_new=all_new) == len(rows):
                return [len(part) for part in parts]
            all_at_once.rollback()
    return [insert_table(connection, events, part, all_new=all_new) for part in parts]


def _newest(statement: Any, as_of: datetime | None, limit: int, kinds: Iterable[str] | None) -> Any:
    statement = before(statement, as_of).where(events.c.kind != ALIAS, IS_KEPT)
    if kinds is not None:
        statement = statement.where(events.c.kind.in_(list(kinds)))
    newest_first = (events.c.occurred_at.desc(), events.c.source.desc(), events.c.event_id.desc())
    return statement.order_by(*newest_first).limit(limit)


@lru_cache
def _recent(limit: int, kinds: Kinds | None) -> Any:
    """Built once: building a statement takes longer than running it."""
    return _newest(select(*(events.c[name] for name in RecentEvent._fields)), None, limit, kinds)


def _streamed() -> list[Any]:
    return [events.c[name] for name in (*EVENT_COLUMNS, "recorded_at")]

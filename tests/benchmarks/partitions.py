"""Monthly partitions: ``python -m tests.benchmarks partitions`` (10 million events; PARTITION_EVENTS: another number).

On PostgreSQL, a year of events in the table as it is migrated, and in one of the same columns and indexes that is
partitioned by the month of ``occurred_at``, beside the table of keys that uniqueness across the months then needs. The
stores read both: the histories of shoppers, the last 30 days as a stream, the newest 10,000 events as the kept
interactions count them. Writing is COPY of 10,000 new events, with their keys.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
from sqlalchemy import Engine, delete, text

from signals.aggregation import TASK, update_interactions
from signals.bulk import copy_rows, upsert
from signals.column_types import to_microseconds
from signals.connections import reading, writing
from signals.database import migrate, open_database
from signals.event_table import EVENT_COLUMNS, event_table
from signals.events import EventStore
from signals.tables import interactions, progress
from tests.benchmarks.postgres import databases
from tests.signals.shops import event

N_EVENTS: Final = int(os.environ.get("PARTITION_EVENTS", "10_000_000"))
N_SHOPPERS: Final = max(1, N_EVENTS // 40)
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
MONTHS: Final = [START.replace(month=month) for month in range(1, 13)] + [START.replace(year=START.year + 1)]
STEP: Final = (MONTHS[-1] - START) // timedelta(microseconds=1) // N_EVENTS
NEW: Final = 10_000
HISTORIES: Final = 500
TIMES: Final = 5
FILL: Final = f"""
    INSERT INTO events (source, event_id, kind, user_id, item_id, occurred_at, recorded_at, quantity)
    SELECT 'shop', n, (ARRAY['view', 'view', 'view', 'click', 'add_to_cart', 'purchase'])[mod(n, 6) + 1],
           'shopper-' || floor(random() * {N_SHOPPERS}), 'item-' || floor(random() ^ 2 * 5000),
           {to_microseconds(START)} + n * {STEP}, {to_microseconds(START)} + n * {STEP}, 1
    FROM generate_series(0::bigint, {N_EVENTS - 1}) AS n
"""
KEYS: Final = ("source", "event_id")
Row = dict[str, object]


def run() -> Iterator[Row]:
    with databases() as create:
        opened = {name: _filled(create(), by_month=name == "by month") for name in ("one table", "by month")}
        figures = {name: list[Row]() for name in opened}
        for turn in range(TIMES):
            for name, (engine, _) in opened.items():
                figures[name].append(_measured(engine, turn, by_month=name == "by month"))
        for name, (engine, filling) in opened.items():
            medians = {key: round(statistics.median(_floats(figures[name], key)), 3) for key in figures[name][0]}
            yield {"table": name, "events": N_EVENTS, "fill_s": filling, "size_mib": _size(engine), **medians}
            engine.dispose()


def _filled(url: str, *, by_month: bool) -> tuple[Engine, int]:
    """A database with a year of events, and the seconds that took."""
    migrate(url)
    engine = open_database(url)
    if by_month:
        _partition(engine)
    start = time.perf_counter()
    with writing(engine) as connection:
        connection.execute(text("SELECT setseed(0)"))
        connection.exec_driver_sql(FILL)
        if by_month:
            connection.exec_driver_sql("INSERT INTO event_keys SELECT source, event_id FROM events")
    seconds = round(time.perf_counter() - start)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return engine, seconds


def _partition(engine: Engine) -> None:
    """Put a partitioned table into the place of ``events``."""
    with writing(engine) as connection:
        plain = "SELECT indexdef FROM pg_indexes WHERE tablename = 'events' AND indexdef NOT LIKE '%UNIQUE%'"
        indexes = connection.scalars(text(plain)).all()
        for statement in (
            "ALTER TABLE events RENAME TO one_table",
            "CREATE TABLE events (LIKE one_table INCLUDING DEFAULTS) PARTITION BY RANGE (occurred_at)",
            "ALTER SEQUENCE events_id_seq OWNED BY events.id",
            "CREATE TABLE event_keys AS SELECT source, event_id FROM one_table",
            "DROP TABLE one_table",
            "ALTER TABLE event_keys ADD PRIMARY KEY (source, event_id)",
            "ALTER TABLE events ADD PRIMARY KEY (id, occurred_at)",
            *indexes,
            *(_month(number) for number in range(len(MONTHS) - 1)),
        ):
            connection.exec_driver_sql(statement)


def _month(number: int) -> str:
    since, until = (to_microseconds(month) for month in MONTHS[number : number + 2])
    return f"CREATE TABLE events_{number + 1} PARTITION OF events FOR VALUES FROM ({since}) TO ({until})"


def _measured(engine: Engine, turn: int, *, by_month: bool) -> Row:
    store = EventStore(engine)
    shoppers = [f"shopper-{(turn * HISTORIES + number) * 7919 % N_SHOPPERS}" for number in range(HISTORIES)]
    times = [_seconds(lambda shopper=shopper: store.recent(shopper)) * 1e3 for shopper in shoppers]
    return {
        "history_p50_ms": statistics.median(times),
        "history_p99_ms": statistics.quantiles(times, n=100)[98],
        "last_30_days_s": _seconds(lambda: sum(map(len, store.stream(since=MONTHS[-1] - timedelta(days=30))))),
        "count_new_10000_s": _update(engine),
        "load_10000_s": _load(engine, turn, with_keys=by_month),
    }


def _update(engine: Engine) -> float:
    """As if the newest 10,000 events had come after the last update."""
    with writing(engine) as connection:
        connection.execute(delete(interactions))
        newest = connection.scalar(text("SELECT max(id) FROM events")) or 0
        upsert(connection, progress, [{"task": TASK, "last_event": newest - NEW, "last_alias": newest}])
    return _seconds(lambda: update_interactions(engine))


def _load(engine: Engine, turn: int, *, with_keys: bool) -> float:
    """New events of the last month."""
    made = [
        event(f"new-{turn}-{number}", occurred_at=MONTHS[-2], item=f"item-{number % 5000}") for number in range(NEW)
    ]
    rows = event_table(made).select(EVENT_COLUMNS)
    rows = rows.append_column("recorded_at", rows["occurred_at"])
    return _seconds(lambda: _copy(engine, rows, with_keys=with_keys))


def _copy(engine: Engine, rows: pa.Table, *, with_keys: bool) -> None:
    with writing(engine) as connection:
        if with_keys:
            copy_rows(connection, "event_keys", rows.select(KEYS))
        copy_rows(connection, "events", rows)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _floats(rows: list[Row], key: str) -> list[float]:
    return [float(str(row[key])) for row in rows]


def _size(engine: Engine) -> int:
    """MiB of the whole database."""
    with reading(engine) as connection:
        return (connection.scalar(text("SELECT pg_database_size(current_database())")) or 0) // 2**20

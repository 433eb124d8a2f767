"""Loading events: ``python -m tests.benchmarks ingest`` (10 million; INGEST_EVENTS names another number).

The simulator's events go through validation, the unknown-item check and de-duplication into an empty database, and into
one that holds half of them. Beside it, in the same run, nothing but the writing of the same rows, into an empty table
with the same keys and indexes: PostgreSQL's COPY of text encoded ahead, SQLite's executemany of tuples made ahead.
"""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv
from sqlalchemy import Connection, Engine

from signals.bulk import COPY_OPTIONS
from signals.connections import writing
from signals.database import migrate, open_database
from signals.event_table import EVENT_COLUMNS
from signals.formats import EVENT_FORMATS
from signals.ingest import load_catalog
from signals.simulator import SimulatorConfig, simulate
from signals.validation import check_events
from tests.benchmarks.postgres import databases

N_EVENTS: Final = int(os.environ.get("INGEST_EVENTS", "10_000_000"))
EVENTS_PER_SHOPPER: Final = 40
LOAD: Final = """
import sys, time
from pathlib import Path
from signals.database import open_database
from signals.ingest import ingest_events
engine, path = open_database(sys.argv[1]), Path(sys.argv[2])
start = time.perf_counter()
ingest_events(engine, path, "canonical", rejected=path.with_suffix(".rejected"))
seconds = time.perf_counter() - start
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(seconds, int(peak.split()[1]) / 1024)
"""
Row = dict[str, object]


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name, databases() as create:
        folder = Path(name)
        simulate(SimulatorConfig(n_events=N_EVENTS, n_shoppers=N_EVENTS // EVENTS_PER_SHOPPER)).write(folder)
        _write_half(folder / "events.parquet", folder / "half.parquet")
        for kind, made in (("sqlite", lambda: f"sqlite:///{folder / f'{time.time_ns()}.db'}"), ("postgresql", create)):
            yield {"database": kind, "events": N_EVENTS, **_compared(folder, made)}


def _compared(folder: Path, create: Callable[[], str]) -> Row:
    bare = _bare(_opened(create(), folder), folder / "events.parquet")
    url = _url(create(), folder)
    first, known = (_load(url, folder / name) for name in ("events.parquet", "half.parquet"))
    url = _url(create(), folder)
    _load(url, folder / "half.parquet")
    half = _load(url, folder / "events.parquet")
    return {
        "bare_rows_per_second": round(N_EVENTS / bare),
        "first_load_rows_per_second": round(N_EVENTS / first[0]),
        "first_load_ratio": round(bare / first[0], 2),
        "half_known_rows_per_second": round(N_EVENTS / half[0]),
        "half_known_ratio": round(bare / half[0], 2),
        "all_known_rows_per_second": round(N_EVENTS / 2 / known[0]),
        "peak_rss_mib": round(max(first[1], known[1], half[1])),
    }


def _write_half(path: Path, half: Path) -> None:
    with pq.ParquetFile(path) as file, pq.ParquetWriter(half, file.schema_arrow) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch.filter(pa.array([row % 2 == 0 for row in range(len(batch))])))


def _url(url: str, folder: Path) -> str:
    _opened(url, folder).dispose()
    return url


def _opened(url: str, folder: Path) -> Engine:
    migrate(url)
    engine = open_database(url)
    load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    return engine


def _load(url: str, path: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a load in a process of its own."""
    command = [sys.executable, "-c", LOAD, url, str(path)]
    seconds, mib = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(seconds), float(mib)


def _bare(engine: Engine, path: Path) -> float:
    """Seconds of nothing but writing, a chunk a transaction."""
    write = _copy if engine.dialect.name == "postgresql" else _executemany
    seconds = 0.0
    for chunk in EVENT_FORMATS["canonical"](path):
        rows = check_events(chunk.frame).events.select(EVENT_COLUMNS)
        statement, given = write(rows.append_column("recorded_at", rows["occurred_at"]))
        start = time.perf_counter()
        with writing(engine) as connection:
            statement(connection, given)
        seconds += time.perf_counter() - start
    engine.dispose()
    return seconds


def _copy(rows: pa.Table) -> tuple[Callable[[Connection, Any], None], Any]:
    text = io.BytesIO()
    csv.write_csv(rows, text, COPY_OPTIONS)
    statement = f"COPY events ({', '.join(rows.column_names)}) FROM STDIN (FORMAT csv)"

    def copy(connection: Connection, given: Any) -> None:
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy(statement) as target:
            target.write(given)

    return copy, text.getvalue()


def _executemany(rows: pa.Table) -> tuple[Callable[[Connection, Any], None], Any]:
    marks = ", ".join("?" * len(rows.column_names))
    statement = f"INSERT INTO events ({', '.join(rows.column_names)}) VALUES ({marks})"
    given = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    return lambda connection, tuples: connection.exec_driver_sql(statement, tuples) and None, given

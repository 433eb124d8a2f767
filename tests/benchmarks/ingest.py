"""Loading events through validation and de-duplication, beside a bare executemany of the same rows."""

import sqlite3
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

SIZES = (120_000, 480_000)


def run() -> Iterator[dict[str, object]]:
    for n_events in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            simulate(SimulatorConfig(n_events=n_events)).write(folder)
            yield {"events": n_events, **_ours(folder), **_bare(folder)}


def _ours(folder: Path) -> dict[str, float]:
    engine = open_database(f"sqlite:///{folder / 'shop.db'}")
    load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    figures = {}
    for name in ("first", "again"):
        start = time.perf_counter()
        report = ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
        figures[f"{name}_rows_per_second"] = round(report.rows / (time.perf_counter() - start))
    tracemalloc.start()
    ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
    figures["peak_python_mib"] = round(tracemalloc.get_traced_memory()[1] / 2**20)
    tracemalloc.stop()
    return figures


def _bare(folder: Path) -> dict[str, float]:
    """The same columns into one table with the same key and no checks."""
    frame = pq.read_table(folder / "events.parquet").to_pandas()
    frame["occurred_at"] = frame["occurred_at"].astype(str)
    rows = list(frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None))
    columns = ", ".join(frame.columns)
    marks = ", ".join("?" * len(frame.columns))
    with sqlite3.connect(folder / "bare.db") as connection:
        connection.execute(f"CREATE TABLE events ({columns}, UNIQUE (event_id))")
        start = time.perf_counter()
        connection.executemany(f"INSERT INTO events VALUES ({marks})", rows)
        connection.commit()
    return {"bare_executemany_rows_per_second": round(len(rows) / (time.perf_counter() - start))}

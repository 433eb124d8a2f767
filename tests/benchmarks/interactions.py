"""Interactions: ``python -m tests.benchmarks interactions`` (1 and 10 million; INTERACTION_EVENTS names others).

On SQLite and PostgreSQL, or on the one that INTERACTION_DATABASES names: the kept table from nothing, its update by
10,000 new events, reading it, and folding the events instead, each with the most memory its process ever held.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from signals.database import migrate, open_database
from signals.events import EventStore
from signals.formats import EVENT_FORMATS
from signals.ingest import load_catalog
from signals.simulator import SimulatorConfig, simulate
from signals.validation import check_events
from tests.benchmarks.postgres import databases

SIZES: Final = tuple(int(size) for size in os.environ.get("INTERACTION_EVENTS", "1_000_000,10_000_000").split(","))
DATABASES: Final = os.environ.get("INTERACTION_DATABASES", "sqlite,postgresql").split(",")
EVENTS_PER_SHOPPER: Final = 40
NEW: Final = 10_000
MEASURED: Final = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import delete
from signals.aggregation import update_interactions
from signals.connections import writing
from signals.database import open_database
from signals.interactions import interactions
from signals.tables import progress

engine, step = open_database(sys.argv[1]), sys.argv[2]
if step == "fold":
    with writing(engine) as connection:
        connection.execute(delete(progress))
start = time.perf_counter()
update_interactions(engine) if step == "update" else interactions(engine, datetime(2100, 1, 1, tzinfo=UTC))
seconds = time.perf_counter() - start
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(round(seconds, 2), int(peak.split()[1]) // 1024)
"""
Row = dict[str, object]


def run() -> Iterator[Row]:
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name, databases() as create:
            folder = Path(name)
            _simulated(folder / "all", size, seed=0)
            _simulated(folder / "new", NEW, seed=1)
            urls = {"sqlite": f"sqlite:///{folder / 'shop.db'}", "postgresql": create()}
            for kind in DATABASES:
                yield {"database": kind, "events": size, **_measured(folder, urls[kind])}


def _simulated(folder: Path, size: int, seed: int) -> None:
    shoppers = max(1, size // EVENTS_PER_SHOPPER)
    simulate(SimulatorConfig(n_events=size, n_shoppers=shoppers, seed=seed)).write(folder)


def _measured(folder: Path, url: str) -> Row:
    migrate(url)
    engine = open_database(url)
    load_catalog(engine, folder / "all" / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    _ingest(engine, folder / "all", "all")
    full = _step(url, "update")
    kept = _step(url, "read")
    _ingest(engine, folder / "new", "new")
    new = _step(url, "update")
    folded = _step(url, "fold")
    engine.dispose()
    steps = {"full": full, "new_10000": new, "read_kept": kept, "fold_events": folded}
    return {key: value for name, (s, mib) in steps.items() for key, value in ((f"{name}_s", s), (f"{name}_mib", mib))}


def _ingest(engine: Engine, folder: Path, source: str) -> None:
    """The simulator numbers its events from 1: those of another file are of another source."""
    for chunk in EVENT_FORMATS["canonical"](folder / "events.parquet"):
        EventStore(engine).append(check_events(chunk.frame.assign(source=source)).events)


def _step(url: str, step: str) -> tuple[float, int]:
    """Seconds and peak MiB of a process of its own."""
    command = [sys.executable, "-c", MEASURED, url, step]
    seconds, mib = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(seconds), int(mib)

"""Live events: how long until one is durable, and how many sixteen threads record, beside a commit for each event.

The peer inserts each event and commits by itself, with SQLAlchemy Core, without checks and de-duplication; on
PostgreSQL both keep the server's durable defaults.
"""

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from schemas.events import Event
from signals.catalog import CatalogStore
from signals.database import migrate, open_database
from signals.live import LiveEvents
from signals.tables import events
from tests.benchmarks import postgres
from tests.signals.shops import event, product

ALONE = 2_000
TOGETHER = 16_000
THREADS = 16

Record = Callable[[Event], object]


def run(alone: int = ALONE, together: int = TOGETHER) -> Iterator[dict[str, object]]:
    """Each in a database of its own: a log that grows is slower than one that is written over."""
    for databases in (_sqlite_databases, postgres.databases):
        with databases() as new:
            for name, recorder in (("ours", _ours), ("peer", _peer)):
                url = new()
                migrate(url)
                engine = open_database(url)
                CatalogStore(engine).upsert([product("mug")])
                with recorder(engine) as record:
                    figures = {**_alone(record, alone), **_together(record, together)}
                yield {"database": engine.dialect.name, "who": name, **figures}
                engine.dispose()


def _alone(record: Record, count: int) -> dict[str, float]:
    times = []
    for number in range(count):
        one = event(f"alone-{number}")
        start = time.perf_counter()
        record(one)
        times.append(time.perf_counter() - start)
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": round(cuts[49] * 1e3, 2), "p99_ms": round(cuts[98] * 1e3, 2)}


def _together(record: Record, count: int) -> dict[str, float]:
    def send(thread: int) -> None:
        for number in range(count // THREADS):
            record(event(f"{thread}-{number}"))

    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(send, range(THREADS)))
    return {f"events_per_second_{THREADS}_threads": round(count / (time.perf_counter() - start))}


@contextmanager
def _ours(engine: Engine) -> Iterator[Record]:
    with closing(LiveEvents(engine)) as live:
        yield lambda one: live.record([one]).result()


@contextmanager
def _peer(engine: Engine) -> Iterator[Record]:
    statement = insert(events)

    def record(one: Event) -> None:
        values = one.model_dump(exclude_none=True, exclude={"properties"})
        with engine.begin() as connection:
            connection.execute(statement, {**values, "kind": one.kind.value, "recorded_at": datetime.now(UTC)})

    yield record


@contextmanager
def _sqlite_databases() -> Iterator[Callable[[], str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield lambda: f"sqlite:///{folder}/{uuid.uuid4().hex}.db"

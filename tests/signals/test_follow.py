"""A file that is followed: complete lines as they come, whatever becomes of the file, until it is told to stop."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from signals import follow, retries, tail
from signals.adapters.files import MAX_LINE_BYTES
from signals.database import open_database
from signals.errors import DatabaseUnreachableError, EmptyCatalogError, UnknownFormatError, UnreadableFileError
from signals.events import EventStore
from signals.follow import follow_events
from signals.ingest import ingest_events
from signals.report import IngestReport
from tests.signals.shops import product, stock

VIEW = {"kind": "view", "user_id": "ann", "item_id": "mug", "occurred_at": "2024-01-01T00:00:00Z"}


def view(number: object, **more: Any) -> str:
    return json.dumps({"event_id": str(number), **VIEW, **more}) + "\n"


class Followed:
    """A file that is followed, as its writer sees it."""

    def __init__(self, engine: Engine, path: Path, threads: ThreadPoolExecutor) -> None:
        self.path = path
        self.rows = 0
        self._engine, self._threads = engine, threads
        self._stop = threading.Event()
        self.begin()

    def begin(self, form: str = "canonical") -> None:
        self._stop.clear()
        self.rows = 0
        self._report: Future[IngestReport] = self._threads.submit(
            follow_events, self._engine, self.path, form, self._stop, progress=self._count
        )

    def append(self, *lines: str) -> None:
        with self.path.open("a") as file:
            file.writelines(lines)

    def wait_for(self, rows: int) -> None:
        """Until so many rows are done; the error where following failed."""
        while self.rows < rows:
            if self._report.done():
                self._report.result()
            time.sleep(0.001)

    def stop(self) -> IngestReport:
        self._stop.set()
        return self._report.result()

    def _count(self, rows: int) -> None:
        self.rows = rows


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    opened = open_database(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.002)
    return tmp_path


@pytest.fixture
def followed(engine: Engine, tmp_path: Path) -> Iterator[Followed]:
    stock(engine, product("mug"))
    (tmp_path / "events.jsonl").touch()
    with ThreadPoolExecutor(1) as threads:
        opened = Followed(engine, tmp_path / "events.jsonl", threads)
        yield opened
        opened._stop.set()


def stored(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT event_id FROM events ORDER BY id").scalars())


def test_lines_are_stored_as_they_are_appended(followed: Followed, engine: Engine) -> None:
    followed.append(view(1), view(2))
    followed.wait_for(2)
    assert stored(engine) == ["1", "2"]
    followed.append(view(3))
    followed.wait_for(3)
    assert stored(engine) == ["1", "2", "3"]
    assert followed.stop() == IngestReport(accepted=3)


def test_a_line_without_an_end_waits_until_it_has_one(followed: Followed, engine: Engine) -> None:
    line = view("slow")
    followed.append(view(1), line[:20])
    followed.wait_for(1)
    followed.append(line[20:-1])
    time.sleep(0.02)
    assert stored(engine) == ["1"]
    followed.append("\n")
    followed.wait_for(2)
    assert followed.stop() == IngestReport(accepted=2)


def test_an_unfinished_line_at_the_end_is_stored_by_the_next_start(followed: Followed, engine: Engine) -> None:
    followed.append(view(1), view(2)[:-1])
    followed.wait_for(1)
    assert followed.stop() == IngestReport(accepted=1)
    followed.append("\n")
    followed.begin()
    followed.wait_for(2)
    assert followed.stop() == IngestReport(accepted=1, duplicated=1)


def test_broken_rows_are_rejected_with_their_lines(followed: Followed, tmp_path: Path) -> None:
    followed.append(view(1), "{broken\n", view(2, item_id="teapot"))
    followed.wait_for(3)
    followed.append("\n", view(3, quantity=0), view(1))
    followed.wait_for(5)
    report = followed.stop()
    assert (report.accepted, report.duplicated, report.rejected) == (1, 1, 3)
    assert report.rejected_file == tmp_path / "events.jsonl.rejected.jsonl"
    rows = [json.loads(line) for line in report.rejected_file.read_text().splitlines()]
    assert [(row["line"], row["reason"]) for row in rows] == [
        (2, "not JSON"),
        (3, "item_id: not in the catalogue"),
        (5, "quantity: Input should be greater than or equal to 1"),
    ]


def test_a_product_that_is_new_is_known(followed: Followed, engine: Engine) -> None:
    followed.append(view(1))
    followed.wait_for(1)
    stock(engine, product("cup"))
    followed.append(view(2, item_id="cup"))
    followed.wait_for(2)
    assert followed.stop() == IngestReport(accepted=2)


def test_a_file_that_is_cut_off_is_read_again_from_its_start(followed: Followed, engine: Engine) -> None:
    followed.append(view(1), view(2))
    followed.wait_for(2)
    followed.path.write_text(view(3))
    followed.wait_for(3)
    assert stored(engine) == ["1", "2", "3"]
    assert followed.stop() == IngestReport(accepted=3)


def test_a_new_file_of_the_name_follows_the_rest_of_the_old_one(followed: Followed, engine: Engine) -> None:
    followed.append(view(1))
    followed.wait_for(1)
    old = followed.path.rename(followed.path.with_suffix(".1"))
    followed.path.touch()
    with old.open("a") as file:
        file.write(view(2) + view(3)[:-1])
    followed.wait_for(2)
    followed.append(view(4))
    followed.wait_for(4)
    assert stored(engine) == ["1", "2", "3", "4"]
    assert followed.stop() == IngestReport(accepted=4)


def test_a_name_that_is_gone_for_a_while_is_waited_for(followed: Followed, engine: Engine) -> None:
    followed.append(view(1))
    followed.wait_for(1)
    followed.path.unlink()
    time.sleep(0.02)
    followed.append(view(2))
    followed.wait_for(2)
    assert followed.stop() == IngestReport(accepted=2)


def test_a_line_that_is_too_long_is_rejected_and_the_next_one_read(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MAX_LINE_BYTES", 200)
    followed.append("x" * 1_000)
    time.sleep(0.02)
    followed.append("x" * 1_000 + "\n", view(2))
    followed.wait_for(2)
    report = followed.stop()
    assert (report.accepted, report.reasons) == (1, {f"the line is longer than {MAX_LINE_BYTES} bytes": 1})


def test_many_lines_at_once_are_stored_in_batches(
    followed: Followed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "CHUNK_ROWS", 100)
    followed.append(*(view(number) for number in range(1_050)))
    followed.wait_for(1_050)
    assert stored(engine) == [str(number) for number in range(1_050)]


def test_a_database_that_is_away_for_a_while_is_waited_for(
    followed: Followed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_DELAY_SECONDS", 0.0001)
    failures = [DatabaseUnreachableError("away")] * 3
    append = EventStore.append

    def fail(store: EventStore, table: Any) -> IngestReport:
        if failures:
            raise failures.pop()
        return append(store, table)

    monkeypatch.setattr(EventStore, "append", fail)
    followed.append(view(1), "{broken\n")
    followed.wait_for(2)
    report = followed.stop()
    assert (report.accepted, report.rejected) == (1, 1)


def test_events_without_ids_get_those_that_a_load_of_the_file_gives_them(followed: Followed, engine: Engine) -> None:
    followed.stop()
    call = {"type": "track", "event": "Product Viewed", "userId": "ann", "timestamp": "2024-01-01T00:00:00Z"}
    line = json.dumps({**call, "properties": {"product_id": "mug"}}) + "\n"
    followed.begin("segment")
    for rows in range(1, 4):
        followed.append(line)
        followed.wait_for(rows)
    assert followed.stop() == IngestReport(accepted=3)
    assert ingest_events(engine, followed.path, "segment") == IngestReport(duplicated=3)


def failing(engine: Engine, path: Path, form: str = "canonical") -> Callable[[], IngestReport]:
    return lambda: follow_events(engine, path, form, threading.Event())


def test_what_cannot_be_followed_is_said_at_once(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        failing(engine, tmp_path / "nothing.jsonl")()
    for name in ("events.csv", "events.parquet", "events.jsonl.gz"):
        with pytest.raises(UnreadableFileError, match=r"cannot be followed; allowed: JSON Lines \(.jsonl"):
            failing(engine, tmp_path / name)()
    with pytest.raises(UnknownFormatError, match=r"'online-retail'; allowed: canonical, ga4"):
        failing(engine, tmp_path / "events.jsonl", "online-retail")()


def test_an_empty_catalogue_says_to_load_the_products_first(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(view(1))
    with pytest.raises(EmptyCatalogError, match="load the products first"):
        failing(engine, path)()

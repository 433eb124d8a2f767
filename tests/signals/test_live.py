"""Live events: durable on return, many threads in one transaction, and nothing lost without a word."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from signals import live as live_module
from signals import retries
from signals.catalog import CatalogStore
from signals.database import MIGRATIONS, open_database
from signals.errors import (
    BacklogFullError,
    DatabaseConflictError,
    DatabaseError,
    DatabaseLockedError,
    DatabaseUnreachableError,
    InvalidRecordError,
    UnknownItemError,
    WriteFailedError,
)
from signals.events import EventStore
from signals.live import LiveEvents
from signals.report import IngestReport
from tests.signals.shops import event, product, stock

GOOD = {"kind": "view", "user_id": "ann", "item_id": "mug", "occurred_at": "2024-01-01T00:00:00Z"}
PASSING = [DatabaseUnreachableError("away"), DatabaseLockedError("in use"), DatabaseConflictError("a deadlock")]

Append = Callable[..., list[IngestReport]]


@pytest.fixture
def live(engine: Engine) -> Iterator[LiveEvents]:
    stock(engine, product("mug"))
    opened = LiveEvents(engine)
    yield opened
    opened.close()


@pytest.fixture
def impatient(engine: Engine) -> Iterator[LiveEvents]:
    """Live events with room for two that give up at the first failure."""
    stock(engine, product("mug"))
    opened = LiveEvents(engine, backlog=2, wait_seconds=0.01, patience_seconds=0)
    yield opened
    opened.close()


@pytest.fixture
def appending(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Append], Append]], None]:
    """Puts something in front of the store: a function of what it does that does something else."""

    def wrap(around: Callable[[Append], Append]) -> None:
        monkeypatch.setattr(EventStore, "append_parts", around(EventStore.append_parts))

    return wrap


class Gate(threading.Event):
    """Transactions wait until this is set; ``begun`` is set when the first one does."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def around(self, append: Append) -> Append:
        def later(*args: Any) -> list[IngestReport]:
            self.begun.set()
            self.wait()
            return append(*args)

        return later


@pytest.fixture
def held(appending: Any) -> Iterator[Gate]:
    gate = Gate()
    appending(gate.around)
    yield gate
    gate.set()


def failing(errors: list[Exception]) -> Callable[[Append], Append]:
    """Each transaction fails with the next of ``errors``, until there are none."""

    def around(append: Append) -> Append:
        def fail(*args: Any) -> list[IngestReport]:
            if errors:
                raise errors.pop(0)
            return append(*args)

        return fail

    return around


def stored(engine: Engine) -> list[str]:
    """The ids of all events in the order they were stored."""
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT event_id FROM events ORDER BY id").scalars())


def test_events_are_stored_all_or_none_and_durable_with_the_answer(live: LiveEvents, engine: Engine) -> None:
    answer = live.record([event(1), {"event_id": "2", **GOOD}, event(1)])
    assert answer.result() == IngestReport(accepted=2, duplicated=1)
    assert stored(engine) == ["1", "2"]
    with pytest.raises(InvalidRecordError, match="event 2: quantity"):
        live.record([event(3), {"event_id": "4", **GOOD, "quantity": 0}])
    with pytest.raises(UnknownItemError, match="'teapot'") as refused:
        live.record([event(3), event(4, item="teapot")])
    assert refused.value.ids == ("teapot",)
    assert live.record([]).result() == IngestReport()
    assert stored(engine) == ["1", "2"]


def test_unknown_items_are_stored_where_that_is_allowed(live: LiveEvents) -> None:
    assert live.record([event(1, item="teapot")], allow_unknown_items=True).result().accepted == 1


def test_a_product_is_known_as_soon_as_it_is_stored_and_asked_for_once(
    live: LiveEvents, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownItemError):
        live.record([event(1, item="cup")])
    stock(engine, product("cup"))
    live.record([event(1, item="cup")]).result()
    monkeypatch.setattr(CatalogStore, "unknown", None)
    assert live.record([event(2, item="cup")]).result().accepted == 1


def test_an_event_of_a_clock_far_ahead_is_counted_as_flagged_in_its_own_call(live: LiveEvents, held: Gate) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    answers = [live.record([{**GOOD, "event_id": str(number), "occurred_at": ahead}]) for number in range(2)]
    answers.append(live.record([event("sane")]))
    held.set()
    assert [answer.result().flagged for answer in answers] == [{"clock_ahead": 1}, {"clock_ahead": 1}, {}]


def test_what_waits_is_written_in_one_transaction_in_the_order_it_was_handed_over(
    live: LiveEvents, engine: Engine, held: Gate
) -> None:
    first = live.record([event("first")])
    held.begun.wait()
    answers = [live.record([event(f"{number}-a"), event(f"{number}-b")]) for number in range(50)]
    held.set()
    wait([first, *answers])
    assert stored(engine) == ["first", *(f"{number}-{letter}" for number in range(50) for letter in "ab")]
    with engine.connect() as connection:
        times = connection.exec_driver_sql("SELECT DISTINCT recorded_at FROM events").all()
    assert len(times) == 2


def test_after_a_batch_of_several_the_next_is_waited_for_a_moment(
    live: LiveEvents, engine: Engine, held: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = live.record([event("first")])
    held.begun.wait()
    pair = [live.record([event(number)]) for number in range(2)]
    monkeypatch.setattr(live_module, "GATHER_SECONDS", 60)
    held.set()
    wait([first, *pair])
    returned = [live.record([event(number)]) for number in (2, 3)]
    wait(returned)
    lone = live.record([event("lone")])
    live.close()
    assert lone.result().accepted == 1
    with engine.connect() as connection:
        batches = connection.exec_driver_sql("SELECT count(*) FROM events GROUP BY recorded_at ORDER BY recorded_at")
        assert list(batches.scalars()) == [1, 2, 2, 1]


def test_calls_written_together_each_get_their_own_counts(live: LiveEvents, held: Gate) -> None:
    first = live.record([event(0)])
    held.begun.wait()
    answers = [live.record([event(number) for number in numbers]) for numbers in ([0, 1], [2], [1, 3, 3], [0])]
    held.set()
    counts = [(answer.result().accepted, answer.result().duplicated) for answer in (first, *answers)]
    assert counts == [(1, 0), (1, 1), (1, 0), (1, 2), (0, 1)]


def test_sixteen_threads_record_at_once_and_every_event_is_stored_once(live: LiveEvents, engine: Engine) -> None:
    def send(thread: int) -> int:
        reports = [live.record([event(number % 40)]).result() for number in range(thread, thread + 40)]
        assert all(report.rows == 1 for report in reports)
        return sum(report.accepted for report in reports)

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(send, range(16))) == 40
    assert sorted(stored(engine), key=int) == [str(number) for number in range(40)]


def test_an_answer_cancelled_before_its_turn_is_not_stored(live: LiveEvents, engine: Engine, held: Gate) -> None:
    first = live.record([event("first")])
    held.begun.wait()
    late = live.record([event("late")])
    assert late.cancel()
    assert not first.cancel()
    held.set()
    assert first.result().accepted == 1
    with pytest.raises(CancelledError):
        late.result()
    assert live.record([event("next")]).result().accepted == 1
    assert stored(engine) == ["first", "next"]


def test_a_full_backlog_makes_callers_wait_and_then_says_that_nothing_was_taken(
    impatient: LiveEvents, engine: Engine, held: Gate
) -> None:
    taken = [impatient.record([event(number)]) for number in range(2)]
    with pytest.raises(BacklogFullError, match=r"2 events are on their way .* 2 at most.*not taken: hand them over"):
        impatient.record([event("refused")])
    held.set()
    wait(taken)
    impatient.close()
    assert stored(engine) == ["0", "1"]


def test_a_caller_that_waits_for_room_goes_on_when_there_is_some(engine: Engine, held: Gate) -> None:
    stock(engine, product("mug"))
    live = LiveEvents(engine, backlog=2, wait_seconds=60)
    live.record([event(1), event(2)])
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(live.record, [event(3)])
        held.begun.wait()
        held.set()
        assert waiting.result().result().accepted == 1
    live.close()


def test_more_events_than_fit_go_alone(impatient: LiveEvents) -> None:
    assert impatient.record([event(number) for number in range(5)]).result().accepted == 5


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_a_write_that_fails_for_a_time_is_tried_again(
    error: Exception, live: LiveEvents, engine: Engine, appending: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_DELAY_SECONDS", 0.0001)
    appending(failing([error] * 4))
    assert live.record([event(1)]).result() == IngestReport(accepted=1)
    assert stored(engine) == ["1"]


def test_pauses_between_attempts_grow_up_to_a_limit_and_differ_by_chance() -> None:
    drawn = [[retries._pause(failures) for _ in range(200)] for failures in (0, 3, 1_000_000)]
    limits = [retries.FIRST_DELAY_SECONDS, retries.FIRST_DELAY_SECONDS * 8, retries.LONGEST_DELAY_SECONDS]
    for pauses, limit in zip(drawn, limits, strict=True):
        assert 0 <= min(pauses) < limit / 4 < limit * 3 / 4 < max(pauses) <= limit


def test_when_patience_ends_whoever_handed_over_gets_the_error_and_the_next_events_are_stored(
    impatient: LiveEvents, engine: Engine, appending: Any, caplog: pytest.LogCaptureFixture
) -> None:
    appending(failing([PASSING[0]]))
    with caplog.at_level(logging.ERROR, "signals.live"), pytest.raises(DatabaseUnreachableError, match="away"):
        impatient.record([event("lost")]).result()
    assert caplog.messages == ["1 live events (lost) were not stored: away"]
    assert impatient.record([event("next")]).result().accepted == 1
    assert stored(engine) == ["next"]


def test_a_commit_whose_answer_was_lost_stores_nothing_twice(
    live: LiveEvents, engine: Engine, appending: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_DELAY_SECONDS", 0.0001)
    cut: list[int] = []

    def around(append: Append) -> Append:
        def lose_first_answer(*args: Any) -> list[IngestReport]:
            reports = append(*args)
            if not cut:
                cut.append(1)
                raise PASSING[0]
            return reports

        return lose_first_answer

    appending(around)
    assert live.record([event(1), event(2)]).result() == IngestReport(duplicated=2)
    assert stored(engine) == ["1", "2"]


def test_one_bad_call_fails_alone(
    live: LiveEvents, engine: Engine, held: Gate, appending: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def around(append: Append) -> Append:
        def refuse_bad(store: EventStore, table: Any, sizes: Any) -> list[IngestReport]:
            if "bad" in table["event_id"].to_pylist():
                raise DatabaseError("it does not like this one")
            return append(store, table, sizes)

        return refuse_bad

    appending(around)
    first = live.record([event("first")])
    answers = [live.record([event(name)]) for name in ("a", "bad", "b")]
    held.set()
    with pytest.raises(DatabaseError, match="does not like"):
        answers[1].result()
    assert [answer.result().accepted for answer in (first, answers[0], answers[2])] == [1, 1, 1]
    assert stored(engine) == ["first", "a", "b"]
    assert caplog.messages == ["1 live events (bad) were not stored: it does not like this one"]


def test_closing_writes_what_waits_and_is_final(live: LiveEvents, engine: Engine, held: Gate) -> None:
    answers = [live.record([event(number)]) for number in range(3)]
    closer = threading.Thread(target=live.close)
    closer.start()
    while not live._closed:
        time.sleep(0.001)
    with pytest.raises(WriteFailedError, match="closed"):
        live.record([event("late")])
    held.set()
    closer.join()
    assert all(answer.done() for answer in answers)
    live.close()
    assert stored(engine) == ["0", "1", "2"]


def test_a_caller_that_waits_for_room_is_told_of_the_closing(engine: Engine, held: Gate) -> None:
    stock(engine, product("mug"))
    live = LiveEvents(engine, backlog=1, wait_seconds=60)
    live.record([event(1)])
    with ThreadPoolExecutor(2) as threads:
        waiting: Future[Any] = threads.submit(live.record, [event(2)])
        closing = threads.submit(live.close)
        with pytest.raises(WriteFailedError, match="closed"):
            waiting.result()
        held.set()
        closing.result()
    assert stored(engine) == ["1"]


def test_a_process_that_ends_writes_what_waits(sqlite_url: str, tmp_path: Path) -> None:
    program = f"""
from signals.database import open_database
from signals.live import LiveEvents
from tests.signals.shops import event
live = LiveEvents(open_database({sqlite_url!r}))
for number in range(100):
    live.record([event(number)], allow_unknown_items=True)
"""
    subprocess.run([sys.executable, "-c", program], cwd=MIGRATIONS.parent, check=True, timeout=60)
    engine = open_database(sqlite_url)
    assert EventStore(engine).count() == 100
    engine.dispose()

"""What was shown is written behind the requests, and nothing is lost without a word."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, select

from schemas.catalog import Availability, ProductRow
from schemas.recommendation import Asked, Constraints, RankedItem, Recommendations
from signals import bulk, impressions
from signals.connections import reading
from signals.database import MIGRATIONS, open_database
from signals.errors import DatabaseError, WriteFailedError
from signals.impressions import ImpressionLog
from signals.tables import requests
from tests.signals.shops import NOON


def shown(request_id: str, *items: str) -> Recommendations:
    ranked = tuple(
        RankedItem(
            item_id=item,
            rank=rank,
            score=1 / rank,
            row=ProductRow(item_id=item, variant_id=item, title=item, availability=Availability.IN_STOCK, as_of=NOON),
        )
        for rank, item in enumerate(items, start=1)
    )
    return Recommendations(
        request_id=request_id,
        user_id="ann",
        items=ranked,
        k=10,
        shortfall=10 - len(items),
        cold_start=False,
        personalized=True,
        model_version="1",
        as_of=NOON,
    )


@pytest.fixture
def log(engine: Engine) -> Iterator[ImpressionLog]:
    opened = ImpressionLog(engine)
    yield opened
    opened.close()


def test_what_was_shown_can_be_read_back_by_request(log: ImpressionLog) -> None:
    log.log(shown("r1", "mug", "cup"), endpoint="recommend")
    log.log(shown("r2", "jug"), endpoint="recommend")
    log.flush()
    assert log.read("r1").to_dict("list") == {
        "position": [1, 2],
        "item_id": ["mug", "cup"],
        "score": [1.0, 0.5],
        "propensity": [1.0, 1.0],
    }
    assert log.read("nothing").empty


def test_the_request_is_kept_with_what_it_asked_for(log: ImpressionLog, engine: Engine) -> None:
    asked = Asked(within=Constraints(in_stock=False), photo="AACAPw==", text_weight=4.0)
    log.log(shown("r1"), endpoint="chat", session_id="s", constraints=Constraints(brand=("Loom",)), asked=asked)
    log.log(shown("r2"), endpoint="recommend")
    log.flush()
    with reading(engine) as connection:
        first, second = connection.execute(select(requests).order_by(requests.c.request_id)).mappings()
    assert (first["endpoint"], first["session_id"], first["constraints"]) == ("chat", "s", {"brand": ["Loom"]})
    assert (first["as_of"], first["k"], first["cold_start"]) == (NOON, 10, False)
    assert second["constraints"] is None
    assert [found.asked for found in (log.request("r1"), log.request("r2")) if found] == [asked, Asked()]


def test_a_request_id_seen_before_is_left_as_it_was_and_stops_nothing(log: ImpressionLog) -> None:
    for items in (["mug"], ["cup"]):
        log.log(shown("r1", *items), endpoint="recommend")
    log.log(shown("r2", "jug"), endpoint="recommend")
    log.flush()
    assert log.read("r1")["item_id"].tolist() == ["mug"]
    assert log.read("r2")["item_id"].tolist() == ["jug"]


def test_many_threads_log_at_once(log: ImpressionLog) -> None:
    def send(thread: int) -> None:
        for number in range(50):
            log.log(shown(f"{thread}-{number}", "mug"), endpoint="recommend")

    threads = [threading.Thread(target=send, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.flush()
    assert all(len(log.read(f"{thread}-{number}")) == 1 for thread in range(4) for number in (0, 49))


def test_lists_of_one_moment_are_written_together_and_at_once_if_somebody_waits(
    log: ImpressionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impressions, "GATHER_SECONDS", 60.0)
    written: list[int] = []
    write = log._write
    monkeypatch.setattr(log, "_write", lambda lists: (written.append(len(lists)), write(lists)))
    for number in range(5):
        log.log(shown(f"r{number}", "mug"), endpoint="recommend")
    log.flush(30.0)
    assert written == [5]


def test_closing_writes_what_is_left_and_is_final(log: ImpressionLog) -> None:
    log.log(shown("r1", "mug"), endpoint="recommend")
    log.close()
    log.close()
    assert len(log.read("r1")) == 1
    with pytest.raises(WriteFailedError, match="closed"):
        log.log(shown("r2"), endpoint="recommend")


def test_a_process_that_ends_writes_what_is_left(sqlite_url: str) -> None:
    program = f"""
from signals.database import open_database
from signals.impressions import ImpressionLog
from tests.signals.test_impressions import shown
ImpressionLog(open_database({sqlite_url!r})).log(shown("r1", "mug"), endpoint="recommend")
"""
    subprocess.run([sys.executable, "-c", program], cwd=MIGRATIONS.parent, check=True, timeout=60)
    engine = open_database(sqlite_url)
    assert len(ImpressionLog(engine).read("r1")) == 1
    engine.dispose()


def failing_writes(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Lets the next ``times`` writes fail; the list grows by one with every attempt."""
    attempts: list[int] = []
    write = bulk.insert_new

    def fail_first(*args: Any) -> int:
        attempts.append(len(attempts))
        if len(attempts) <= times:
            raise DatabaseError("no connection")
        return write(*args)

    monkeypatch.setattr(impressions, "insert_new", fail_first)
    monkeypatch.setattr(impressions, "FIRST_DELAY_SECONDS", 0.001)
    return attempts


def test_a_failed_write_is_tried_again(log: ImpressionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_writes(monkeypatch, impressions.ATTEMPTS - 1)
    log.log(shown("r1", "mug"), endpoint="recommend")
    log.flush()
    assert len(log.read("r1")) == 1


def test_what_cannot_be_written_is_logged_and_told_by_flush_never_by_the_request(
    log: ImpressionLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    attempts = failing_writes(monkeypatch, impressions.ATTEMPTS)
    with caplog.at_level(logging.ERROR, "signals.impressions"):
        log.log(shown("r1", "mug"), endpoint="recommend")
        with pytest.raises(WriteFailedError, match="1 lists of impressions could not be written"):
            log.flush()
    assert len(attempts) == impressions.ATTEMPTS
    assert caplog.messages == ["impressions of 1 requests (r1) are lost: no connection"]
    log.log(shown("r2", "mug"), endpoint="recommend")
    log.flush()
    assert len(log.read("r2")) == 1


def test_a_full_queue_makes_the_request_wait_and_then_says_what_it_lost(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_write, began = threading.Event(), threading.Event()
    write = bulk.insert_new

    def wait(*args: Any) -> int:
        began.set()
        may_write.wait()
        return write(*args)

    monkeypatch.setattr(impressions, "QUEUE_LISTS", 1)
    monkeypatch.setattr(impressions, "PUT_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(impressions, "insert_new", wait)
    log = ImpressionLog(engine)
    log.log(shown("writing", "mug"), endpoint="recommend")
    began.wait()
    log.log(shown("queued", "mug"), endpoint="recommend")
    log.log(shown("lost", "mug"), endpoint="recommend")
    with pytest.raises(WriteFailedError, match="not written in 0 s"):
        log.flush(timeout_seconds=0)
    may_write.set()
    with pytest.raises(WriteFailedError, match="1 lists"):
        log.flush()
    log.close()
    assert [len(log.read(name)) for name in ("writing", "queued", "lost")] == [1, 1, 0]
    assert "(lost) are lost: the queue of 1 lists stayed full" in caplog.text


def test_a_list_on_its_way_when_the_log_is_closed_is_written(
    log: ImpressionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.log(shown("early", "mug"), endpoint="recommend")
    put, closer = log._queue.put, threading.Thread(target=log.close)

    def close_first(item: Any, **options: Any) -> None:
        if item is not None:
            closer.start()
            closer.join(0.2)
        put(item, **options)

    monkeypatch.setattr(log._queue, "put", close_first)
    log.log(shown("late", "mug"), endpoint="recommend")
    closer.join()
    log.flush(timeout_seconds=5)
    assert len(log.read("late")) == 1


def test_lists_lost_by_two_threads_at_once_are_all_counted(log: ImpressionLog) -> None:
    lost = [impressions._shown(shown("r", "mug"), "recommend", None, None, Asked())]
    second = threading.Thread(target=log._give_up, args=(lost, "no space"))
    losing_too: list[int] = []

    class Interrupted(int):
        """A count that another thread tries to change while it is being changed."""

        def __add__(self, more: int) -> int:
            if not losing_too:
                losing_too.append(more)
                second.start()
                second.join(0.2)
            return int(self) + more

    log._lost = Interrupted(0)
    log._give_up(lost, "no space")
    second.join()
    with pytest.raises(WriteFailedError, match="2 lists"):
        log.flush()

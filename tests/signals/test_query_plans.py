"""Every read that a request waits for, or that is done again and again, finds its rows by an index."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from signals.aggregation import update_interactions
from signals.catalog import CatalogStore
from signals.connections import reading
from signals.events import EventStore
from signals.exposure import ignored_items
from signals.impressions import ImpressionLog
from tests.signals.shops import NOON, alias, product, stock, store
from tests.signals.shops import event as an_event
from tests.signals.test_impressions import shown

Asked = list[tuple[str, Any]]
READING = ("SELECT", "WITH", "INSERT INTO interactions", "UPDATE")
READS: dict[str, Callable[[Engine], object]] = {
    "recent events of a user": lambda engine: EventStore(engine).recent("ann"),
    "recent events of an anonymous shopper": lambda engine: EventStore(engine).recent("anonymous:tab"),
    "the events of a time range": lambda engine: list(EventStore(engine).stream(NOON, NOON + timedelta(hours=1))),
    "the newest event": lambda engine: EventStore(engine).newest(),
    "the first and the last event": lambda engine: EventStore(engine).time_range(),
    "price and stock of a few items": lambda engine: CatalogStore(engine).offers(["mug"]),
    "whether items are known": lambda engine: CatalogStore(engine).unknown(["mug"]),
    "the list of a request": lambda engine: ImpressionLog(engine).read("r"),
    "a request": lambda engine: ImpressionLog(engine).request("r"),
    "what a shopper passed over": lambda engine: ignored_items(engine, "ann", shown=1, since=NOON),
}


def plans(engine: Engine, read: Callable[[Engine], object]) -> list[str]:
    """How the database finds the rows of each statement; PostgreSQL is asked not to read small tables as a whole."""
    asked: Asked = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    read(engine)
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    selects = [(sql, given) for sql, given in asked if sql.startswith(READING) and "pg_" not in sql]
    with reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = [connection.exec_driver_sql(f"{explain} {sql}", given).all() for sql, given in selects]
    return ["\n".join(str(row[-1]) for row in plan) for plan in rows]


@pytest.fixture
def shop(engine: Engine) -> Engine:
    stock(engine, product("mug"), product("cup"))
    store(engine, an_event(1), an_event(2, "view", None, anonymous_id="tab"), alias(3, "ann", "tab"))
    log = ImpressionLog(engine)
    log.log(shown("r", "mug", "cup"), endpoint="recommend")
    log.close()
    return engine


@pytest.mark.parametrize("name", READS)
def test_a_read_scans_no_table(shop: Engine, name: str) -> None:
    found = plans(shop, READS[name])
    assert found
    for plan in found:
        assert "Seq Scan" not in plan
        assert all("USING" in line for line in plan.splitlines() if line.startswith("SCAN "))


def test_an_update_of_the_interactions_reads_only_the_new_events(shop: Engine) -> None:
    update_interactions(shop)
    store(shop, an_event(4, "view"))
    found = plans(shop, update_interactions)
    assert found
    assert not any("Seq Scan on events" in plan for plan in found)
    assert not any(line == "SCAN events" for plan in found for line in plan.splitlines())

"""Runs of batches in the database: one is served, whole, and an erased shopper is in none."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select

from signals.connections import reading
from signals.errors import UnknownRunError
from signals.mailings import record_sent, sent_id
from signals.prepared import (
    BatchRun,
    PreparedRow,
    batch_folders,
    erased_among,
    forget_runs,
    load_part,
    publish_run,
    register_run,
    served_row,
)
from signals.privacy import erase_shopper, export_shopper
from signals.tables import batch_runs, impressions, prepared, requests
from tests.signals.shops import event, store


def run(name: str) -> BatchRun:
    return BatchRun(name, "/shop/batch", 2, "artifacts-1", datetime(2024, 1, 1, tzinfo=UTC), {"include_bought": True})


def row(user: str, item: str = "mug") -> PreparedRow:
    return PreparedRow(user, False, ((item, 1.5), ("pot", 0.25)), "A mug.", (("mug-red", "8.50", "GBP"),))


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_a_run_is_served_once_it_is_published_and_not_before(engine: Engine) -> None:
    register_run(engine, run("1"))
    assert load_part(engine, "1", [row("ann"), row("bob")]) == 2
    assert served_row(engine, "ann") is None
    publish_run(engine, "1")
    assert served_row(engine, "ann") == (run("1"), row("ann"))
    assert served_row(engine, "cleo") is None


def test_the_next_run_takes_over_at_once_and_the_rows_before_go(engine: Engine) -> None:
    for name, item in (("1", "mug"), ("2", "lamp")):
        register_run(engine, run(name))
        load_part(engine, name, [row("ann", item)])
        found = served_row(engine, "ann")
        assert found is None or found[1] == row("ann", "mug")
        publish_run(engine, name)
    assert served_row(engine, "ann") == (run("2"), row("ann", "lamp"))
    assert count(engine, prepared) == 1


def test_loading_twice_is_loading_once(engine: Engine) -> None:
    register_run(engine, run("1"))
    register_run(engine, run("1"))
    load_part(engine, "1", [row("ann")])
    assert load_part(engine, "1", [row("ann"), row("bob")]) == 1


def test_an_unknown_run_is_no_run(engine: Engine) -> None:
    with pytest.raises(UnknownRunError, match="no batch run '7'"):
        publish_run(engine, "7")
    with pytest.raises(UnknownRunError):
        load_part(engine, "7", [row("ann")])


def test_an_erasure_reaches_what_was_prepared_and_what_is_loaded_later(engine: Engine) -> None:
    store(engine, event(1, "view", "ann"))
    register_run(engine, run("1"))
    load_part(engine, "1", [row("ann"), row("bob")])
    publish_run(engine, "1")
    assert len(export_shopper(engine, "ann")["prepared"]) == 1
    assert erase_shopper(engine, "ann").counts["prepared"] == 1
    assert served_row(engine, "ann") is None
    assert load_part(engine, "1", [row("ann")]) == 0
    assert record_sent(engine, run("1"), [row("ann")], "mail") == 0
    assert erased_among(engine, ["ann", "bob"], run("1").as_of) == {"ann"}
    assert served_row(engine, "bob") is not None


def test_a_sent_list_is_kept_once_as_shown(engine: Engine) -> None:
    for _ in range(2):
        record_sent(engine, run("1"), [row("ann"), row("bob")], "mail")
    with reading(engine) as connection:
        kept = {one.request_id: one for one in connection.execute(select(requests))}
    assert set(kept) == {sent_id("1", "ann"), sent_id("1", "bob")}
    assert kept[sent_id("1", "ann")].endpoint == "mail"
    assert count(engine, impressions) == 4


def test_runs_that_are_no_longer_in_their_folder_are_struck_out(engine: Engine) -> None:
    for name in ("1", "2", "3"):
        register_run(engine, run(name))
    load_part(engine, "1", [row("ann")])
    publish_run(engine, "1")
    forget_runs(engine, "/shop/batch", kept=["3"])
    with reading(engine) as connection:
        assert set(connection.scalars(select(batch_runs.c.run_id))) == {"1", "3"}
    assert served_row(engine, "ann") is not None
    assert batch_folders(engine) == ["/shop/batch"]

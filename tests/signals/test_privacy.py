"""One shopper's data: given out whole, erased whole, and logged without a name."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from schemas.events import Event
from schemas.recommendation import Asked
from signals import aggregation, connections, privacy
from signals.aggregation import update_interactions
from signals.connections import reading
from signals.database import open_database
from signals.errors import DatabaseError, UnknownShopperError
from signals.impressions import ImpressionLog
from signals.ingest import ingest_events
from signals.privacy import erase_shopper, erasures_since, export_shopper
from signals.tables import erased_events, events, impressions, metadata, privacy_log, requests
from tests.signals.shops import alias, event, product, stock, store
from tests.signals.test_aggregation import by, empty, kept, pairs, streams
from tests.signals.test_impressions import shown as list_shown

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def stored(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.scalars(select(events.c.event_id)))


def log(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        rows = connection.execute(select(privacy_log.c.action, privacy_log.c.outcome).order_by(privacy_log.c.id))
        return [(row.action, row.outcome) for row in rows]


def rows(engine: Engine, table: Any) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def shown_to(engine: Engine, *shown: tuple[str, str | None]) -> None:
    """Lists of one item, each a request id and who asked."""
    recorded = ImpressionLog(engine)
    for request_id, user_id in shown:
        answer = list_shown(request_id, "mug").model_copy(update={"user_id": user_id})
        recorded.log(answer, endpoint="search", asked=Asked(text=f"what {user_id} meant", text_weight=4.0))
    recorded.close()


def test_a_shopper_goes_from_every_table_and_nobody_else_does(engine: Engine) -> None:
    store(engine, by(("ann", None), 1), by((None, "tab"), 2), alias(3, "ann", "tab"), by(("bob", None), 4))
    update_interactions(engine)
    shown_to(engine, ("r1", "ann"), ("r2", "anonymous:tab"), ("r3", "bob"), ("r4", None))
    erasure = erase_shopper(engine, "ann")
    found = {"events": 3, "aliases": 1, "interactions": 1, "requests": 2, "impressions": 2, "prepared": 0, "turns": 0}
    assert erasure.counts == found
    assert stored(engine) == {"4"}
    assert pairs(engine) == {("bob", "mug"): 1}
    with reading(engine) as connection:
        assert set(connection.scalars(select(requests.c.request_id))) == {"r3", "r4"}
        assert set(connection.scalars(select(impressions.c.request_id))) == {"r3", "r4"}


def test_a_request_without_a_user_goes_with_the_event_that_answers_it(engine: Engine) -> None:
    store(engine, by(("ann", None), 1, kind="click", request_id="r1"), by(("bob", None), 2, request_id="r2"))
    shown_to(engine, ("r1", None), ("r2", None))
    assert erase_shopper(engine, "ann").counts["requests"] == 1
    assert rows(engine, requests) == 1


def test_another_users_request_stays_whoever_clicked_in_it(engine: Engine) -> None:
    store(engine, by(("ann", None), 1, kind="click", request_id="r1"))
    shown_to(engine, ("r1", "bob"))
    erase_shopper(engine, "ann")
    assert rows(engine, requests) == 1


def test_an_anonymous_id_that_went_on_to_another_user_stays_that_users(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "ann", "tab"), alias(3, "bob", "tab", hours=1))
    update_interactions(engine)
    erase_shopper(engine, "ann")
    assert stored(engine) == {"1", "3"}
    assert pairs(engine) == {("bob", "mug"): 1}


def test_an_anonymous_id_that_came_from_another_user_goes(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "bob", "tab"))
    update_interactions(engine)
    store(engine, alias(3, "ann", "tab", hours=1))
    erase_shopper(engine, "ann")
    assert stored(engine) == {"2"}
    assert pairs(engine) == {}


def test_an_anonymous_shopper_is_erased_by_the_prefixed_id(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), by(("tab", None), 2), by(("ann", "tab"), 3))
    erase_shopper(engine, "anonymous:tab")
    assert stored(engine) == {"2", "3"}


def test_an_anonymous_id_that_is_a_users_by_now_is_refused_with_the_user_to_name(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "ann", "tab"))
    for act in (erase_shopper, export_shopper):
        with pytest.raises(UnknownShopperError, match=r"'anonymous:tab' is user 'ann'"):
            act(engine, "anonymous:tab")
    assert stored(engine) == {"1", "2"}
    assert log(engine) == [("erase", "claimed"), ("export", "claimed")]


def test_an_anonymous_id_whose_alias_was_undone_is_a_shopper_of_its_own(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "ann", "tab"), alias(3, "anonymous:tab", "tab", hours=1))
    store(engine, by(("ann", None), 4))
    update_interactions(engine)
    assert [row["event_id"] for row in export_shopper(engine, "anonymous:tab")["aliases"]] == ["3"]
    erase_shopper(engine, "anonymous:tab")
    assert stored(engine) == {"4"}
    assert pairs(engine) == {("ann", "mug"): 1}


def test_an_anonymous_id_whose_alias_was_undone_stays_when_the_user_goes(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "ann", "tab"), alias(3, "anonymous:tab", "tab", hours=1))
    erase_shopper(engine, "ann")
    assert stored(engine) == {"1", "3"}


def test_erasing_twice_is_no_error_and_logged(engine: Engine) -> None:
    store(engine, by(("ann", None), 1))
    first, second = erase_shopper(engine, "ann"), erase_shopper(engine, "ann")
    assert first.mark == second.mark
    assert set(second.counts.values()) == {0}
    assert log(engine) == [("erase", "done"), ("erase", "nothing_left")]
    assert [erasure.at for erasure in erasures_since(engine, LONG_AGO)] == [first.at]


@pytest.mark.parametrize("act", [erase_shopper, export_shopper])
def test_an_unknown_shopper_is_an_error_and_logged(engine: Engine, act: Any) -> None:
    with pytest.raises(UnknownShopperError, match=r"nothing is stored about shopper 'nobody'; check the id"):
        act(engine, "nobody")
    assert [outcome for _, outcome in log(engine)] == ["unknown"]


def test_the_log_tells_shoppers_apart_without_naming_them(engine: Engine) -> None:
    store(engine, by(("ann", None), 1), by(("bob", None), 2))
    marks = [erase_shopper(engine, user).mark for user in ("ann", "bob")]
    assert len(set(marks)) == 2
    with reading(engine) as connection:
        written = str(connection.execute(select(privacy_log)).all())
    assert "ann" not in written
    assert all(mark in written for mark in marks)


def test_two_databases_mark_one_shopper_differently(tmp_path: Path) -> None:
    marks = []
    for name in ("one", "two"):
        engine = open_database(f"sqlite:///{tmp_path / name}.db")
        store(engine, by(("ann", None), 1))
        marks.append(erase_shopper(engine, "ann").mark)
        engine.dispose()
    assert len(set(marks)) == 2


def test_an_erased_event_is_refused_as_duplicated_and_a_later_one_is_stored(engine: Engine) -> None:
    store(engine, by(("ann", None), 1), by(("bob", None), 2))
    erase_shopper(engine, "ann")
    assert store(engine, by(("ann", None), 1), by(("bob", None), 2)) == (0, 2)
    assert store(engine, by(("ann", None), 1), by(("ann", None), 3)) == (1, 1)
    assert store(engine, by(("ann", None), 1, source="app")) == (1, 0)
    assert stored(engine) == {"1", "2", "3"}


def test_a_file_that_is_loaded_again_brings_nothing_back(engine: Engine, tmp_path: Path) -> None:
    """In more rows than one statement takes."""
    stock(engine, product("mug"))
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(by(("ann", None), n).model_dump_json() for n in range(25_000)))
    assert ingest_events(engine, file, "canonical").accepted == 25_000
    erase_shopper(engine, "ann")
    again = ingest_events(engine, file, "canonical")
    assert (again.accepted, again.duplicated) == (0, 25_000)
    assert rows(engine, erased_events) == 25_000


def test_events_that_take_the_ids_of_erased_ones_are_counted(engine: Engine) -> None:
    """SQLite gives the highest ids away again."""
    store(engine, by(("bob", None), 1), by(("ann", None), 2), alias(3, "ann", "tab"))
    update_interactions(engine)
    erase_shopper(engine, "ann")
    store(engine, by((None, "tab"), 4), alias(5, "bob", "tab"))
    update_interactions(engine)
    assert pairs(engine) == {("bob", "mug"): 2}


def test_an_erasure_in_the_middle_of_an_update_leaves_no_later_event_out(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(engine, by(("bob", None), 1), *(by(("ann", None), number) for number in range(2, 9)))
    newest = aggregation._newest

    def erase_between(given: Engine) -> int:
        found = newest(given)
        erase_shopper(given, "ann")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(aggregation, "_newest", erase_between)
        update_interactions(engine)
    store(engine, by(("bob", None), "late"))
    update_interactions(engine)
    assert pairs(engine) == {("bob", "mug"): 2}


def test_what_fails_half_way_erases_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store(engine, by(("ann", None), 1))
    shown_to(engine, ("r1", "ann"))
    update_interactions(engine)

    def fail(*given: object) -> None:
        raise DatabaseError("stopped")

    monkeypatch.setattr(privacy, "recount_after_erasure", fail)
    with pytest.raises(DatabaseError):
        erase_shopper(engine, "ann")
    assert stored(engine) == {"1"}
    assert rows(engine, requests) == 1
    assert pairs(engine) == {("ann", "mug"): 1}
    assert log(engine) == []


def test_an_export_holds_everything_and_is_json(engine: Engine) -> None:
    store(engine, by((None, "tab"), 1), alias(2, "ann", "tab"), by(("bob", None), 3))
    store(engine, event(4, unit_price="9.50", currency="GBP", properties={"gift": True}, hours=1))
    update_interactions(engine)
    shown_to(engine, ("r1", "ann"), ("r2", "bob"))
    document = json.loads(json.dumps(export_shopper(engine, "ann")))
    assert document["user_id"] == "ann"
    assert document["anonymous_ids"] == ["tab"]
    assert [row["event_id"] for row in document["events"]] == ["1", "4"]
    bought = document["events"][1]
    assert (bought["unit_price"], bought["properties"]) == ("9.50", {"gift": True})
    assert bought["occurred_at"] == "2024-06-01T13:00:00+00:00"
    assert [row["event_id"] for row in document["aliases"]] == ["2"]
    assert {row["kind"]: row["count"] for row in document["interactions"]} == {"view": 1, "purchase": 1}
    (request,) = document["requests"]
    assert request["request_id"] == "r1"
    assert request["asked"] == {"text": "what ann meant", "text_weight": 4.0}
    assert request["shown"] == [{"position": 1, "item_id": "mug", "score": 1.0, "propensity": 1.0}]
    assert document["privacy_log"] == []
    assert [row["action"] for row in export_shopper(engine, "ann")["privacy_log"]] == ["export"]


def test_of_an_erased_shopper_there_is_nothing_to_give_out(engine: Engine) -> None:
    store(engine, by(("ann", None), 1))
    erase_shopper(engine, "ann")
    with pytest.raises(UnknownShopperError, match="'ann' was erased"):
        export_shopper(engine, "ann")
    assert log(engine) == [("erase", "done"), ("export", "nothing_left")]


def test_no_byte_of_a_sqlite_file_names_an_erased_shopper(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    users = [f"shopper-{number:03d}" for number in range(40)]
    for part in range(10):
        store(engine, *(by((user, f"phone-of-{user}"), f"{user}/{part}", item=f"item-{part}") for user in users))
        store(engine, *(by((None, f"tab-of-{user}"), f"{user}/t{part}", hours=part) for user in users))
        update_interactions(engine)
    store(engine, *(alias(f"{user}/alias", user, f"tab-of-{user}") for user in users))
    update_interactions(engine)
    shown_to(engine, *((f"request of {user}", user) for user in users))
    erased = users[::7]
    assert all(count(tmp_path, user) for user in erased)
    for user in erased:
        erase_shopper(engine, user)
    assert not any(count(tmp_path, user) for user in erased)
    assert all(count(tmp_path, user) for user in users if user not in erased)
    engine.dispose()


def test_a_reader_who_holds_the_log_up_is_warned_of(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "BUSY_TIMEOUT_SECONDS", 0.1)
    engine = open_database(sqlite_url)
    store(engine, by(("ann", None), 1))
    with reading(engine) as connection:
        connection.execute(select(events)).all()
        erase_shopper(engine, "ann")
    assert "until its long reader ends" in caplog.text
    caplog.clear()
    erase_shopper(engine, "ann")
    assert not caplog.text
    engine.dispose()


def count(folder: Path, text: str) -> int:
    return sum(path.read_bytes().count(text.encode()) for path in folder.rglob("*") if path.is_file())


def test_every_table_that_names_shoppers_is_one_that_erasing_knows() -> None:
    """A new table with such a column needs a decision in `signals.privacy`."""
    naming = {name for name, table in metadata.tables.items() if {"user_id", "anonymous_id"} & set(table.c.keys())}
    assert naming == {"events", "interactions", "prepared", "requests", "turns"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams(), data=st.data())
def test_what_is_left_is_what_the_others_alone_would_have_given(
    engine: Engine, stream: list[Event], data: st.DataObject
) -> None:
    empty(engine)
    split = data.draw(st.integers(0, len(stream)))
    shopper = data.draw(st.sampled_from(["ann", "bob", "anonymous:tab"]))
    store(engine, *stream[:split])
    update_interactions(engine)
    store(engine, *stream[split:])
    theirs = _events_of(shopper, stream)
    if not theirs:
        return
    erase_shopper(engine, shopper)
    assert stored(engine) == {one.event_id for one in stream if one not in theirs}
    at_once = kept(engine)
    update_interactions(engine)
    left = kept(engine)
    assert shopper not in {row[0] for row in (*left, *at_once)}
    aggregation.rebuild_interactions(engine)
    assert kept(engine) == left
    empty(engine)
    _forget_marks(engine)
    store(engine, *(one for one in stream if one not in theirs))
    update_interactions(engine)
    assert kept(engine) == left


def _events_of(shopper: str, stream: Iterable[Event]) -> list[Event]:
    """The rule in plain Python: what stands under an id of the shopper; of an anonymous one every alias too."""
    aliases = sorted(
        (one for one in stream if one.kind == "alias"), key=lambda one: (one.occurred_at, one.source, one.event_id)
    )
    owners = {one.anonymous_id: one.user_id for one in aliases}
    anonymous = shopper.removeprefix("anonymous:")
    if anonymous != shopper:
        if owners.get(anonymous, shopper) != shopper:
            return []
        ids, undone = {anonymous}, anonymous
    else:
        ids, undone = {str(one) for one, owner in owners.items() if owner == shopper}, None
    names = {shopper, *(f"anonymous:{one}" for one in ids)}
    return [
        one
        for one in stream
        if one.user_id in names
        or (one.user_id is None and one.anonymous_id in ids)
        or (one.kind == "alias" and one.anonymous_id == undone)
    ]


def _forget_marks(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(erased_events.delete())

"""Exports: what was stored comes back, as far as the format can hold it, and what cannot is counted."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from recommender.cli import main
from schemas.events import KINDS_WITHOUT_ITEM, Event, EventKind
from signals.adapters import personalize, segment
from signals.adapters.feed_files import parse_json
from signals.adapters.personalize_export import COLUMNS, interaction_of
from signals.adapters.segment_export import call_of
from signals.column_types import to_microseconds
from signals.database import migrate, open_database
from signals.errors import InvalidRecordError, UnknownFormatError, UnwritableFileError
from signals.event_table import EVENT_COLUMNS, event_table, event_values
from signals.events import EventStore
from signals.export import EXPORT_FORMATS, ExportReport, export_events
from signals.ingest import ingest_events
from tests.signals.adapters.calls import understood
from tests.signals.shops import FAR, NOON, alias, event, store

FILES = {
    "parquet": ("events.parquet", "canonical"),
    "segment": ("calls.jsonl", "segment"),
    "personalize": ("interactions.csv", "personalize"),
}
SHOPPING: list[Event] = [
    event("o:0", quantity=3, unit_price="2.55", currency="GBP", order_id="o", source="segment",
          properties={"order_total": "7.65", "coupon": "X"}),
    event("o:2", item="lamp", variant_id="lamp-red", unit_price="0.0001", currency="GBP", order_id="o",
          source="segment", hours=0),
    event("r", "refund", quantity=1, unit_price="125", currency="GBP", order_id="o", source="segment", hours=1),
    event("i", "impression", position=7, request_id="q", session_id="s", source="segment", hours=2),
    event("v", "view", user=None, anonymous_id="tab", properties={"price": "9.5"}, source="segment", hours=3),
    event("c", "click", anonymous_id="tab", request_id="q", source="segment", hours=4),
    event("s", "search", item=None, query='a "red",\nmug \u2713', source="segment", hours=5),
    alias("a", "ann", "tab", hours=6).model_copy(update={"source": "segment"}),
]  # fmt: skip
OTHERS: list[Event] = [
    event("l", "like", hours=7),
    event("d", "dwell", properties={"seconds": 2.5, "nested": {"a": [1, None]}}, hours=8),
    event("v", "view", source="app", hours=9),
    event("t", "view", item="x,|\"' \u2028", user="y;z", hours=10, properties={"event_value": "4.5"}),
]


def filled(engine: Engine, *events: Event) -> Engine:
    store(engine, *events)
    return engine


def stored(engine: Engine) -> pd.DataFrame:
    """All events by their identity, without when they were recorded."""
    frame = pd.concat([pd.DataFrame(columns=EVENT_COLUMNS), *EventStore(engine).stream()])
    return frame[[*EVENT_COLUMNS]].sort_values(["source", "event_id"], ignore_index=True).astype(object)


@pytest.fixture
def copy(tmp_path: Path) -> Callable[..., Engine]:
    """Another shop, filled from an export."""

    def copy(path: Path, ingest_format: str) -> Engine:
        url = f"sqlite:///{tmp_path / 'copy.db'}"
        migrate(url)
        engine = open_database(url)
        report = ingest_events(engine, path, ingest_format, allow_unknown_items=True, rejected=tmp_path / "rejected")
        assert report.rejected == 0, report.reasons
        return engine

    return copy


def test_parquet_gives_every_event_back_exactly(engine: Engine, tmp_path: Path, copy: Callable[..., Engine]) -> None:
    filled(engine, *SHOPPING, *OTHERS)
    path = tmp_path / "events.parquet"
    assert export_events(engine, path, "parquet") == ExportReport(written=12)
    pd.testing.assert_frame_equal(stored(copy(path, "canonical")), stored(engine))


def test_segment_gives_back_what_segment_can_say(engine: Engine, tmp_path: Path, copy: Callable[..., Engine]) -> None:
    filled(engine, *SHOPPING, *OTHERS)
    path = tmp_path / "calls.jsonl"
    report = export_events(engine, path, "segment", until=NOON + timedelta(hours=9))
    assert (report.written, report.left_out) == (8, 2)
    assert report.reasons == {"like: Segment has no such event": 1, "dwell: Segment has no such event": 1}
    expected = stored(engine)
    expected = expected[expected["source"] == "segment"].reset_index(drop=True)
    pd.testing.assert_frame_equal(stored(copy(path, "segment")), expected)


def test_a_segment_export_of_a_segment_shop_holds_nothing_new_for_it(engine: Engine, tmp_path: Path) -> None:
    filled(engine, *SHOPPING)
    path = tmp_path / "calls.jsonl"
    export_events(engine, path, "segment")
    report = ingest_events(engine, path, "segment", allow_unknown_items=True)
    assert (report.accepted, report.duplicated, report.rejected) == (0, len(SHOPPING), 0)


def test_personalize_gives_back_who_did_what_when(engine: Engine, tmp_path: Path, copy: Callable[..., Engine]) -> None:
    filled(engine, *SHOPPING, *OTHERS)
    path = tmp_path / "interactions.csv"
    report = export_events(engine, path, "personalize")
    assert (report.written, report.left_out) == (10, 2)
    assert report.reasons == {
        "search: Personalize has no interaction without an item": 1,
        "alias: Personalize has no interaction without an item": 1,
    }
    held = ["occurred_at", "item_id", "user_id", "kind", "request_id"]
    found, expected = stored(copy(path, "personalize")), stored(engine)
    assert rows_of(found[held]) == rows_of(expected[held][expected["item_id"].notna()])
    assert found["anonymous_id"].dropna().tolist() == ["tab"]
    assert found["properties"].dropna().tolist() == [{"event_value": "4.5"}]


def rows_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(tuple(map(str, row)) for row in frame.itertuples(index=False))


ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: not text.startswith("anonymous:")
)
amounts = st.decimals(0, 10**12, places=4)
own_properties = st.dictionaries(
    st.sampled_from(["coupon", "list_id", "affiliation", "variant"]), st.integers() | st.booleans() | ids
)


@st.composite
def events(draw: st.DrawFn, kinds: list[EventKind]) -> Event:
    kind = draw(st.sampled_from(kinds))
    priced = draw(st.booleans())
    is_alias = kind is EventKind.ALIAS
    shopper = {"user_id": draw(ids), "anonymous_id": draw(ids if is_alias else st.none() | ids)}
    more = {
        "item_id": draw(ids),
        "variant_id": draw(st.none() | ids),
        "session_id": draw(st.none() | ids),
        "order_id": draw(st.none() | ids),
        "request_id": draw(st.none() | ids),
        "position": draw(st.none() | st.integers(1, 2**31 - 1)),
        "quantity": draw(st.integers(1, 1_000_000)),
        "query": draw(ids if kind is EventKind.SEARCH else st.none() | ids),
        "unit_price": draw(amounts) if priced else None,
        "currency": "GBP" if priced else None,
        "properties": draw(own_properties),
    }
    moment = draw(st.datetimes(datetime(1900, 1, 1), datetime(2025, 12, 31))).replace(tzinfo=UTC)  # noqa: DTZ001
    known = {} if is_alias else more
    return Event(event_id=draw(ids), source="segment", kind=kind, occurred_at=moment, **shopper, **known)


def as_stored(event: Event) -> dict[str, Any]:
    return event_values(event_table([event]))[0]


def as_taken(event: Event) -> dict[str, Any]:
    """What a format is given of an event."""
    return as_stored(event) | {"occurred_at": to_microseconds(event.occurred_at)}


@given(events([*set(segment.KINDS.values()), EventKind.ALIAS]))
def test_any_event_that_segment_can_say_survives_a_call(event: Event) -> None:
    call = parse_json(json.dumps(call_of(as_taken(event))))
    (found,) = understood([segment.decode(call)]).events
    assert {name: value for name, value in found.items() if name != "line"} == as_stored(event)


@given(events([kind for kind in EventKind if kind not in KINDS_WITHOUT_ITEM]))
def test_any_event_on_an_item_survives_an_interaction(event: Event) -> None:
    row = zip(map(str.lower, COLUMNS), interaction_of(as_taken(event)), strict=True)
    (found,) = understood([personalize.decode({name: value for name, value in row if value is not None})]).events
    expected = as_stored(event)
    held = ("kind", "user_id", "item_id", "request_id")
    assert [found.get(name) for name in held] == [expected.get(name) for name in held]
    assert found["occurred_at"] == event.occurred_at.replace(microsecond=0)


@pytest.mark.parametrize("kind", ["like", "dislike", "dwell"])
def test_segment_has_no_call_for_what_it_does_not_know(kind: str) -> None:
    with pytest.raises(InvalidRecordError, match=f"{kind}: Segment has no such event"):
        call_of(as_taken(event(1, kind)))


def test_a_purchase_is_a_call_that_others_understand() -> None:
    call = call_of(as_taken(SHOPPING[0]))
    assert call == {
        "type": "track",
        "event": "Order Completed",
        "userId": "ann",
        "messageId": "o:0",
        "timestamp": "2024-06-01T12:00:00.000000Z",
        "properties": {
            "order_id": "o",
            "total": 7.65,
            "products": [
                {
                    "product_id": "mug",
                    "quantity": 3,
                    "currency": "GBP",
                    "price": 2.55,
                    "coupon": "X",
                    "event_id": "o:0",
                }
            ],
        },
    }


def test_properties_that_segment_does_not_know_are_written_for_others_but_take_no_name_that_means_something() -> None:
    strange = event(1, "view", properties={"gift": True, "position": 5, "price": "3", "total": "9"}, currency="GBP")
    assert call_of(as_taken(strange))["properties"] == {
        "gift": True,
        "product_id": "mug",
        "quantity": 1,
        "currency": "GBP",
    }


@pytest.mark.parametrize("amount", ["0.0001", "19.99", "999999999999.9999", "1000000000000"])
def test_an_amount_is_exact_in_a_call(amount: str) -> None:
    call = parse_json(json.dumps(call_of(as_taken(event(1, "view", unit_price=amount, currency="GBP")))))
    assert Decimal(call["properties"]["price"]) == Decimal(amount)


def test_only_the_events_of_the_time_range_are_written_in_the_order_of_time(engine: Engine, tmp_path: Path) -> None:
    filled(engine, *reversed([event(number, hours=number) for number in range(6)]))
    path = tmp_path / "events.parquet"
    hours = {"since": NOON + timedelta(hours=1), "until": NOON + timedelta(hours=4)}
    assert export_events(engine, path, "parquet", **hours).written == 3
    assert pq.read_table(path)["event_id"].to_pylist() == ["1", "2", "3"]


@pytest.mark.parametrize("format_name", EXPORT_FORMATS)
def test_an_empty_range_is_an_empty_file_that_can_be_read(
    engine: Engine, tmp_path: Path, copy: Callable[..., Engine], format_name: str
) -> None:
    name, ingest_format = FILES[format_name]
    filled(engine, *SHOPPING)
    assert export_events(engine, tmp_path / name, format_name, since=FAR) == ExportReport()
    assert EventStore(copy(tmp_path / name, ingest_format)).count() == 0


def test_a_long_export_is_written_in_parts(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(engine, *(event(number, hours=number) for number in range(5)))
    whole = EventStore.stream
    monkeypatch.setattr(EventStore, "stream", lambda *times: whole(*times, chunk_size=2))
    done: list[int] = []
    path = tmp_path / "events.parquet"
    export_events(engine, path, "parquet", progress=done.append)
    assert done == [2, 4, 5]
    assert pq.ParquetFile(path).num_row_groups == 3


@pytest.mark.parametrize("format_name", EXPORT_FORMATS)
def test_a_failure_leaves_the_old_file_and_nothing_else(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_name: str
) -> None:
    filled(engine, *SHOPPING)
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / FILES[format_name][0]
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableFileError, match=r"cannot write .*: No space left on device; make room for it"):
        export_events(engine, path, format_name)
    assert [one.name for one in folder.iterdir()] == [path.name]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("name", "format_name", "message"),
    [
        ("events.csv", "parquet", r"no extension for parquet; allowed: \.parquet"),
        ("calls.jsonl.gz", "segment", r"no extension for segment; allowed: \.jsonl, \.ndjson"),
        ("missing/events.parquet", "parquet", "cannot write .*No such file or directory"),
        ("file/events.parquet", "parquet", "cannot write .*Not a directory"),
        ("folder.csv", "personalize", "cannot write .*Is a directory"),
    ],
)
def test_a_file_that_cannot_be_written_says_why(
    engine: Engine, tmp_path: Path, name: str, format_name: str, message: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UnwritableFileError, match=message):
        export_events(engine, tmp_path / name, format_name)


def test_an_unknown_format_is_named_with_those_there_are(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormatError, match="unknown format 'xml'; allowed: parquet, personalize, segment"):
        export_events(engine, tmp_path / "x.xml", "xml")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command in a folder with a small shop; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RECOMMENDER_DATABASE_URL", raising=False)
    migrate("sqlite:///shop.db")
    engine = open_database("sqlite:///shop.db")
    filled(engine, *SHOPPING, *OTHERS)
    engine.dispose()

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["recommender", "export", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return run


def test_the_command_says_what_it_wrote_and_left_out(run: Callable[..., Any], tmp_path: Path) -> None:
    code, out, _ = run("calls.jsonl", "--format", "segment", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1]) == {
        "file": "calls.jsonl",
        "written": 10,
        "left_out": 2,
        "reasons": {"like: Segment has no such event": 1, "dwell: Segment has no such event": 1},
    }
    assert len((tmp_path / "calls.jsonl").read_text().splitlines()) == 10
    code, out, _ = run("calls.jsonl", "--format", "segment", "--until", "2024-06-01T20:00")
    assert (code, out) == (0, "8 events written to calls.jsonl\n1 left out: like: Segment has no such event\n")


def test_the_command_has_help_with_an_example(run: Callable[..., Any]) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "Example: recommender export " in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("events.xml", "--format", "xml"), 2, "unknown format 'xml'"),
        (("events.parquet", "--since", "soon"), 2, "'soon' is no time"),
        (("events.parquet", "--since", "2024-01-02", "--until", "2024-01-01"), 2, "--since is the earlier one"),
        (("events.csv",), 1, "no extension for parquet"),
        (("events.parquet", "--database", "sqlite:///none.db"), 1, "none.db"),
    ],
)
def test_the_command_fails_in_one_line(
    run: Callable[..., Any], words: tuple[str, ...], code: int, message: str
) -> None:
    stopped, out, err = run(*words)
    assert (stopped, out) == (code, "")
    assert message in err.replace("\n", " ")
    assert "Traceback" not in err

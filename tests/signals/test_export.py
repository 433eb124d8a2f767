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
from schemas.events import Event, EventKind
from signals import export
from signals.adapters import personalize, segment
from signals.adapters.feed_files import parse_json
from signals.adapters.personalize_export import COLUMNS, interaction_of
from signals.adapters.segment_export import call_of
from signals.column_types import to_microseconds
from signals.database import migrate, open_database
from signals.errors import InvalidRecordError, UnknownFormatError, UnwritableFileError
from signals.event_frame import EVENT_COLUMNS, events_frame
from signals.events import EventStore
from signals.export import EXPORT_FORMATS, ExportReport, export_events
from signals.ingest import ingest_events
from tests.signals.adapters.calls import understood
from tests.signals.shops import FAR, NOON, alias, event, store

FILES = {"parquet": ("events.parquet", "canonical"), "segment": ("calls.jsonl", "segment"),
         "personalize": ("interactions.csv", "personalize")}  # fmt: skip
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
    event("t", "view", item="x,\n|\t\"'", user="y;z", hours=10, properties={"event_value": "4.5"}),
]


def filled(engine: Engine, *events: Event) -> Engine:
    store(engine, *events)
    return engine


def stored(engine: Engine) -> pd.DataFrame:
    """All events by their identity, without when they were recorded."""
    frame = pd.concat([events_frame([])[[*EVENT_COLUMNS]], *EventStore(engine).stream()])
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
    assert report.reasons == {"like: Segment has no such event", "dwell: Segment has no such event"} and dict.fromkeys(
        ("like: Segment has no such event", "dwell: Segment has no such event"), 1
    )
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
    held = ["kind", "user_id", "item_id", "occurred_at", "request_id"]
    expected = stored(engine)
    expected = expected[expected["item_id"].notna()].assign(anonymous_id=lambda rows: rows["anonymous_id"])
    found = stored(copy(path, "personalize"))
    for frame in (expected, found):
        frame.sort_values(["occurred_at", "item_id"], inplace=True, ignore_index=True)
    pd.testing.assert_frame_equal(found[held], expected[held])
    assert found["anonymous_id"].dropna().tolist() == ["tab"]
    assert [row for row in found["properties"] if isinstance(row, dict)] == [{"event_value": "4.5"}]

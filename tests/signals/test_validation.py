"""The columns' verdict on a row is the contract's verdict, value by value."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.events import MAX_QUANTITY, Event, EventKind
from schemas.ids import MAX_ID_LENGTH
from signals.errors import InvalidRecordError
from signals.event_table import EVENT_COLUMNS, event_values
from signals.rows import LINE
from signals.validation import check_events, event_of, product_of

ids = st.sampled_from(
    [
        "a",
        "85123A",
        "é",
        "\u202e",
        "x" * MAX_ID_LENGTH,
        "x" * (MAX_ID_LENGTH + 1),
        "",
        "a\nb",
        "a\x7f",
        "\ud800",
        5,
        1.5,
    ]
)
times = st.sampled_from(
    [
        "2024-02-29T23:59:59Z",
        "2023-02-29T00:00:00Z",
        "2024-01-01 00:00:00.1234567+00:00",
        "2024-01-01T00:00:00.123456-13:59",
        "2024-01-01T00:00:00+14:30",
        "2024-01-01T00:00:00",
        "2024-01-01",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:60Z",
        "0001-01-01T00:00:00+10:00",
        "1999-12-31t23:59:59z",
        "yesterday",
        "1700000000",
        1_700_000_000,
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-9))),
        datetime(2024, 1, 1),  # noqa: DTZ001 - a naive time has to be refused
        pd.Timestamp("2024-03-10T01:02:03.000004", tz="Europe/London"),
    ]
)
whole_numbers = st.sampled_from([1, 0, -1, 3, True, "2", " 2 ", "2.0", 2.0, 2.5, "two", MAX_QUANTITY, MAX_QUANTITY + 1])
prices = st.sampled_from(
    [
        "9.99",
        "1e3",
        "-1",
        "0.00001",
        "1.00000",
        "12,50",
        "NaN",
        " 3 ",
        3,
        True,
        2.5,
        Decimal("9.99"),
        Decimal("1E+3"),
        Decimal("0.12345"),
        Decimal("1000000000000.01"),
        Decimal("-0"),
    ]
)
properties = st.sampled_from(
    [{}, {"a": 1}, {"a": "b", "c": True}, {"a": {"b": [1, None]}}, {1: 2}, "{}", [1], {"a": None}, {"a": {1}}]
)
rows = st.fixed_dictionaries(
    {},
    optional={
        "event_id": ids,
        "source": st.none() | ids,
        "kind": st.sampled_from([*(kind.value for kind in EventKind), "VIEW", "", 3]),
        "user_id": st.none() | ids | st.just("anonymous:x"),
        "anonymous_id": st.none() | ids,
        "session_id": st.none() | ids,
        "item_id": st.none() | ids,
        "variant_id": st.none() | ids,
        "occurred_at": times,
        "quantity": whole_numbers,
        "unit_price": st.none() | prices,
        "currency": st.sampled_from([None, "GBP", "gbp", "GBP\n", "GB", "£"]),
        "order_id": st.none() | ids,
        "request_id": st.none() | ids,
        "position": st.none() | whole_numbers,
        "query": st.sampled_from([None, "", "mug", "thé", "x" * 1_000, "x" * 1_001, "\ud800", 7]),
        "properties": st.none() | properties,
    },
)
valid = {"event_id": "1", "kind": "view", "user_id": "ann", "item_id": "mug", "occurred_at": "2024-01-01T00:00:00Z"}


def by_contract(row: dict[str, Any]) -> Event | None:
    try:
        return Event.model_validate({name: value for name, value in row.items() if value is not None})
    except (ValidationError, OverflowError):
        return None


def frame_of(values: list[dict[str, Any]]) -> pd.DataFrame:
    columns = {name: pd.Series([row.get(name) for row in values], dtype=object) for name in EVENT_COLUMNS}
    return pd.DataFrame({**columns, LINE: range(1, len(values) + 1)})


def numbered(events: pa.Table) -> list[tuple[int, dict[str, Any]]]:
    return list(zip(events[LINE].to_pylist(), event_values(events.drop_columns(LINE)), strict=True))


def as_event(row: Mapping[str, Any]) -> Event:
    return Event.model_validate(row)


@settings(max_examples=400, deadline=None)
@given(st.lists(rows.map(lambda row: valid | row) | rows, min_size=1, max_size=6))
def test_columns_and_contract_agree_on_every_row_and_value(values: list[dict[str, Any]]) -> None:
    expected = {line: by_contract(row) for line, row in enumerate(values, start=1)}
    checked = check_events(frame_of(values))
    found = {line: as_event(row) for line, row in numbered(checked.events)}
    assert found == {line: event for line, event in expected.items() if event is not None}
    assert {reject.line for reject in checked.rejects} == {line for line, event in expected.items() if event is None}


def test_typed_columns_need_no_second_look() -> None:
    frame = pd.DataFrame({"event_id": ["1", "2"], "kind": "view", "user_id": "ann", "item_id": "mug", LINE: [1, 2]})
    frame["occurred_at"] = pd.to_datetime(["2024-01-01T00:00:00+01:00", "2024-01-02T00:00:00+01:00"])
    frame["quantity"] = [1, 2]
    events = check_events(frame).events
    assert [row["occurred_at"] for _, row in numbered(events)] == [
        datetime(2023, 12, 31, 23, tzinfo=UTC),
        datetime(2024, 1, 1, 23, tzinfo=UTC),
    ]
    assert events["source"].to_pylist() == ["shop", "shop"]
    assert events["quantity"].to_pylist() == [1, 2]


def test_an_empty_frame_has_no_events_and_no_rejects() -> None:
    checked = check_events(frame_of([]))
    assert (len(checked.events), checked.rejects) == (0, ())


def test_a_reason_names_field_and_rule_but_not_the_value() -> None:
    rows_ = [valid | {"quantity": -number} for number in (1, 2)] + [valid | {"item_id": None}]
    reasons = [reject.reason for reject in check_events(frame_of(rows_)).rejects]
    assert reasons == ["quantity: Input should be greater than or equal to 1"] * 2 + ["a view needs an item_id"]


def test_the_order_read_is_kept_whatever_way_a_row_was_checked() -> None:
    rows_ = [valid | {"event_id": str(number), "quantity": quantity} for number, quantity in enumerate([1, "2.0", 3])]
    assert check_events(frame_of(rows_)).events["event_id"].to_pylist() == ["0", "1", "2"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_json_cannot_hold_is_refused_before_it_reaches_a_database(value: float) -> None:
    with pytest.raises(InvalidRecordError, match="properties: NaN and infinity are not JSON"):
        event_of(valid | {"properties": {"deep": [value]}})


def test_a_position_or_a_stock_that_no_column_holds_is_refused() -> None:
    with pytest.raises(InvalidRecordError, match="position: above"):
        event_of(valid | {"position": 2**31})
    with pytest.raises(InvalidRecordError, match="quantity: above"):
        product_of({"item_id": "mug", "title": "Mug", "quantity": 2**63})

"""GA4: the same shopping means the same events as Measurement Protocol payloads and as rows of the BigQuery export."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.adapters.ga4 import KINDS, OTHER_EVENTS, decode, read_events
from signals.errors import UnreadableFileError
from tests.signals.adapters.calls import (
    Understood,
    decoded,
    is_accounted_for,
    json_values,
    lines_of,
    understood,
    written,
)

MICROS = 1_772_366_400_123_456
MOMENT = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)
MUG = {"item_id": "mug", "item_name": "Mug", "price": 8.5, "quantity": 2, "index": 0, "item_variant": "red"}
LAMP = {"item_id": "lamp", "price": 30, "coupon": "LIGHT", "index": 4}
ORDER = {"transaction_id": "t-1", "currency": "gbp", "value": 47, "tax": 7.83, "items": [MUG, LAMP]}


def sent(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Measurement Protocol payload."""
    return {"client_id": "77.88", "user_id": "ann", "timestamp_micros": MICROS, "events": list(events), **more}


def event(name: str = "view_item", **params: Any) -> dict[str, Any]:
    return {"name": name, "params": {"ga_session_id": 5, "currency": "GBP", **params}}


def exported(name: str = "view_item", items: Any = (MUG,), order: str | None = None, **params: Any) -> dict[str, Any]:
    """A row of the BigQuery export, as JSON Lines have it: long integers in quotes."""
    named = {"ga_session_id": {"int_value": "5"}, "currency": {"string_value": "GBP"}, **params}
    empty = {"string_value": None, "int_value": None, "float_value": None, "double_value": None}
    return {
        "event_date": "20260301",
        "event_name": name,
        "event_timestamp": str(MICROS),
        "event_params": [{"key": key, "value": {**empty, **value}} for key, value in named.items()],
        "user_id": "ann",
        "user_pseudo_id": "77.88",
        "ecommerce": {"transaction_id": order or "(not set)"},
        "items": list(items),
        "geo": {"country": "Norway"},
    }


def of(payload: Any) -> Understood:
    return decoded(decode, payload)


def test_a_purchase_is_one_event_per_item() -> None:
    found = of(sent(event("purchase", **ORDER)))
    assert found.rejects == []
    ids = [one.pop("event_id") for one in found.events]
    assert len({*ids}) == 2
    assert all(len(event_id) == 64 for event_id in ids)
    shared = {
        "source": "ga4",
        "kind": "purchase",
        "user_id": "ann",
        "anonymous_id": "77.88",
        "session_id": "77.88.5",
        "occurred_at": MOMENT,
        "currency": "GBP",
        "order_id": "t-1",
        "line": 1,
    }
    order = {"order_value": 47, "order_tax": "7.83"}
    assert found.events == [
        shared
        | {
            "item_id": "mug",
            "quantity": 2,
            "unit_price": Decimal("8.5"),
            "position": 1,
            "properties": order | {"item_variant": "red"},
        },
        shared
        | {
            "item_id": "lamp",
            "quantity": 1,
            "unit_price": Decimal("30"),
            "position": 5,
            "properties": order | {"coupon": "LIGHT"},
        },
    ]


def as_parquet(folder: Path, *rows: dict[str, Any]) -> Path:
    """The export as Parquet, with its integers as integers."""
    numbers = ("event_timestamp", "int_value")
    typed = [
        json.loads(json.dumps(row), object_hook=lambda found: _with_integers(found, numbers)) for row in rows
    ]  # fmt: skip
    path = folder / "export.parquet"
    pq.write_table(pa.Table.from_pylist(typed), path)
    return path


def _with_integers(found: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: int(value) if name in names and value is not None else value for name, value in found.items()}


def test_the_export_in_json_and_in_parquet_is_the_events_that_were_sent(tmp_path: Path) -> None:
    mug, lamp = ({**item, "item_list_index": str(item["index"]), "index": None} for item in (MUG, LAMP))
    row = exported(
        "purchase", [mug, lamp | {"item_variant": "(not set)"}], "t-1", value={"int_value": "47"},
        tax={"double_value": 7.83},
    )  # fmt: skip
    expected = of(sent(event("purchase", **ORDER))).events
    assert of(row).events == expected
    assert understood(read_events(as_parquet(tmp_path, row))).events == expected
    assert understood(read_events(written(tmp_path, row, name="export.jsonl.gz"))).events == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("view_item_list", "impression"),
        ("view_item", "view"),
        ("select_item", "click"),
        ("add_to_cart", "add_to_cart"),
        ("remove_from_cart", "remove_from_cart"),
        ("add_to_wishlist", "wishlist"),
        ("purchase", "purchase"),
        ("refund", "refund"),
    ],
)
def test_each_item_of_an_event_is_an_event_of_its_kind(name: str, kind: str) -> None:
    assert of(sent(event(name, items=[MUG, LAMP]))).column("kind") == [kind, kind]


@pytest.mark.parametrize("name", ["search", "view_search_results"])
def test_a_search_is_one_event_whatever_it_found(name: str) -> None:
    (found,) = of(sent(event(name, search_term="red mug", items=[MUG, LAMP]))).events
    assert (found["kind"], found["query"]) == ("search", "red mug")
    assert of(sent(event(name))).reasons == ["a search needs a query"]


def test_a_list_without_indexes_counts_its_places() -> None:
    items = [{"item_id": item} for item in "abc"]
    found = of(sent(event("view_item_list", items=items, item_list_id="hot")))
    assert found.column("position") == [1, 2, 3]
    assert found.column("properties") == [{"item_list_id": "hot"}] * 3


def test_the_value_of_an_event_that_is_no_order_is_called_so() -> None:
    (found,) = of(sent(event("add_to_cart", items=[MUG], value=17))).events
    assert found["properties"] == {"event_value": 17, "item_variant": "red"}


def test_what_an_item_says_of_itself_wins() -> None:
    items = [{"item_id": "a", "affiliation": "market"}, {"item_id": "b"}]
    found = of(sent(event(items=items, affiliation="shop")))
    assert [one["properties"]["affiliation"] for one in found.events] == ["market", "shop"]


def test_a_price_without_a_currency_is_kept_but_is_no_money() -> None:
    (found,) = of(sent(event(items=[LAMP], currency=None))).events
    assert "unit_price" not in found
    assert found["properties"] == {"coupon": "LIGHT", "price": 30}


def test_not_set_is_missing() -> None:
    unset = dict.fromkeys(("item_list_id", "coupon", "item_variant", "item_list_index"), "(not set)")
    (found,) = of(exported(items=[{"item_id": "mug", **unset}])).events
    assert not {"order_id", "position", "properties"} & set(found)


def test_an_event_has_its_own_time_else_that_of_the_payload() -> None:
    later = {**event(items=[MUG]), "timestamp_micros": str(MICROS + 1_000_000)}
    assert of(sent(later, event(items=[MUG]))).column("occurred_at") == [MOMENT.replace(second=1), MOMENT]
    assert of(sent(event(items=[MUG]), timestamp_micros=None)).reasons == ["occurred_at: Field required"]


@pytest.mark.parametrize("micros", [10**18, -(10**18), 10**30])
def test_a_time_beyond_the_calendar_is_rejected(micros: int) -> None:
    assert of(sent(event(), timestamp_micros=micros)).reasons == [
        "timestamp_micros: outside the years 1 to 9999 in UTC"
    ]


def test_sessions_of_different_clients_differ() -> None:
    sessions = [of(sent(event(items=[MUG]), client_id=client)).column("session_id") for client in ("1.1", "2.2")]
    assert sessions == [["1.1.5"], ["2.2.5"]]
    assert of(sent({"name": "view_item", "params": {"session_id": "9", "items": [MUG]}})).column("session_id") == [
        "77.88.9"
    ]


def test_a_payload_that_is_sent_again_has_the_same_ids_and_equal_events_do_not() -> None:
    payload = sent(event(items=[MUG]), event(items=[MUG]))
    ids = of(payload).column("event_id")
    assert len(set(ids)) == 2
    assert of(payload).column("event_id") == ids


def test_equal_events_of_a_file_stay_apart_and_a_second_load_finds_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, exported(), exported(), exported(items=[LAMP]))
    ids = understood(read_events(path)).column("event_id")
    assert len(set(ids)) == 3
    assert understood(read_events(path)).column("event_id") == ids


def test_a_broken_item_is_rejected_alone() -> None:
    found = of(
        sent(event("purchase", **{**ORDER, "items": ["mug", {"item_name": "Mug"}, {**MUG, "quantity": -1}, LAMP]}))
    )
    assert found.column("item_id") == ["lamp"]
    assert found.reasons == [
        "items: an entry is not a JSON object",
        "a purchase needs an item_id",
        "quantity: Input should be greater than or equal to 1",
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (sent(event("page_view")), "name: page_view, which is no shopping event"),
        (sent(event("my_event")), "name: an unknown one, which is no shopping event"),
        (sent({"params": {}}), "name: missing"),
        (sent(7), "not a JSON object"),
        (sent(), "events: empty"),
        ({"events": None}, "events: not a list"),
        ({}, "events: not a list"),
        (sent(event("purchase")), "items: missing, so that the purchase names no product; send its items"),
        (sent(event("refund", transaction_id="t-1")),
         "items: missing, so that the refund names no product; send its items"),
        (sent({"name": "view_item", "params": "x"}),
         "items: missing, so that the view names no product; send its items"),
        (exported("session_start"), "name: session_start, which is no shopping event"),
        (exported(items=[]), "items: missing, so that the view names no product; send its items"),
        ({"event_name": None}, "name: missing"),
        ({"event_name": "view_item", "event_params": [7, {"key": []}], "items": [{"item_id": "a"}]},
         "occurred_at: Field required"),
    ],
)  # fmt: skip
def test_what_is_no_shopping_is_one_reject_with_the_reason(payload: Any, reason: str) -> None:
    found = of(payload)
    assert (found.events, found.reasons) == ([], [reason])


def test_every_line_of_a_file_is_accounted_for(tmp_path: Path) -> None:
    payloads = [sent(event("purchase", **ORDER), event("page_view")), exported(), "[]", exported("scroll")]
    found = understood(read_events(written(tmp_path, *payloads)))
    assert lines_of(found) == [1, 1, 1, 2, 3, 4]


def test_a_long_parquet_export_is_numbered_through(tmp_path: Path) -> None:
    rows = [exported(items=[{"item_id": str(number), "price": 0.1}]) for number in range(2_500)]
    found = understood(read_events(as_parquet(tmp_path, *rows)))
    assert lines_of(found) == list(range(1, 2_501))
    assert set(found.column("unit_price")) == {Decimal("0.1")}


def test_a_parquet_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="lacks the column 'event_timestamp'"):
        list(read_events(as_parquet(tmp_path, {"event_name": "view_item", "geo": {"country": "Norway"}})))


def test_every_name_has_one_meaning() -> None:
    assert not OTHER_EVENTS & set(KINDS)


items = st.dictionaries(st.sampled_from([*MUG, "item_list_index"]), json_values, max_size=6)


@given(
    st.sampled_from([*KINDS, "?"]), json_values, json_values, st.lists(items | json_values, max_size=4) | json_values
)
def test_whatever_a_payload_holds_it_is_accounted_for(name: str, time: Any, session: Any, listed: Any) -> None:
    params = {"ga_session_id": session, "currency": "GBP", "items": listed}
    for payload in (
        sent({"name": name, "params": params}, timestamp_micros=time),
        {"event_name": name, "event_timestamp": time, "event_params": session, "items": listed},
    ):
        assert is_accounted_for(decode(payload))

"""Personalize: requests as the published service model writes them, and the interactions data set."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.serialize import create_serializer
from botocore.validate import validate_parameters
from hypothesis import given
from hypothesis import strategies as st

from signals.adapters.personalize import decode, read_events
from signals.column_types import to_microseconds
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

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = 1_772_366_400
HEADER = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,IMPRESSION,RECOMMENDATION_ID"


def event(**more: Any) -> dict[str, Any]:
    return {"eventId": "e-1", "eventType": "View", "itemId": "mug", "sentAt": SECONDS} | more


def request(*events: Any, **more: Any) -> dict[str, Any]:
    return {"trackingId": "t", "userId": "ann", "sessionId": "s-1", "eventList": list(events), **more}


def on_the_wire(parameters: dict[str, Any]) -> bytes:
    """The body that the service model makes of a call, which must be valid to it."""
    model = botocore.session.get_session().get_service_model("personalize-events").operation_model("PutEvents")
    validate_parameters(parameters, model.input_shape)
    body = create_serializer("rest-json").serialize_to_request(parameters, model)["body"]
    assert isinstance(body, bytes)
    return body


def of(payload: Any) -> Understood:
    return decoded(decode, payload)


def table(folder: Path, *rows: str, header: str = HEADER, name: str = "interactions.csv") -> Path:
    return written(folder, header, *rows, name=name)


def test_a_request_of_the_service_model_is_its_events_and_what_was_shown() -> None:
    purchase = {
        "eventId": "e-1",
        "eventType": "Purchase",
        "eventValue": 8.5,
        "itemId": "mug",
        "properties": '{"channel": "app", "rating": 4.5, "count": 3}',
        "sentAt": NOON,
        "recommendationId": "r-1",
        "impression": ["lamp", "mug"],
        "metricAttribution": {"eventAttributionSource": "mail"},
    }
    found = of(on_the_wire(request(purchase, {"eventType": "Click", "itemId": "bag", "sentAt": NOON})))
    assert found.rejects == []
    shopper = {"source": "personalize", "user_id": "ann", "session_id": "s-1", "occurred_at": NOON, "quantity": 1}
    assert found.events[:3] == [
        shopper
        | {
            "event_id": "e-1",
            "kind": "purchase",
            "item_id": "mug",
            "request_id": "r-1",
            "properties": {
                "channel": "app",
                "rating": "4.5",
                "count": 3,
                "event_value": "8.5",
                "event_attribution_source": "mail",
            },
            "line": 1,
        },
        shopper
        | {
            "event_id": "e-1:0", "kind": "impression", "item_id": "lamp", "position": 1, "request_id": "r-1", "line": 1,
        },
        shopper
        | {
            "event_id": "e-1:1", "kind": "impression", "item_id": "mug", "position": 2, "request_id": "r-1", "line": 1,
        },
    ]  # fmt: skip
    assert (found.events[3]["kind"], found.events[3]["item_id"], found.events[3]["line"]) == ("click", "bag", 2)
    assert len(found.events[3]["event_id"]) == 64


def test_a_request_without_a_user_is_of_the_session() -> None:
    (found,) = of(on_the_wire({name: value for name, value in request(event()).items() if name != "userId"})).events
    assert (found.get("user_id"), found["anonymous_id"], found["session_id"]) == (None, "s-1", "s-1")


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("View", "view"),
        ("click", "click"),
        ("AddToCart", "add_to_cart"),
        ("add-to-cart", "add_to_cart"),
        ("REMOVE_FROM_CART", "remove_from_cart"),
        ("Wishlist", "wishlist"),
        ("ProductViewed", "view"),
        ("Order Completed", "purchase"),
        ("Like", "like"),
        ("dwell", "dwell"),
    ],
)
def test_event_types_are_kinds_in_any_spelling(event_type: str, kind: str) -> None:
    assert of(request(event(eventType=event_type))).column("kind") == [kind]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (event(eventType="Watch"), "eventType: an unknown one, which is no shopping event"),
        (event(eventType="alias"), "eventType: an unknown one, which is no shopping event"),
        (event(eventType=None), "eventType: missing"),
        (event(itemId=None), "a view needs an item_id"),
        (event(sentAt=None), "occurred_at: Field required"),
        (event(sentAt=10**15), "sentAt: outside the years 1 to 9999 in UTC"),
        (event(properties="{"), "properties: not JSON"),
        (event(impression="a|b"), "impression: not a list of item ids"),
        (7, "not a JSON object"),
    ],
)
def test_a_broken_event_is_rejected_alone(broken: Any, reason: str) -> None:
    found = of(request(broken, event(eventId="e-2")))
    assert (found.column("event_id"), found.reasons) == (["e-2"], [reason])


@pytest.mark.parametrize("events", [[], None, "x"])
def test_a_request_without_events_is_a_reject(events: Any) -> None:
    (reason,) = of(request() | {"eventList": events}).reasons
    assert reason.startswith("eventList: ")


@pytest.mark.parametrize("sent_at", [SECONDS, str(SECONDS), "2026-03-01T12:00:00Z", float(SECONDS)])
def test_times_are_seconds_or_iso_8601(sent_at: Any) -> None:
    assert of(request(event(sentAt=sent_at))).column("occurred_at") == [NOON]


def test_fractions_of_a_second_count() -> None:
    body = f'{{"sessionId": "s", "eventList": [{{"eventType": "View", "itemId": "a", "sentAt": {SECONDS}.25}}]}}'
    assert of(body).column("occurred_at") == [NOON.replace(microsecond=250_000)]


def test_properties_are_taken_as_text_and_as_an_object() -> None:
    for properties in ('{"size": "L", "nested": {}}', {"size": "L", "nested": {}}):
        assert of(request(event(properties=properties))).column("properties") == [{"size": "L"}]


def test_interactions_are_events_and_what_was_shown(tmp_path: Path) -> None:
    rows = (
        f"ann,mug,{SECONDS},Purchase,8.5,lamp|mug,r-1",
        f"anonymous:tab,bag,{SECONDS},View,,,",
        f"ann,,{SECONDS},View,,,",
    )
    found = understood(read_events(table(tmp_path, *rows)))
    assert found.column("kind") == ["purchase", "impression", "impression", "view"]
    assert found.column("item_id") == ["mug", "lamp", "mug", "bag"]
    assert found.column("user_id") == ["ann", "ann", "ann", None]
    assert found.column("anonymous_id") == [None, None, None, "tab"]
    assert found.column("request_id") == ["r-1", "r-1", "r-1", None]
    assert found.column("occurred_at") == [NOON] * 4
    assert found.events[0]["properties"] == {"event_value": "8.5"}
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(4, "a view needs an item_id")]


def test_equal_interactions_stay_apart_and_a_second_load_finds_the_same(tmp_path: Path) -> None:
    row = f"ann,mug,{SECONDS},View,,,"
    path = table(tmp_path, row, row, name="interactions.csv.gz")
    ids = understood(read_events(path)).column("event_id")
    assert len(set(ids)) == 2
    assert understood(read_events(path)).column("event_id") == ids


def test_further_columns_are_let_be_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    path = table(tmp_path, f"web,{SECONDS},View,mug,ann", header="DEVICE,TIMESTAMP,EVENT_TYPE,ITEM_ID,USER_ID")
    assert understood(read_events(path)).column("item_id") == ["mug"]
    with pytest.raises(UnreadableFileError, match="lacks the column 'event_type'"):
        list(read_events(table(tmp_path, header="USER_ID,ITEM_ID,TIMESTAMP")))


def test_every_row_of_a_file_is_accounted_for(tmp_path: Path) -> None:
    found = understood(read_events(written(tmp_path, request(event(), 7, event(eventId="e-2")), "{", {})))
    assert lines_of(found) == [1, 1, 1, 2, 3]
    rows = ("too,short", f"ann,mug,{SECONDS},View,,,", "ann,mug,yesterday,View,,,", f"ann,mug,{SECONDS},,,,")
    found = understood(read_events(table(tmp_path, *rows)))
    assert lines_of(found) == [2, 3, 4, 5]


EVENT_NAMES = [*event(), "properties", "impression", "recommendationId", "eventValue", "metricAttribution", "userId"]


@given(st.lists(st.dictionaries(st.sampled_from(EVENT_NAMES), json_values) | json_values, max_size=4), json_values)
def test_whatever_a_request_holds_it_is_accounted_for(events: list[Any], session: Any) -> None:
    broken = request(*(event() | one if isinstance(one, dict) else one for one in events), sessionId=session)
    assert is_accounted_for(decode(broken))


@given(st.decimals(0, 10**6, places=6))
def test_a_time_is_exact_to_the_microsecond(seconds: Decimal) -> None:
    payload = request(event(sentAt=seconds))
    (found,) = understood([decode(payload)]).events
    assert Decimal(to_microseconds(found["occurred_at"])) / 10**6 == seconds

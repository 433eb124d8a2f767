"""Vertex: user events as Google's own client writes them, in both spellings, and what each means."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from google.cloud.retail_v2 import UserEvent
from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import MAX_ID_LENGTH
from signals.adapters.vertex import KINDS, decode, read_events
from tests.signals.adapters.calls import (
    Understood,
    decoded,
    is_accounted_for,
    json_values,
    lines_of,
    understood,
    written,
)

MOMENT = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
TIME = "2026-03-01T12:00:00.500Z"
MUG = {"product": {"id": "mug", "price_info": {"price": 8.5, "currency_code": "GBP"}}, "quantity": 2}
LAMP = {"product": {"id": "lamp-red", "primary_product_id": "lamp"}}


def user_event(event_type: str, *details: Any, **more: Any) -> UserEvent:
    common = {"event_type": event_type, "visitor_id": "tab", "event_time": TIME, "product_details": list(details)}
    return UserEvent({**common, **more})


def plain(event_type: str = "detail-page-view", *details: Any, **more: Any) -> dict[str, Any]:
    common = {"event_type": event_type, "visitor_id": "tab", "event_time": TIME, "product_details": list(details)}
    return {**common, **more}


def of(payload: Any) -> Understood:
    return decoded(decode, payload)


def as_rest(event: UserEvent) -> str:
    return str(UserEvent.to_json(event, indent=None))


def as_snake(event: UserEvent) -> str:
    return json.dumps(UserEvent.to_dict(event))


@pytest.mark.parametrize("spelled", [as_rest, as_snake])
def test_a_purchase_of_the_client_is_one_event_per_product(spelled: Any) -> None:
    order = {"id": "o-1", "revenue": 19.99, "tax": 3.25, "currency_code": "GBP"}
    event = user_event(
        "purchase-complete",
        MUG,
        LAMP,
        purchase_transaction=order,
        user_info={"user_id": "ann"},
        session_id="s-1",
        attribution_token="r-1",
        cart_id="c-1",
        attributes={"channel": {"text": ["mail"]}, "sizes": {"numbers": [1.5, 2]}},
    )
    found = of(spelled(event))
    assert found.rejects == []
    ids = [one.pop("event_id") for one in found.events]
    assert len(set(ids)) == 2
    shared = {
        "source": "vertex",
        "kind": "purchase",
        "user_id": "ann",
        "anonymous_id": "tab",
        "session_id": "s-1",
        "occurred_at": MOMENT,
        "currency": "GBP",
        "order_id": "o-1",
        "request_id": "r-1",
        "properties": {
            "cart_id": "c-1",
            "order_revenue": "19.99",
            "order_tax": "3.25",
            "order_cost": "0.0",
            "attribute_channel": "mail",
            "attribute_sizes": ["1.5", "2.0"],
        },
        "line": 1,
    }
    assert found.events == [
        shared | {"item_id": "mug", "quantity": 2, "unit_price": Decimal("8.5")},
        shared | {"item_id": "lamp", "variant_id": "lamp-red", "quantity": 1},
    ]


@pytest.mark.parametrize("spelled", [as_rest, as_snake])
def test_a_search_of_the_client_is_the_query_and_what_was_found(spelled: Any) -> None:
    found = of(spelled(user_event("search", MUG, LAMP, search_query="red", offset=20, page_categories=["Mugs"])))
    assert found.column("kind") == ["search", "impression", "impression"]
    assert found.column("item_id") == [None, "mug", "lamp"]
    assert found.column("position") == [None, 21, 22]
    assert found.column("query") == ["red"] * 3
    assert found.column("properties") == [{"page_categories": ["Mugs"]}] * 3


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("detail-page-view", "view"),
        ("add-to-cart", "add_to_cart"),
        ("remove-from-cart", "remove_from_cart"),
        ("purchase-complete", "purchase"),
        ("category-page-view", "impression"),
        ("home-page-view", "impression"),
    ],
)
def test_each_product_of_an_event_is_an_event_of_its_kind(event_type: str, kind: str) -> None:
    assert of(as_rest(user_event(event_type, MUG, LAMP))).column("kind") == [kind, kind]


def test_browsing_a_category_without_a_query_shows_products() -> None:
    found = of(plain("search", MUG, page_categories=["Mugs"]))
    assert (found.column("kind"), found.column("position")) == (["impression"], [1])


def test_a_price_without_a_currency_is_kept_but_is_no_money() -> None:
    (found,) = of(plain("detail-page-view", {"product": {"id": "mug", "price_info": {"price": 8.5}}})).events
    assert "unit_price" not in found
    assert found["properties"] == {"price": "8.5"}


@pytest.mark.parametrize("length", [MAX_ID_LENGTH, MAX_ID_LENGTH + 1])
def test_a_token_too_long_for_an_id_is_a_property(length: int) -> None:
    (found,) = of(plain("detail-page-view", MUG, attribution_token="t" * length)).events
    fits = length <= MAX_ID_LENGTH
    assert found.get("request_id") == ("t" * length if fits else None)
    assert found.get("properties") == (None if fits else {"attribution_token": "t" * length})


def test_an_event_that_is_sent_again_has_the_same_ids_and_equal_products_do_not() -> None:
    event = plain("add-to-cart", MUG, MUG)
    ids = of(event).column("event_id")
    assert len(set(ids)) == 2
    assert of(event).column("event_id") == ids


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (plain("shopping-cart-page-view"), "event_type: shopping-cart-page-view, which is no shopping event"),
        (plain("stare"), "event_type: an unknown one, which is no shopping event"),
        ({}, "event_type: missing"),
        (plain(), "product_details: missing, so that the detail-page-view is about no product"),
        (plain("home-page-view"), "product_details: missing, so that the home-page-view is about no product"),
        (plain("search"), "product_details: missing, so that the search is about no product"),
        (plain() | {"product_details": "mug"}, "product_details: not a list"),
        (plain("add-to-cart", "mug"), "product_details: an entry is not a JSON object"),
        (plain("add-to-cart", {"product": "mug"}), "a add_to_cart needs an item_id"),
        (plain("add-to-cart", MUG, visitor_id=None), "user_id or anonymous_id is needed"),
        (plain("add-to-cart", MUG, event_time=""), "occurred_at: Field required"),
    ],
)  # fmt: skip
def test_a_broken_event_is_one_reject_with_the_reason(event: Any, reason: str) -> None:
    found = of(event)
    assert (found.events, found.reasons) == ([], [reason])


def test_a_broken_product_is_rejected_alone() -> None:
    found = of(plain("purchase-complete", MUG, {}, {**MUG, "quantity": -1}, LAMP))
    assert found.column("item_id") == ["mug", "lamp"]
    assert found.reasons == ["a purchase needs an item_id", "quantity: Input should be greater than or equal to 1"]


def test_every_line_of_a_file_is_accounted_for(tmp_path: Path) -> None:
    events = [as_rest(user_event("search", MUG, LAMP, search_query="red")), "7", as_snake(user_event("add-to-cart"))]
    assert lines_of(understood(read_events(written(tmp_path, *events, name="events.jsonl.gz")))) == [1, 1, 1, 2, 3]


NAMES = ["visitorId", "eventTime", "offset", "searchQuery", "userInfo", "purchaseTransaction", "attributes", "filter"]


@given(
    st.sampled_from([*KINDS, "?"]),
    st.dictionaries(st.sampled_from(NAMES), json_values),
    st.lists(st.fixed_dictionaries({"product": json_values, "quantity": json_values}) | json_values, max_size=3),
)
def test_whatever_an_event_holds_it_is_accounted_for(event_type: str, values: Any, details: Any) -> None:
    assert is_accounted_for(
        decode({"eventType": event_type, "visitorId": "tab", "eventTime": TIME, "productDetails": details} | values)
    )

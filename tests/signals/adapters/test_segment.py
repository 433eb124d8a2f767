"""Segment: what each call means, on calls that Segment's own Python client makes and on broken ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment.analytics import request
from segment.analytics.client import Client

from signals.adapters.segment import KINDS, OTHER_EVENTS, decode, read_events
from signals.rows import CHUNK_ROWS
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
MUG = {"product_id": "mug", "sku": "mug-red", "price": 8.5, "quantity": 2, "currency": "GBP"}
LAMP = {"product_id": "lamp", "price": 30, "quantity": 1}
ORDER = {"order_id": "o-1", "currency": "gbp", "total": 47.99, "coupon": "SPRING", "products": [MUG, LAMP]}


def track(event: str = "Product Viewed", properties: Any = MUG, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": event,
        "messageId": "m-1",
        "userId": "ann",
        "timestamp": "2026-03-01T12:00:00.000Z",
        "properties": properties,
        **more,
    }


def of(call: Any) -> Understood:
    return decoded(decode, call)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Segment's client, which posts each call at once; ``client.posted`` are the bodies."""
    posted: list[str] = []

    def post(url: str, data: str, **_: Any) -> Any:
        assert url.endswith("/v1/batch")
        posted.append(data)
        return SimpleNamespace(status_code=200)

    monkeypatch.setattr(request._session, "post", post)
    client = Client("key", sync_mode=True)
    client.posted = posted
    return client


def sent(client: Client) -> Understood:
    return understood([decode_body(body) for body in client.posted])


def decode_body(body: str) -> Any:
    return decode(json.loads(body, parse_float=Decimal))


def test_an_order_of_the_client_is_one_purchase_per_product(client: Client) -> None:
    client.track("ann", "Order Completed", ORDER, timestamp=NOON, anonymous_id="tab", message_id="m-1")
    found = sent(client)
    assert found.rejects == []
    assert found.events == [
        {
            "source": "segment",
            "event_id": "m-1:0",
            "kind": "purchase",
            "user_id": "ann",
            "anonymous_id": "tab",
            "item_id": "mug",
            "variant_id": "mug-red",
            "occurred_at": NOON,
            "quantity": 2,
            "unit_price": Decimal("8.5"),
            "currency": "GBP",
            "order_id": "o-1",
            "properties": {"order_total": "47.99", "order_coupon": "SPRING"},
            "line": 1,
        },
        {
            "source": "segment",
            "event_id": "m-1:1",
            "kind": "purchase",
            "user_id": "ann",
            "anonymous_id": "tab",
            "item_id": "lamp",
            "occurred_at": NOON,
            "quantity": 1,
            "unit_price": Decimal("30"),
            "currency": "GBP",
            "order_id": "o-1",
            "properties": {"order_total": "47.99", "order_coupon": "SPRING"},
            "line": 1,
        },
    ]


def test_money_that_the_client_was_given_as_a_decimal_comes_back_exact(client: Client) -> None:
    for cents in range(1, 200):
        client.track("ann", "Product Viewed", {**MUG, "price": Decimal(cents) / 100}, timestamp=NOON)
    assert sent(client).column("unit_price") == [Decimal(cents) / 100 for cents in range(1, 200)]


def test_every_call_of_the_client_is_an_event_or_a_reject_with_its_reason(client: Client) -> None:
    client.identify("ann", {"email": "a@b.c"}, anonymous_id="tab", timestamp=NOON)
    client.identify("ann", {"email": "a@b.c"})
    client.alias("tab-2", "ann", timestamp=NOON)
    client.group("ann", "team")
    client.page("ann", "Shop", "Mugs")
    client.screen("ann", "Shop", "Mugs")
    client.track("ann", "Cart Viewed", {"products": [MUG]})
    client.track("ann", "Button Pressed")
    found = sent(client)
    assert [(event["kind"], event["user_id"], event["anonymous_id"]) for event in found.events] == [
        ("alias", "ann", "tab"),
        ("alias", "ann", "tab-2"),
    ]
    assert found.reasons == [
        "identify: joins nobody without both userId and anonymousId",
        "type: group is about no product",
        "type: page is about no product",
        "type: screen is about no product",
        "event: Cart Viewed, which is no shopping event",
        "event: an unknown one, which is no shopping event",
    ]


def test_a_message_that_the_client_sends_again_has_the_same_ids(client: Client) -> None:
    for _ in range(2):
        client.track("ann", "Order Completed", ORDER, message_id="m-1")
    assert sent(client).column("event_id") == ["m-1:0", "m-1:1"] * 2


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Product Viewed", "view"),
        ("Product Clicked", "click"),
        ("Product Added", "add_to_cart"),
        ("Wishlist Product Added to Cart", "add_to_cart"),
        ("Product Removed", "remove_from_cart"),
        ("Product Added to Wishlist", "wishlist"),
    ],
)
def test_a_call_about_one_product_is_one_event_under_its_message_id(event: str, kind: str) -> None:
    (found,) = of(track(event, {**MUG, "position": 3, "coupon": "X", "cart_id": "c", "name": "Mug"})).events
    assert (found["event_id"], found["kind"], found["item_id"], found["variant_id"]) == ("m-1", kind, "mug", "mug-red")
    assert (found["position"], found["properties"]) == (3, {"coupon": "X", "cart_id": "c"})


@pytest.mark.parametrize("event", ["Order Refunded", "Order Cancelled"])
def test_a_refund_takes_back_each_product_it_names(event: str) -> None:
    found = of(track(event, ORDER))
    assert [(one["event_id"], one["kind"], one["quantity"]) for one in found.events] == [
        ("m-1:0", "refund", 2),
        ("m-1:1", "refund", 1),
    ]


@pytest.mark.parametrize("products", [None, [], "mug"])
def test_an_order_without_products_is_a_reject_that_says_so(products: Any) -> None:
    for event, kind in [("Order Completed", "purchase"), ("Order Refunded", "refund")]:
        found = of(track(event, {"order_id": "o-1", "products": products}))
        assert found.reasons == [f"products: missing, so that the {kind} names no product; send its products"]
        assert found.rejects[0].row["properties"]["order_id"] == "o-1"


def test_a_broken_line_of_an_order_is_rejected_alone() -> None:
    lines = [MUG, {"price": 3}, {**LAMP, "price": -1}, {**LAMP, "quantity": 0}, "lamp", {**LAMP, "currency": "pounds"}]
    found = of(track("Order Completed", {**ORDER, "products": [*lines, LAMP]}))
    assert found.column("event_id") == ["m-1:0", "m-1:6"]
    assert found.reasons == [
        "products: an entry is not a JSON object",
        "a purchase needs an item_id",
        "unit_price: Input should be greater than or equal to 0",
        "quantity: Input should be greater than or equal to 1",
        "currency: String should match pattern '^[A-Z]{3}$'",
    ]


def test_a_list_is_an_impression_of_each_product_in_its_place() -> None:
    products = [{"product_id": "a", "position": 7}, {"product_id": "b"}, {"sku": "c"}]
    found = of(track("Product List Viewed", {"list_id": "hot", "category": "Mugs", "products": products}))
    assert found.column("kind") == ["impression"] * 3
    assert found.column("item_id") == ["a", "b", "c"]
    assert found.column("position") == [7, 2, 3]
    assert found.column("properties") == [{"list_id": "hot", "list_category": "Mugs"}] * 3


def test_a_list_that_counts_from_0_is_counted_from_1() -> None:
    products = [{"product_id": item, "position": place} for place, item in enumerate("abc")]
    assert of(track("Product List Filtered", {"products": products})).column("position") == [1, 2, 3]


def test_position_0_outside_a_list_is_none() -> None:
    (found,) = of(track("Product Clicked", {**MUG, "position": 0})).events
    assert "position" not in found


def test_a_search_is_its_query() -> None:
    (found,) = of(track("Products Searched", {"query": "red mug"})).events
    assert (found["kind"], found["query"]) == ("search", "red mug")
    assert of(track("Products Searched", {"query": ""})).reasons == ["a search needs a query"]


def test_a_price_without_a_currency_is_kept_but_is_no_money() -> None:
    (found,) = of(track(properties={"product_id": "mug", "price": 8.5})).events
    assert "unit_price" not in found
    assert found["properties"] == {"price": "8.5"}


@pytest.mark.parametrize(
    ("price", "amount"),
    [("19.989999999999998", "19.99"), ("0.30000000000000004", "0.3"), ("1e2", "100"), ('"7.25"', "7.25"), ("0", "0")],
)
def test_prices_are_exact_to_four_decimals(price: str, amount: str) -> None:
    body = json.dumps(track(properties={**MUG, "price": 12345})).replace("12345", price)
    assert of(body).column("unit_price") == [Decimal(amount)]


@pytest.mark.parametrize("price", ["1e999999999", "-1e999999999", "1e13", '"$5"', "[]", "true"])
def test_what_is_no_price_is_rejected_by_name(price: str) -> None:
    body = json.dumps(track(properties={**MUG, "price": 12345})).replace("12345", price)
    (reason,) = of(body).reasons
    assert reason.startswith("unit_price: ")


def test_the_time_is_the_timestamp_else_when_it_was_sent_or_received() -> None:
    late, later = "2026-03-01T12:00:01Z", "2026-03-01T12:00:02Z"
    times = {"timestamp": "2026-03-01T12:00:00Z", "sentAt": late, "receivedAt": later}
    for second, left_out in enumerate([(), ("timestamp",), ("timestamp", "sentAt")]):
        call = {**track(timestamp=None), **{name: time for name, time in times.items() if name not in left_out}}
        assert of(call).column("occurred_at") == [NOON.replace(second=second)]
    assert of({"batch": [track(timestamp=None)], "sentAt": late}).column("occurred_at") == [NOON.replace(second=1)]
    assert of(track(timestamp=None)).reasons == ["occurred_at: Field required"]


def test_numbers_as_ids_are_their_digits_and_a_sku_alone_is_the_item() -> None:
    (found,) = of(track(properties={"sku": 17}, userId=5, messageId=9)).events
    assert (found["item_id"], found["user_id"], found["event_id"]) == ("17", "5", "9")
    assert "variant_id" not in found


def test_the_session_and_the_request_of_ours_are_read() -> None:
    (found,) = of(track(properties={**MUG, "session_id": "s", "request_id": "r"})).events
    assert (found["session_id"], found["request_id"]) == ("s", "r")


def test_calls_without_a_message_id_are_known_by_their_values_and_place() -> None:
    calls = [track(messageId=None), track(messageId=None), track(messageId=None, userId="bob")]
    ids = of({"batch": calls}).column("event_id")
    assert len(set(ids)) == 3
    assert of({"batch": calls}).column("event_id") == ids


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ([track()], "not a JSON object"),
        ({"batch": "x"}, "batch: not a list"),
        ({"batch": []}, "batch: empty"),
        ({"batch": [7]}, "not a JSON object"),
        ({"type": "delete"}, "type: neither track, identify nor alias"),
        ({"type": ["track"]}, "type: neither track, identify nor alias"),
        (track(None), "event: missing"),
        (track(["Product Viewed"]), "event: missing"),
        (track(properties="x"), "properties: not a JSON object"),
        (track(properties=None), "a view needs an item_id"),
        (track(userId=None), "user_id or anonymous_id is needed"),
        (track(userId="anonymous:x"), "user_id may not start with 'anonymous:'; pass the rest as"
         " anonymous_id"),
        (track(userId={"id": 1}), "user_id: Input should be a valid string"),
        (track(messageId="m" * 257), "event_id: String should have at most 256 characters"),
        (track(messageId=None, userId="\ud800"), "user_id: Input should be a valid string, unable to parse raw data"
         " as a unicode string"),
        ({"type": "alias", "userId": "ann", "messageId": "m", "timestamp": NOON.isoformat()},
         "an alias needs both user_id and anonymous_id"),
    ],
)  # fmt: skip
def test_a_broken_call_is_one_reject_with_the_reason(call: Any, reason: str) -> None:
    found = of(call)
    assert (found.events, found.reasons) == ([], [reason])


def test_a_broken_call_costs_the_others_of_its_batch_nothing() -> None:
    found = of({"batch": [track(), 7, track(messageId="m-2"), track("Order Updated")]})
    assert found.column("event_id") == ["m-1", "m-2"]
    assert [reject.line for reject in found.rejects] == [2, 4]


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz", "calls.ndjson"])
def test_a_file_holds_calls_and_batches_and_lines_are_its_lines(tmp_path: Path, name: str) -> None:
    batch = {"batch": [track("Order Completed", ORDER, messageId="m-2"), {"type": "page"}]}
    found = understood(read_events(written(tmp_path, track(), "{", "", batch, name=name)))
    assert lines_of(found) == [1, 2, 4, 4, 4]
    assert [(reject.line, reject.reason) for reject in found.rejects] == [
        (2, "not JSON"),
        (4, "type: page is about no product"),
    ]


def test_a_deeply_nested_value_costs_no_more_than_itself(tmp_path: Path) -> None:
    deep = json.dumps(track(properties={**MUG, "coupon": 12345})).replace("12345", "[" * 900 + "]" * 900)
    (found,) = understood(read_events(written(tmp_path, deep))).events
    assert "properties" not in found


def test_a_long_file_comes_in_chunks(tmp_path: Path) -> None:
    calls = [track(messageId=None)] * (CHUNK_ROWS + 10)
    chunks = list(read_events(written(tmp_path, *calls)))
    assert [len(chunk.frame) for chunk in chunks] == [CHUNK_ROWS, 10]
    assert len({event_id for chunk in chunks for event_id in chunk.frame["event_id"]}) == CHUNK_ROWS + 10


def test_every_name_has_one_meaning() -> None:
    assert not OTHER_EVENTS & set(KINDS)


PRODUCT_NAMES = ["product_id", "sku", "price", "quantity", "currency", "position", "coupon", "event_id"]
CALL_NAMES = ["messageId", "userId", "anonymousId", "timestamp", "sentAt", "type"]
products = st.dictionaries(st.sampled_from(PRODUCT_NAMES), json_values, max_size=6)


@given(
    st.sampled_from([*KINDS, "?"]),
    st.dictionaries(st.sampled_from(CALL_NAMES), json_values),
    products,
    st.lists(products | json_values, max_size=4) | json_values,
)
def test_whatever_a_call_holds_it_is_accounted_for(event: str, call: Any, product: Any, listed: Any) -> None:
    whole = track(event, {**product, "products": listed}) | call
    assert is_accounted_for(decode(whole))


@given(st.lists(products | json_values, min_size=1, max_size=6))
def test_each_product_of_an_order_is_one_event_or_one_reject(listed: list[Any]) -> None:
    found = understood([decode(track("Order Completed", {"products": listed}))])
    assert len(found.events) + len(found.rejects) == len(listed)

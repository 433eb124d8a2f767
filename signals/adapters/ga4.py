"""Google Analytics 4: Measurement Protocol payloads and rows of the BigQuery export, as JSON Lines or Parquet.

==============================  ====================
event                           kind
==============================  ====================
view_item_list                  impression
view_item                       view
select_item                     click
add_to_cart                     add_to_cart
remove_from_cart                remove_from_cart
add_to_wishlist                 wishlist
purchase                        purchase
refund                          refund
search, view_search_results     search
==============================  ====================

Each of ``items`` is one event; a search is one event, whatever items it found.

============================================  =============================================  =====================
Measurement Protocol                          BigQuery export                                column
============================================  =============================================  =====================
client_id                                     user_pseudo_id                                 anonymous_id
user_id                                       user_id                                        user_id
timestamp_micros of the event, else of all    event_timestamp                                occurred_at
params ga_session_id, else session_id         event_params ga_session_id                     session_id, behind the
                                                                                             client id and a point
items[] item_id                               items[] item_id                                item_id
items[] quantity                              items[] quantity                               quantity
items[] price                                 items[] price                                  unit_price
params currency                               event_params currency                          currency, in capitals
items[] index                                 items[] item_list_index                        position, one higher
params transaction_id                         ecommerce.transaction_id, else event_params    order_id
params search_term                            event_params search_term                       query
params request_id (ours, not GA4's)           event_params request_id                        request_id
============================================  =============================================  =====================

Properties: of an item affiliation, coupon, discount, item_list_id, item_list_name, item_variant, location_id; of the
event affiliation, item_list_id, item_list_name where the item has none, and value, tax, shipping, coupon, which belong
to the whole event and are the same on each of its items: ``order_value`` ... of a purchase or refund, else
``event_value`` ... A price without a currency is the property ``price``. An item_variant is a description, not an id.

A session of GA4 is numbered within its client, hence the client id. ``index`` counts from 0; in a list without, the
place in items is the position. "(not set)" is a missing value. There are no event ids: an event is known by its values
and its place among its equals. A refund without items is rejected: which items it takes back is not in the event.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from schemas.events import EventKind
from signals.adapters.wire import JSON_LINES, Call, Rows, WireFormat, kind_of, members, parquet_rows
from signals.adapters.wire_values import first, from_micros, loose_price, priced, properties_of, text, whole
from signals.errors import InvalidRecordError
from signals.rows import Chunk, Record, Reject

SOURCE: Final = "ga4"
KINDS: Final[Mapping[str, EventKind]] = {
    "view_item_list": EventKind.IMPRESSION,
    "view_item": EventKind.VIEW,
    "select_item": EventKind.CLICK,
    "add_to_cart": EventKind.ADD_TO_CART,
    "remove_from_cart": EventKind.REMOVE_FROM_CART,
    "add_to_wishlist": EventKind.WISHLIST,
    "purchase": EventKind.PURCHASE,
    "refund": EventKind.REFUND,
    "search": EventKind.SEARCH,
    "view_search_results": EventKind.SEARCH,
}
OTHER_EVENTS: Final = frozenset(
    {
        "add_payment_info", "add_shipping_info", "begin_checkout", "click", "file_download", "first_visit",
        "form_start", "form_submit", "login", "page_view", "screen_view", "scroll", "select_content",
        "select_promotion", "session_start", "share", "sign_up", "user_engagement", "video_complete",
        "video_progress", "video_start", "view_cart", "view_promotion",
    }
)  # fmt: skip
ORDERS: Final = frozenset({EventKind.PURCHASE, EventKind.REFUND})
NOT_SET: Final = "(not set)"
EXPORT_COLUMNS: Final = (
    "event_name", "event_timestamp", "event_params", "user_id", "user_pseudo_id", "ecommerce", "items",
)  # fmt: skip
OTHER_VALUES: Final = ("string_value", "double_value", "float_value")

SHARED_PROPERTIES: Final = {name: name for name in ("affiliation", "item_list_id", "item_list_name")}
ITEM_PROPERTIES: Final = SHARED_PROPERTIES | {
    name: name for name in ("coupon", "discount", "item_variant", "location_id")
}
TOTALS: Final = ("value", "tax", "shipping", "coupon")
PARAMS: Final = frozenset(
    {
        "ga_session_id", "session_id", "currency", "transaction_id", "search_term", "request_id",
        *SHARED_PROPERTIES, *TOTALS,
    }
)  # fmt: skip
"""The parameters that are read; an exported event has many more."""


def read_events(path: Path) -> Iterator[Chunk]:
    """The events of JSON Lines (payloads or exported rows) or of a Parquet export."""
    parquet = partial(parquet_rows, wanted=EXPORT_COLUMNS, required=("event_name", "event_timestamp", "items"))
    return GA4.read(path, {**JSON_LINES, ".parquet": parquet})


def decode(payload: Any) -> Chunk:
    """The events of one Measurement Protocol body or exported row, decoded with `feed_files.parse_json`."""
    return GA4.decode(payload)


def _calls_in(payload: Call) -> list[Any]:
    """Events with the names of the Measurement Protocol, wherever they are from."""
    if "event_name" in payload:
        return [_exported(payload)]
    shared = {name: payload.get(name) for name in ("client_id", "user_id", "timestamp_micros")}
    return members(payload, "events", shared)


def _exported(row: Call) -> dict[str, Any]:
    order = _set(row.get("ecommerce")).get("transaction_id")
    params = dict(_params(row.get("event_params")))
    return {
        "name": row["event_name"],
        "client_id": row.get("user_pseudo_id"),
        "user_id": row.get("user_id"),
        "timestamp_micros": row.get("event_timestamp"),
        "params": {**params, "transaction_id": first(order, params.get("transaction_id")), "items": row.get("items")},
    }


def _params(parameters: Any) -> Iterator[tuple[str, Any]]:
    for parameter in parameters if isinstance(parameters, list) else ():
        match parameter:
            case {"key": str(name), "value": {**value}} if name in PARAMS:
                yield name, first(whole(value.get("int_value")), *(value.get(field) for field in OTHER_VALUES))


def _set(values: Any) -> dict[str, Any]:
    """The values of an object that are set; none of anything that is no object."""
    return {name: value for name, value in values.items() if value != NOT_SET} if isinstance(values, dict) else {}


def _rows_of(event: Call, line: int) -> Rows:
    kind = kind_of("name", event.get("name"), KINDS, OTHER_EVENTS)
    params = _set(event.get("params"))
    common = {**_common(event, params), "kind": kind.value}
    if kind is EventKind.SEARCH:
        yield Record(line, common)
        return
    items = params.get("items")
    if not isinstance(items, list) or not items:
        raise InvalidRecordError(f"items: missing, so that the {kind} names no product; send its items")
    prefix = "order" if kind in ORDERS else "event"
    shared = properties_of(params, SHARED_PROPERTIES | {name: f"{prefix}_{name}" for name in TOTALS})
    for place, item in enumerate(items, start=1):
        if isinstance(item, dict):
            default = place if kind is EventKind.IMPRESSION else None
            yield Record(line, {**common, **_of_item(_set(item), params.get("currency"), shared, default)})
        else:
            yield Reject(line, "items: an entry is not a JSON object", item)


def _common(event: Call, params: Call) -> dict[str, Any]:
    client, session = text(event.get("client_id")), first(params.get("ga_session_id"), params.get("session_id"))
    return {
        "user_id": text(event.get("user_id")),
        "anonymous_id": client,
        "session_id": text(session) if session is None or client is None else f"{client}.{session}",
        "occurred_at": from_micros(event.get("timestamp_micros"), "timestamp_micros"),
        "order_id": text(params.get("transaction_id")),
        "request_id": text(params.get("request_id")),
        "query": text(params.get("search_term")),
    }


def _of_item(item: Call, currency: Any, shared: Call, place: int | None) -> dict[str, Any]:
    index = whole(first(item.get("index"), item.get("item_list_index")))
    return {
        "item_id": text(item.get("item_id")),
        "quantity": whole(item.get("quantity")),
        "position": index + 1 if isinstance(index, int) else first(index, place),
        **priced(item.get("price"), currency),
        "properties": {**shared, **loose_price(item.get("price"), currency), **properties_of(item, ITEM_PROPERTIES)},
    }


GA4: Final = WireFormat(SOURCE, _calls_in, _rows_of)

"""Vertex AI Search for commerce (Retail v2): user events as JSON Lines, in camelCase (REST) or snake_case.

==================================  ====================================================================
event_type                          kind
==================================  ====================================================================
detail-page-view                    view, one per product
add-to-cart                         add_to_cart, one per product
remove-from-cart                    remove_from_cart, one per product
purchase-complete                   purchase, one per product
search                              search, if it has a search_query, and one impression per product found
category-page-view, home-page-view  one impression per product; rejected without, as most are
==================================  ====================================================================

==================================  ====================================================================
field                               column
==================================  ====================================================================
visitor_id                          anonymous_id
user_info.user_id                   user_id
session_id                          session_id
event_time                          occurred_at
product_details[].product.id        item_id; variant_id where a primary_product_id is given too
product_details[].product           item_id
.primary_product_id
product_details[].quantity          quantity
product_details[].product           unit_price; without a currency the property ``price``
.price_info.price
....price_info.currency_code, else  currency
purchase_transaction.currency_code
purchase_transaction.id             order_id
search_query                        query
attribution_token                   request_id; a property of that name where it is too long for an id
offset, place in product_details    position of an impression: offset + place, from 1
cart_id, entity, experiment_ids,    the properties of the same name
filter, order_by, page_categories
attributes                          the properties ``attribute_{name}``
purchase_transaction revenue, tax,  the properties ``order_revenue`` ...: of the whole order, the same on
cost                                each of its lines
==================================  ====================================================================

There are no event ids: an event is known by its values and its place among its equals.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from schemas.events import EventKind
from schemas.ids import MAX_ID_LENGTH
from signals.adapters.wire import Call, Rows, WireFormat, kind_of
from signals.adapters.wire_values import first, loose_price, present, priced, properties_of, text, whole
from signals.errors import InvalidRecordError
from signals.rows import Chunk, Record, Reject

SOURCE: Final = "vertex"
KINDS: Final[Mapping[str, EventKind]] = {
    "detail-page-view": EventKind.VIEW,
    "add-to-cart": EventKind.ADD_TO_CART,
    "remove-from-cart": EventKind.REMOVE_FROM_CART,
    "purchase-complete": EventKind.PURCHASE,
    "search": EventKind.SEARCH,
    "category-page-view": EventKind.IMPRESSION,
    "home-page-view": EventKind.IMPRESSION,
}
LISTS: Final = frozenset({EventKind.SEARCH, EventKind.IMPRESSION})
OTHER_EVENTS: Final = frozenset({"shopping-cart-page-view"})
CAPITAL: Final = re.compile("[A-Z]")
PROPERTIES: Final = {
    name: name for name in ("cart_id", "entity", "experiment_ids", "filter", "order_by", "page_categories")
}
ORDER_PROPERTIES: Final = {name: f"order_{name}" for name in ("revenue", "tax", "cost")}


def read_events(path: Path) -> Iterator[Chunk]:
    """The events of a JSON Lines file."""
    return VERTEX.read(path)


def decode(payload: Any) -> Chunk:
    """The events of one user event, decoded with `feed_files.parse_json`."""
    return VERTEX.decode(payload)


def _rows_of(event: Call, line: int) -> Rows:
    event = _snake(event)
    kind = kind_of("event_type", event.get("event_type"), KINDS, OTHER_EVENTS)
    order = _snake(event.get("purchase_transaction"))
    common = _common(event, order)
    details = event.get("product_details") or []
    if not isinstance(details, list):
        raise InvalidRecordError("product_details: not a list")
    if kind is EventKind.SEARCH and common["query"] is not None:
        yield Record(line, {**common, "kind": kind.value})
    elif not details:
        raise InvalidRecordError(f"product_details: missing, so that the {event['event_type']} is about no product")
    before = _offset(event) if kind in LISTS else None
    values = {**common, "kind": (EventKind.IMPRESSION if kind in LISTS else kind).value}
    for place, detail in enumerate(details, start=1):
        if isinstance(detail, dict):
            position = None if before is None else before + place
            yield Record(line, {**values, **_of_product(detail, order, common["properties"]), "position": position})
        else:
            yield Reject(line, "product_details: an entry is not a JSON object", detail)


def _common(event: Call, order: Call) -> dict[str, Any]:
    token = text(event.get("attribution_token"))
    fits = not isinstance(token, str) or len(token) <= MAX_ID_LENGTH
    return {
        "user_id": text(_snake(event.get("user_info")).get("user_id")),
        "anonymous_id": text(event.get("visitor_id")),
        "session_id": text(event.get("session_id")),
        "occurred_at": present(event.get("event_time")),
        "order_id": text(order.get("id")),
        "query": text(event.get("search_query")),
        "request_id": token if fits else None,
        "properties": {
            **properties_of(event, PROPERTIES if fits else PROPERTIES | {"attribution_token": "attribution_token"}),
            **properties_of(order, ORDER_PROPERTIES),
            **_attributes(event.get("attributes")),
        },
    }


def _offset(event: Call) -> int:
    offset = whole(event.get("offset"))
    return offset if isinstance(offset, int) else 0


def _of_product(detail: Call, order: Call, properties: Call) -> dict[str, Any]:
    detail = _snake(detail)
    product = _snake(detail.get("product"))
    price = _snake(product.get("price_info"))
    currency = first(price.get("currency_code"), order.get("currency_code"))
    own, primary = text(product.get("id")), text(product.get("primary_product_id"))
    return {
        "item_id": first(primary, own),
        "variant_id": None if primary is None else own,
        "quantity": whole(detail.get("quantity")),
        **priced(price.get("price"), currency),
        "properties": {**properties, **loose_price(price.get("price"), currency)},
    }


def _attributes(attributes: Any) -> dict[str, Any]:
    values = {name: _attribute(value) for name, value in attributes.items()} if isinstance(attributes, dict) else {}
    return properties_of(values, {name: f"attribute_{name}" for name in values})


def _attribute(value: Any) -> Any:
    """The one value of an attribute, or the list of its values."""
    values = first(value.get("text") or None, value.get("numbers")) if isinstance(value, dict) else None
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _snake(values: Any) -> dict[str, Any]:
    """An object with its names in snake_case; an empty one of anything that is no object."""
    return {_snake_name(name): value for name, value in values.items()} if isinstance(values, dict) else {}


@lru_cache(maxsize=1_024)
def _snake_name(name: str) -> str:
    return CAPITAL.sub(r"_\g<0>", name).lower()


VERTEX: Final = WireFormat(SOURCE, lambda payload: [payload], _rows_of)

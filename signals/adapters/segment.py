"""Segment calls of the Ecommerce v2 specification: one call, or one ``/v1/batch`` envelope, per line of JSON.

=========================================  ==========================================================
call                                       kind
=========================================  ==========================================================
Product List Viewed, Product List Filtered impression, one per product
Product Viewed                             view
Product Clicked                            click
Product Added, Wishlist Product Added to   add_to_cart
Cart
Product Removed                            remove_from_cart
Product Added to Wishlist                  wishlist
Order Completed                            purchase, one per product
Order Refunded, Order Cancelled            refund, one per product
Products Searched                          search
alias, identify with both ids              alias
=========================================  ==========================================================

=========================================  ==========================================================
field                                      column
=========================================  ==========================================================
messageId                                  event_id; ``{messageId}:{place in products, from 0}`` of one per product
userId                                     user_id
anonymousId; previousId of an alias        anonymous_id
timestamp, else sentAt, else receivedAt    occurred_at
product_id, else sku                       item_id
sku, beside a product_id                   variant_id
quantity                                   quantity
price                                      unit_price; without a currency the property ``price``
currency of the product, else of the call  currency, in capitals
order_id                                   order_id
position                                   position; in a list without, the place in products, from 1
query                                      query
coupon, discount, value, variant           the properties of the same name
affiliation, cart_id, checkout_id,         the properties of the same name
list_id, wishlist_id, wishlist_name
category of a list                         the property ``list_category``
total, subtotal, revenue, shipping, tax,   the properties ``order_total`` ...: of the whole order, the same on each of
discount, coupon of an order               its lines
=========================================  ==========================================================

Three names are ours and not Segment's: ``session_id`` and ``request_id`` (of the answer of the recommender that was
shown) among the properties of a call, and ``event_id`` in a product, the id of its event: `signals.export` writes it.

An order that is refunded as a whole, without products, is rejected: what its lines were is not in the call; send them.
A list that counts its positions from 0 is counted from 1; outside a list, a position 0 is none.
An alias says that all events of previousId without a user are the user's.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from schemas.events import EventKind
from signals.adapters.wire import Call, Rows, WireFormat, kind_of, members
from signals.adapters.wire_values import first, loose_price, numbered, priced, properties_of, text, whole
from signals.errors import InvalidRecordError
from signals.rows import Chunk, Record, Reject

SOURCE: Final = "segment"
KINDS: Final[Mapping[str, EventKind]] = {
    "Product List Viewed": EventKind.IMPRESSION,
    "Product List Filtered": EventKind.IMPRESSION,
    "Product Viewed": EventKind.VIEW,
    "Product Clicked": EventKind.CLICK,
    "Product Added": EventKind.ADD_TO_CART,
    "Wishlist Product Added to Cart": EventKind.ADD_TO_CART,
    "Product Removed": EventKind.REMOVE_FROM_CART,
    "Product Added to Wishlist": EventKind.WISHLIST,
    "Order Completed": EventKind.PURCHASE,
    "Order Refunded": EventKind.REFUND,
    "Order Cancelled": EventKind.REFUND,
    "Products Searched": EventKind.SEARCH,
}
OTHER_EVENTS: Final = frozenset(
    {
        "Cart Shared", "Cart Viewed", "Checkout Started", "Checkout Step Completed", "Checkout Step Viewed",
        "Coupon Applied", "Coupon Denied", "Coupon Entered", "Coupon Removed", "Order Updated", "Payment Info Entered",
        "Product Removed from Wishlist", "Product Reviewed", "Product Shared", "Promotion Clicked", "Promotion Viewed",
    }
)  # fmt: skip
OTHER_CALLS: Final = frozenset({"group", "page", "screen"})
OF_PRODUCTS: Final = frozenset({EventKind.IMPRESSION, EventKind.PURCHASE, EventKind.REFUND})
ORDERS: Final = frozenset({EventKind.PURCHASE, EventKind.REFUND})

PRODUCT_PROPERTIES: Final = {name: name for name in ("coupon", "discount", "value", "variant")}
CALL_PROPERTIES: Final = {
    name: name for name in ("affiliation", "cart_id", "checkout_id", "list_id", "wishlist_id", "wishlist_name")
}
LIST_PROPERTIES: Final = {"category": "list_category"}
ORDER_PROPERTIES: Final = {
    name: f"order_{name}" for name in ("total", "subtotal", "revenue", "shipping", "tax", "discount", "coupon")
}


def read_events(path: Path) -> Iterator[Chunk]:
    """The events of a JSON Lines file of calls and batches."""
    return SEGMENT.read(path)


def decode(payload: Any) -> Chunk:
    """The events of one call, or of the body of a ``/v1/batch`` request, decoded with `feed_files.parse_json`."""
    return SEGMENT.decode(payload)


def _calls_in(payload: Call) -> list[Any]:
    return members(payload, "batch", {"sentAt": payload.get("sentAt")}) if "batch" in payload else [payload]


def _rows_of(call: Call, line: int) -> Rows:
    match call.get("type", "track"):
        case "track":
            return _tracked(call, line)
        case "alias" | "identify" as what:
            return iter([Record(line, _alias(call, what))])
        case str(what) if what in OTHER_CALLS:
            raise InvalidRecordError(f"type: {what} is about no product")
        case _:
            raise InvalidRecordError("type: neither track, identify nor alias")


def _alias(call: Call, what: str) -> dict[str, Any]:
    values = _shopper(call)
    if what == "alias":
        values["anonymous_id"] = text(call.get("previousId"))
    elif values["user_id"] is None or values["anonymous_id"] is None:
        raise InvalidRecordError("identify: joins nobody without both userId and anonymousId")
    return {**values, "kind": EventKind.ALIAS.value}


def _tracked(call: Call, line: int) -> Rows:
    kind = kind_of("event", call.get("event"), KINDS, OTHER_EVENTS)
    properties = call.get("properties") or {}
    if not isinstance(properties, dict):
        raise InvalidRecordError("properties: not a JSON object")
    common = {**_shopper(call), **_of_call(properties), "kind": kind.value}
    if kind in OF_PRODUCTS:
        return _exploded(kind, common, properties, line)
    return iter([Record(line, _of_product(common, properties, properties))])


def _shopper(call: Call) -> dict[str, Any]:
    return {
        "event_id": text(call.get("messageId")),
        "user_id": text(call.get("userId")),
        "anonymous_id": text(call.get("anonymousId")),
        "occurred_at": first(call.get("timestamp"), call.get("sentAt"), call.get("receivedAt")),
    }


def _of_call(properties: Call) -> dict[str, Any]:
    return {
        "session_id": text(properties.get("session_id")),
        "request_id": text(properties.get("request_id")),
        "order_id": text(properties.get("order_id")),
        "query": text(properties.get("query")),
        "properties": properties_of(properties, CALL_PROPERTIES),
    }


def _exploded(kind: EventKind, common: dict[str, Any], properties: Call, line: int) -> Rows:
    products = properties.get("products")
    if not isinstance(products, list) or not products:
        raise InvalidRecordError(f"products: missing, so that the {kind} names no product; send its products")
    names = LIST_PROPERTIES if kind is EventKind.IMPRESSION else ORDER_PROPERTIES
    common["properties"] |= properties_of(properties, names)
    if kind is EventKind.IMPRESSION:
        products = _placed(products)
    for place, product in enumerate(products):
        if isinstance(product, dict):
            event_id = first(text(product.get("event_id")), numbered(common["event_id"], place))
            yield Record(line, {**_of_product(common, product, properties), "event_id": event_id})
        else:
            yield Reject(line, "products: an entry is not a JSON object", product)


def _placed(products: list[Any]) -> list[Any]:
    """The products of a list with their positions, from 1; one with an id of its own is as it was exported."""
    objects = [product if isinstance(product, dict) else {} for product in products]
    given = [whole(product.get("position")) for product in objects]
    step = int(0 in given)
    return [
        {**product, "position": place if position is None else position + step}
        if isinstance(product, dict) and "event_id" not in product and isinstance(position, int | None)
        else product
        for place, (product, position) in enumerate(zip(products, given, strict=True), start=1)
    ]


def _of_product(common: Call, product: Call, properties: Call) -> dict[str, Any]:
    """The columns of one product's event; in a call about one product, that is the call's ``properties``."""
    item, sku = text(product.get("product_id")), text(product.get("sku"))
    price, currency = product.get("price"), first(product.get("currency"), properties.get("currency"))
    own = properties_of(product, PRODUCT_PROPERTIES)
    return {
        **common,
        "item_id": first(item, sku),
        "variant_id": None if item is None else sku,
        "quantity": whole(product.get("quantity")),
        "position": whole(product.get("position")) or None,
        **priced(price, currency),
        "properties": {**common["properties"], **loose_price(price, currency), **own},
    }


SEGMENT: Final = WireFormat(SOURCE, _calls_in, _rows_of)

"""Events as Segment calls, such that `signals.adapters.segment` reads the same events from them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from schemas.events import EventKind
from signals.adapters.segment import (
    CALL_PROPERTIES,
    KINDS,
    LIST_PROPERTIES,
    OF_PRODUCTS,
    ORDER_PROPERTIES,
    ORDERS,
    PRODUCT_PROPERTIES,
)
from signals.column_types import from_microseconds
from signals.errors import InvalidRecordError

EVENT_NAMES: Final = {kind: name for name, kind in reversed(list(KINDS.items()))}
CALL_COLUMNS: Final = {name: name for name in ("session_id", "request_id", "order_id", "query")}
PRODUCT_COLUMNS: Final = {
    "item_id": "product_id",
    "variant_id": "sku",
    "quantity": "quantity",
    "currency": "currency",
    "position": "position",
}
AMOUNTS: Final = frozenset({"total", "subtotal", "revenue", "shipping", "tax", "discount", "value", "price"})
RESERVED: Final = frozenset(
    {
        "products", "event_id", "price",
        *CALL_COLUMNS.values(), *PRODUCT_COLUMNS.values(),
        *CALL_PROPERTIES, *LIST_PROPERTIES, *ORDER_PROPERTIES, *PRODUCT_PROPERTIES,
    }
)  # fmt: skip


def call_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The call that says one event.

    Parameters
    ----------
    event
        The columns that hold something; ``occurred_at`` in microseconds since 1970.

    Raises
    ------
    InvalidRecordError
        Segment has no event of this kind.
    """
    kind = EventKind(event["kind"])
    who = {"userId": event.get("user_id"), "anonymousId": event.get("anonymous_id")}
    call = {"messageId": event["event_id"], "timestamp": _moment(event["occurred_at"])}
    if kind is EventKind.ALIAS:
        return {"type": "alias", "userId": who["userId"], "previousId": who["anonymousId"], **call}
    if kind not in EVENT_NAMES:
        raise InvalidRecordError(f"{kind}: Segment has no such event")
    named = {name: value for name, value in who.items() if value is not None}
    return {"type": "track", "event": EVENT_NAMES[kind], **named, **call, "properties": _properties(kind, event)}


def _moment(microseconds: int) -> str:
    return from_microseconds(microseconds).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _properties(kind: EventKind, event: Mapping[str, Any]) -> dict[str, Any]:
    stored = event.get("properties") or {}
    of_call, of_product = {**CALL_PROPERTIES, **_of_whole(kind)}, PRODUCT_PROPERTIES
    product = {**_renamed(event, PRODUCT_COLUMNS), **_price(event, stored), **_known(stored, of_product)}
    known = {*of_call.values(), *of_product.values(), *RESERVED}
    others = {name: value for name, value in stored.items() if name not in known}
    call = {**others, **_renamed(event, CALL_COLUMNS), **_known(stored, of_call)}
    if kind in OF_PRODUCTS:
        return {**call, "products": [{**product, "event_id": event["event_id"]}]}
    return {**call, **product}


def _of_whole(kind: EventKind) -> Mapping[str, str]:
    if kind in ORDERS:
        return ORDER_PROPERTIES
    return LIST_PROPERTIES if kind is EventKind.IMPRESSION else {}


def _renamed(event: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {theirs: event[ours] for ours, theirs in names.items() if ours in event}


def _known(stored: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {theirs: _numeric(theirs, stored[ours]) for theirs, ours in names.items() if ours in stored}


def _price(event: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The unit price, or one that was kept as a property for want of a currency."""
    if "unit_price" in event:
        return {"price": _number(event["unit_price"])}
    return {} if "currency" in event else _known(stored, {"price": "price"})


def _number(amount: Decimal) -> float | str:
    """As a number of JSON where a float shows exactly the amount, else in digits."""
    number = float(amount)
    return number if Decimal(repr(number)) == amount else str(amount)


def _numeric(name: str, value: Any) -> Any:
    """An amount that was kept in digits, as a number where it comes back with the same digits."""
    if name in AMOUNTS and isinstance(value, str) and _digits_of(value) == value:
        return float(value)
    return value


def _digits_of(text: str) -> str | None:
    try:
        return repr(float(text))
    except ValueError:
        return None

"""Behaviour: one event of one shopper."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from schemas.base import Contract, UtcDatetime
from schemas.ids import ANONYMOUS_PREFIX, Identifier
from schemas.money import Amount, Currency
from schemas.personal_data import without_personal_data

MAX_QUANTITY = 1_000_000
MAX_QUERY_LENGTH = 1_000


class EventKind(StrEnum):
    IMPRESSION = "impression"
    VIEW = "view"
    CLICK = "click"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    WISHLIST = "wishlist"
    PURCHASE = "purchase"
    REFUND = "refund"
    SEARCH = "search"
    LIKE = "like"
    DISLIKE = "dislike"
    DWELL = "dwell"
    ALIAS = "alias"


KINDS_WITHOUT_ITEM = frozenset({EventKind.SEARCH, EventKind.ALIAS})


class Event(Contract):
    """One thing a shopper did. ``(source, event_id)`` is its identity: the same pair twice is one event.

    ``user_id`` or ``anonymous_id`` names the shopper; an ``alias`` has both and says that they are one, until a later
    alias names another user, or undoes it with ``anonymous:`` and the anonymous id itself as its ``user_id``.
    Every kind but search and alias is about an ``item_id``; ``quantity`` is positive, a refund's too.
    A ``dwell`` says that an item was looked at at length: whoever sends it decides what is long, and may say in
    ``properties["seconds"]`` how long; ``request_id`` names the list or the reply that the item was in.
    ``unit_price`` is in major units of ``currency``; ``occurred_at`` needs a UTC offset.
    ``query`` is kept without personal data.
    """

    event_id: Identifier
    source: Identifier = "shop"
    kind: EventKind
    user_id: Identifier | None = None
    anonymous_id: Identifier | None = None
    session_id: Identifier | None = None
    item_id: Identifier | None = None
    variant_id: Identifier | None = None
    occurred_at: UtcDatetime
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY)
    unit_price: Amount | None = None
    currency: Currency | None = None
    order_id: Identifier | None = None
    request_id: Identifier | None = None
    position: int | None = Field(default=None, ge=1)
    query: Annotated[str, Field(max_length=MAX_QUERY_LENGTH), AfterValidator(without_personal_data)] | None = None
    properties: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.user_id is not None and self.user_id.startswith(ANONYMOUS_PREFIX) and not self.undoes_an_alias:
            raise ValueError(f"user_id may not start with {ANONYMOUS_PREFIX!r}; pass the rest as anonymous_id")
        if self.user_id is None and self.anonymous_id is None:
            raise ValueError("user_id or anonymous_id is needed")
        if self.kind is EventKind.ALIAS and (self.user_id is None or self.anonymous_id is None):
            raise ValueError("an alias needs both user_id and anonymous_id")
        if self.kind not in KINDS_WITHOUT_ITEM and self.item_id is None:
            raise ValueError(f"a {self.kind} needs an item_id")
        if self.kind is EventKind.SEARCH and not self.query:
            raise ValueError("a search needs a query")
        if self.unit_price is not None and self.currency is None:
            raise ValueError("unit_price needs a currency")
        return self

    @property
    def undoes_an_alias(self) -> bool:
        """Whether from now on, and for all that was before, the anonymous id is nobody's but its own."""
        return self.kind is EventKind.ALIAS and self.user_id == f"{ANONYMOUS_PREFIX}{self.anonymous_id}"

"""The slots that a writer is offered of a request: of its wishes, and of each product that is told."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final, TypeVar

from recommender.conversation.context import WritingContext
from recommender.conversation.slots import (
    AVAILABILITY,
    FOREIGN,
    PRICE,
    RELAXED,
    TITLE,
    UNREAD,
    ComparisonSlot,
    ProductSlot,
    ReasonSlot,
    Slot,
    WishSlot,
    written,
)
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND, CATEGORY
from schemas import RankedItem

MAX_FIELDS: Final = 6
MAX_PRODUCTS: Final = 10
MAX_COMPARED: Final = 3
MAX_VALUE: Final = 300
"""Characters of a request or a value."""
_FIRST_FIELDS: Final = (CATEGORY, BRAND)
_LAST_FIELDS: Final = (PRICE, AVAILABILITY)
AnySlot = TypeVar("AnySlot", bound=Slot)
_WISHES: Final = (KEYWORDS, CATEGORY, BRAND, "min_price", "max_price", "in_stock", "without", RELAXED, UNREAD, FOREIGN)


def product_slots(number: int, item: RankedItem) -> list[ProductSlot]:
    fields = (TITLE, *_FIRST_FIELDS, *told_attributes(item), *_LAST_FIELDS)
    return [ProductSlot(number, field) for field in fields]


def told_attributes(item: RankedItem) -> list[str]:
    named = (*_FIRST_FIELDS, *_LAST_FIELDS, TITLE)
    return [name for name in item.row.attributes if name not in named][:MAX_FIELDS]


def reason_slots(number: int, context: WritingContext) -> list[ReasonSlot]:
    return [ReasonSlot(index) for index, (owner, _) in enumerate(context.reasons, 1) if owner == number]


def comparison_slots(context: WritingContext) -> list[ComparisonSlot]:
    """Of the first products with each other, where they are of one kind."""
    rows = [item.row for item in context.items[:MAX_COMPARED]]
    pairs = permutations(range(len(rows)), 2)
    return [ComparisonSlot(one + 1, other + 1) for one, other in pairs if rows[one].category == rows[other].category]


def wish_slots(context: WritingContext) -> list[WishSlot]:
    return [WishSlot(field) for field in (*_WISHES, *context.wishes.attributes)]


def valued(slots: Sequence[AnySlot], context: WritingContext) -> Iterator[tuple[AnySlot, str]]:
    for slot in slots:
        value = value_of(slot, context)
        if value is not None:
            yield slot, value.text


def compared_with_others(number: int, context: WritingContext) -> list[ComparisonSlot]:
    others = range(1, min(len(context.items), MAX_PRODUCTS) + 1)
    return [ComparisonSlot(number, other) for other in others if other != number]


def written_of(slots: Sequence[Slot], context: WritingContext) -> tuple[str, ...]:
    return tuple(written(slot) for slot, _ in valued(slots, context))

"""What each slot holds: a value of the row that was read, cleaned, with the table and key it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.slots import (
    AVAILABILITY,
    FOREIGN,
    PRICE,
    RELAXED,
    TITLE,
    TOTAL,
    UNREAD,
    ComparisonSlot,
    CountSlot,
    PhotoSlot,
    ProductSlot,
    QuestionSlot,
    ReasonSlot,
    Slot,
    WishSlot,
)
from recommender.conversation.speaking_values import reads_as_value
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.text import clean, phrase_key, words
from recommender.wording import MAX_TITLE, MAX_VALUE, price_text, reason_text, spoken, spoken_price
from schemas import Availability, Money, ProductRow, ReasonKind, Surface, Wishes
from schemas.catalog import Attributes
from schemas.conversation import ClaimKind

MAX_WORD: Final = 30
MAX_UNREAD_SHOWN: Final = 3

_STOCK: Final = {
    Availability.IN_STOCK: "in stock",
    Availability.OUT_OF_STOCK: "out of stock",
    Availability.PREORDER: "available to pre-order",
    Availability.BACKORDER: "on back order",
    Availability.DISCONTINUED: "discontinued",
}


_REASON_SOURCES: Final = {ReasonKind.PHOTO: "photo", ReasonKind.WORDS: "message", ReasonKind.FEATURE: "products"}


@dataclass(frozen=True, slots=True)
class Value:
    """The text of a slot, and what its claim says."""

    text: str
    kind: ClaimKind
    subject: str
    field: str
    source: str
    as_of: datetime
    confidence: float = 1.0


def value_of(slot: Slot, context: WritingContext) -> Value | None:
    """What a slot renders as; None where the item, the reason, the wish or its value does not exist."""
    known = context.values
    if slot not in known:
        known[slot] = _found(slot, context)
    return known[slot]


def _found(slot: Slot, context: WritingContext) -> Value | None:
    match slot:
        case ProductSlot():
            return _product_value(slot, context)
        case ComparisonSlot():
            return _comparison_value(slot, context)
        case ReasonSlot():
            return _reason_value(slot, context)
        case CountSlot(field=field) if field == TOTAL:
            return _total_value(context)
        case CountSlot():
            count = str(context.counts[slot.field])
            return Value(count, ClaimKind.REQUEST, context.request_id, slot.field, "ranking", context.as_of)
        case WishSlot():
            return _wish_value(slot, context)
        case QuestionSlot():
            return _question_value(slot, context)
        case PhotoSlot():
            return _photo_value(slot, context)


def _product_value(slot: ProductSlot, context: WritingContext) -> Value | None:
    item = context.item(slot.product)
    if item is None:
        return None
    text, field = _product_text(item.row, slot.field)
    if context.surface is Surface.GLASSES:
        text = spoken_price(item.row.price) if field == PRICE and item.row.price else spoken(text)
    return (
        Value(text, ClaimKind.PRODUCT, item.item_id, field, source_of(item.row, field), item.row.as_of)
        if text
        else None
    )


def source_of(row: ProductRow, field: str) -> str:
    offered = field not in (TITLE, BRAND, CATEGORY)
    return f"offers:{row.variant_id}" if offered else f"products:{row.item_id}"


def _product_text(row: ProductRow, field: str) -> tuple[str, str]:
    """The text of a field, and the field's name as the row spells it."""
    if field == TITLE:
        return clean(row.title, MAX_TITLE), field
    if field == PRICE:
        return (price_text(row.price) if row.price else ""), field
    if field == AVAILABILITY:
        sold_out = row.availability is Availability.IN_STOCK and not row.in_stock
        return _STOCK[Availability.OUT_OF_STOCK if sold_out else row.availability], field
    if field == BRAND:
        return as_value(row.brand or ""), field
    if field == CATEGORY:
        return (as_value(row.category[-1]) if row.category else ""), field
    name, values = _attribute(row.attributes, field)
    return _joined([as_value(value) for value in values], "and"), name


def as_value(value: str) -> str:
    """A value as a reply says it: cleaned, "" where it does not read as one."""
    text = clean(value, MAX_VALUE)
    return text if reads_as_value(text) else ""


def _attribute(attributes: Attributes, field: str) -> tuple[str, tuple[str, ...]]:
    key = phrase_key(words(field))
    named = ((name, values) for name, values in attributes.items() if phrase_key(words(name)) == key)
    return next(named, (field, ()))


def _joined(texts: Sequence[str], word: str) -> str:
    said = [text for text in texts if text]
    return f" {word} ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def _comparison_value(slot: ComparisonSlot, context: WritingContext) -> Value | None:
    item, other = context.item(slot.product), context.item(slot.other)
    if item is None or other is None or not (saving := _saving(item.row, other.row)):
        return None
    title = clean(other.row.title, MAX_TITLE)
    source = f"offers:{item.row.variant_id} offers:{other.row.variant_id}"
    text = f"{price_text(saving)} cheaper than {title}"
    return Value(text, ClaimKind.COMPARISON, item.item_id, PRICE, source, item.row.as_of) if title else None


def _saving(row: ProductRow, other: ProductRow) -> Money | None:
    if row.price is None or other.price is None or row.price.currency != other.price.currency:
        return None
    difference = other.price.amount - row.price.amount
    return Money(difference, row.price.currency) if difference > 0 else None


def _total_value(context: WritingContext) -> Value | None:
    if context.total is None:
        return None
    source = " ".join(f"offers:{item.row.variant_id}" for item in context.items)
    text = price_text(context.total)
    return Value(text, ClaimKind.COMPARISON, context.request_id, TOTAL, source, context.as_of)


def _reason_value(slot: ReasonSlot, context: WritingContext) -> Value | None:
    if slot.number > len(context.reasons):
        return None
    number, reason = context.reasons[slot.number - 1]
    item_id = context.items[number - 1].item_id
    text = reason_text(reason, item_id)
    source = _REASON_SOURCES.get(reason.kind, "events")
    return Value(text, ClaimKind.REASON, item_id, reason.kind, source, context.as_of) if text else None


def _question_value(slot: QuestionSlot, context: WritingContext) -> Value | None:
    question = context.question
    if question is None or slot.number > len(question.options):
        return None
    if slot.number == 0:
        text = clean(question.field, MAX_VALUE).lower()
    else:
        option = question.options[slot.number - 1]
        text = as_value(option) if question.field == BRAND else _lowered(option)
    return (
        Value(text, ClaimKind.REQUEST, context.request_id, question.field, "products", context.as_of) if text else None
    )


def _photo_value(slot: PhotoSlot, context: WritingContext) -> Value | None:
    if not slot.number:
        text = "several things, of which I took the largest" if context.several_in_photo else ""
        return Value(text, ClaimKind.PHOTO, context.request_id, "several", "photo", context.as_of) if text else None
    if slot.number > len(context.seen):
        return None
    seen = context.seen[slot.number - 1]
    text = _lowered(seen.value)
    return (
        Value(text, ClaimKind.PHOTO, context.request_id, seen.field, "photo", context.as_of, seen.confidence)
        if text
        else None
    )


def _wish_value(slot: WishSlot, context: WritingContext) -> Value | None:
    text = _wish_text(slot.field, context)
    source = "ranking" if slot.field == RELAXED else "message"
    return Value(text, ClaimKind.REQUEST, context.request_id, slot.field, source, context.as_of) if text else None


def _wish_text(field: str, context: WritingContext) -> str:
    wishes = context.wishes
    if field in ("min_price", "max_price"):
        limit: Money | None = getattr(wishes, field)
        return price_text(limit) if limit else ""
    if field == "in_stock":
        return "in stock" if wishes.in_stock else ""
    if field == RELAXED:
        return _joined([clean(dropped.value, MAX_TITLE) for dropped in context.relaxed], "and")
    if field == FOREIGN:
        return _joined([clean(dropped.value, MAX_TITLE) for dropped in context.foreign_prices], "and")
    if field == UNREAD:
        unread = [clean(word, MAX_WORD) for word in wishes.unread]
        return _joined([_quoted(word) for word in unread if word][:MAX_UNREAD_SHOWN], "and")
    return wish_words(field, wishes)


def wish_words(field: str, wishes: Wishes) -> str:
    """The values of one field of the wishes in words, "" where there are none."""
    if field == KEYWORDS:
        keywords = clean(" ".join(wishes.keywords), MAX_TITLE)
        return _quoted(keywords) if keywords else ""
    if field == "without":
        return _joined([_lowered(value) for values in wishes.without.values() for value in values], "or")
    if field == BRAND:
        return _joined([as_value(value) for value in wishes.brand], "or")
    values = wishes.category if field == CATEGORY else _attribute(wishes.attributes, field)[1]
    return _joined([_lowered(value) for value in values], "or")


def _quoted(text: str) -> str:
    return f"“{text}”"


def _lowered(value: str) -> str:
    """A value inside a sentence: "Light Blue" in lower case, "XL" as it is."""
    text = as_value(value)
    return text.lower() if text.istitle() and len(text) > 2 else text

"""The shopper's wishes put together from slots: "red ceramic mugs by Acme up to £20.00, without plastic"."""

from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.slots import WishSlot
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND, CATEGORY

_PRICE_FORMS: Final = {"min_price": "from [[W.min_price]]", "max_price": "up to [[W.max_price]]"}


def wishes_in_words(context: WritingContext) -> str:
    """The wishes with slots for every value; "" where none can be said. Prices in a foreign currency are left out."""
    attributes = _slots(tuple(context.wishes.attributes), context)
    subject = _slots((KEYWORDS, CATEGORY), context)
    limits = (
        _after(" by ", BRAND, context),
        _price(context),
        _after(", ", "in_stock", context),
        _after(" without ", "without", context),
    )
    if not (attributes or subject or any(limits)):
        return ""
    thing = [*attributes, *subject] if subject else ["something", *attributes]
    return " ".join(thing) + "".join(limits)


def _slots(fields: tuple[str, ...], context: WritingContext) -> list[str]:
    return [f"[[W.{field}]]" for field in fields if value_of(WishSlot(field), context)]


def _after(words: str, field: str, context: WritingContext) -> str:
    return f"{words}[[W.{field}]]" if value_of(WishSlot(field), context) else ""


def _price(context: WritingContext) -> str:
    foreign = {dropped.field for dropped in context.foreign_prices}
    said = [field for field in _PRICE_FORMS if value_of(WishSlot(field), context) and field not in foreign]
    if len(said) == 2:
        return " between [[W.min_price]] and [[W.max_price]]"
    return f" {_PRICE_FORMS[said[0]]}" if said else ""

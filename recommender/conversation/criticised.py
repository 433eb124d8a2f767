"""Wishes after a critique: each direction and field compared with the row of one product."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from babel.numbers import get_currency_precision

from recommender.conversation.critiques import Critique
from recommender.conversation.sizes import beyond
from recommender.conversation.understanding import agree
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.text import phrase_key, words
from schemas import Money, ProductRow, Wishes

_SIZES: Final = ("size", "capacity", "volume", "height", "length", "width", "diameter", "weight")
"""Attributes that "bigger" is about, the first that the product has."""


def criticised(wishes: Wishes, critique: Critique, of: ProductRow, vocabulary: Vocabulary) -> Wishes:
    """The wishes with what a critique asks, compared with the product `of`.

    What cannot be had from its row, like "bigger" where it has no size, is ``unread``.
    """
    if critique.price:
        wishes = _priced(wishes, critique.price, of)
    if critique.size:
        wishes = _sized(wishes, critique.size, of, vocabulary)
    for name, same in critique.fields.items():
        wishes = _with_field(wishes, name, of, same=same)
    return wishes


def _priced(wishes: Wishes, direction: int, of: ProductRow) -> Wishes:
    """Cheaper, or dearer, by at least the smallest coin."""
    if of.price is None:
        return _unread(wishes, "cheaper" if direction < 0 else "more expensive")
    coin = Decimal(1).scaleb(-get_currency_precision(of.price.currency))
    limit = Money(max(of.price.amount + direction * coin, Decimal(0)), of.price.currency)
    later = (None, limit) if direction < 0 else (limit, None)
    minimum, maximum = agree(wishes.min_price, wishes.max_price, later)
    return wishes.model_copy(update={"min_price": minimum, "max_price": maximum})


def _sized(wishes: Wishes, direction: int, of: ProductRow, vocabulary: Vocabulary) -> Wishes:
    named = {phrase_key(words(name)): name for name in of.attributes}
    for name in (named[key] for key in _SIZES if key in named):
        values = beyond(of.attributes[name], vocabulary.values.get(name, ()), direction)
        if values:
            return wishes.model_copy(update={"attributes": {**wishes.attributes, name: values}})
    return _unread(wishes, "bigger" if direction > 0 else "smaller")


def _with_field(wishes: Wishes, name: str, of: ProductRow, *, same: bool) -> Wishes:
    own = _values(of, name)
    if not own:
        return _unread(wishes, f"{'same' if same else 'another'} {name}")
    wanted = own if same else tuple(value for value in _wanted(wishes, name) if value not in own)
    without = {field: values for field, values in wishes.without.items() if field != name}
    if not same:
        without[name] = tuple(dict.fromkeys((*wishes.without.get(name, ()), *own)))
    update: dict[str, object] = {"without": without}
    if name in (BRAND, CATEGORY):
        update[name] = wanted
    else:
        others = {field: values for field, values in wishes.attributes.items() if field != name}
        update["attributes"] = {**others, name: wanted} if wanted else others
    return wishes.model_copy(update=update)


def _wanted(wishes: Wishes, name: str) -> Sequence[str]:
    if name == BRAND:
        return wishes.brand
    return wishes.category if name == CATEGORY else wishes.attributes.get(name, ())


def _values(row: ProductRow, name: str) -> tuple[str, ...]:
    if name == BRAND:
        return (row.brand,) if row.brand else ()
    return row.category[-1:] if name == CATEGORY else row.attributes.get(name, ())


def _unread(wishes: Wishes, said: str) -> Wishes:
    return wishes.model_copy(update={"unread": (*wishes.unread, said)})

"""The template writer: the reply that needs no model, and the one that takes over where a model's sentence fails.

It writes handles and slots like any writer and passes the same check. Which of several phrasings it takes is drawn from
a seed, and none is used twice in a reply.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import is_nameable
from recommender.conversation.lexicon import COLOUR
from recommender.conversation.phrases import PHRASES, Kind
from recommender.conversation.slots import AVAILABILITY, UNREAD, ComparisonSlot, ProductSlot, ReasonSlot, WishSlot
from recommender.conversation.understanding import SmallTalk
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND
from recommender.conversation.wishes_in_words import price_in_words, wishes_in_words
from recommender.text import words
from schemas import Mode, ReasonKind

MAX_PRODUCTS: Final = {Mode.FAST: 3, Mode.SHOPPING: 5}


class TemplateWriter:
    """Writes one reply; ``rng`` chooses the phrasings."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._unused = {kind: [str(text) for text in rng.permutation(PHRASES[kind])] for kind in Kind}

    def write(self, context: WritingContext) -> Iterator[str]:
        yield from self._openings(context)
        yield from self._honesties(context)
        yield from self._products(context)
        if context.items and context.shortfall:
            yield self._say(Kind.SHORTFALL)
        if context.mode is not Mode.FAST or not context.items:
            yield from self._endings(context)

    def _say(self, kind: Kind, **parts: str) -> str:
        text = self._unused[kind].pop()
        for name, value in parts.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _openings(self, context: WritingContext) -> Iterator[str]:
        if context.small_talk is SmallTalk.GREETING:
            yield self._say(Kind.GREETING)
        elif context.small_talk is SmallTalk.THANKS:
            yield self._say(Kind.THANKS)
        wish = wishes_in_words(context)
        if wish:
            found = context.items and not context.relaxed
            yield self._say(Kind.UNDERSTOOD if found else Kind.SEARCHED, wish=wish)
        elif context.items and context.small_talk is not SmallTalk.THANKS:
            yield self._say(Kind.OPENING)

    def _honesties(self, context: WritingContext) -> Iterator[str]:
        if context.foreign_prices:
            fields = [dropped.field for dropped in context.foreign_prices]
            yield self._say(Kind.FOREIGN_PRICE, price=price_in_words(fields))
        if value_of(WishSlot(UNREAD), context):
            yield self._say(Kind.UNREAD)
        if not context.items:
            yield self._say(Kind.NOTHING)
        elif context.relaxed:
            yield self._say(Kind.RELAXED)
        if context.items and context.cold_start:
            yield self._say(Kind.COLD_START)

    def _products(self, context: WritingContext) -> Iterator[str]:
        shown = _shown(context)
        for number in shown:
            priced = value_of(ProductSlot(number, "price"), context) is not None
            if number == shown[0]:
                kind = Kind.FIRST_PRODUCT if priced else Kind.FIRST_WITHOUT_PRICE
            else:
                kind = Kind.PRODUCT if priced else Kind.WITHOUT_PRICE
            stock = f", [[P{number}.{AVAILABILITY}]]" if context.wishes.in_stock else ""
            yield self._say(
                kind,
                p=f"P{number}",
                of=_brand_and_colour(number, context),
                more=stock,
                why=self._reason(number, context),
            )

    def _reason(self, number: int, context: WritingContext) -> str:
        """A clause with the shopper's own strongest reason, "" where there is none."""
        for index, (owner, reason) in enumerate(context.reasons, 1):
            own = owner == number and reason.kind is ReasonKind.HISTORY
            if own and value_of(ReasonSlot(index), context):
                return self._say(Kind.BECAUSE, r=f"R{index}")
        return ""

    def _endings(self, context: WritingContext) -> Iterator[str]:
        if not context.items:
            yield self._say(Kind.TRY_AGAIN)
            return
        comparison = _comparison(context)
        if comparison is not None:
            cheaper, other = comparison.product, comparison.other
            yield self._say(Kind.COMPARISON, p=f"P{cheaper}", comparison=f"P{cheaper}<P{other}.price")
        limited = context.wishes.max_price or context.wishes.min_price
        yield self._say(Kind.CLOSING if limited or len(context.items) < context.k else Kind.ASK_PRICE)


def _shown(context: WritingContext) -> tuple[int, ...]:
    """The products presented: the first ones, without those whose titles hold no text."""
    count = min(len(context.items), MAX_PRODUCTS[context.mode])
    return tuple(number for number in range(1, count + 1) if is_nameable(number, context))


def _brand_and_colour(number: int, context: WritingContext) -> str:
    """What the title does not say already."""
    said = ""
    title = set(words(context.items[number - 1].row.title))
    for field, preposition in ((BRAND, "by"), (COLOUR, "in")):
        value = value_of(ProductSlot(number, field), context)
        if value is not None and not title.issuperset(words(value.text)):
            said += f" {preposition} [[P{number}.{field}]]"
    return said


def _comparison(context: WritingContext) -> ComparisonSlot | None:
    """The first product against the one whose price differs most from its own, where it can be compared."""
    shown = _shown(context)
    pairs = [(shown[0], other) for other in shown[1:]]
    slots = [slot for a, b in pairs for slot in (ComparisonSlot(a, b), ComparisonSlot(b, a))]
    return max(
        (slot for slot in slots if value_of(slot, context)),
        key=lambda slot: _difference(slot, context),
        default=None,
    )


def _difference(slot: ComparisonSlot, context: WritingContext) -> float:
    prices = [context.items[number - 1].row.price for number in (slot.product, slot.other)]
    amounts = [float(price.amount) for price in prices if price is not None]
    return amounts[-1] - amounts[0]

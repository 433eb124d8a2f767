"""The template writer: the reply that needs no model, and the one that takes over where a model's sentence fails.

It writes handles and slots like any writer and passes the same check. Which of several phrasings it takes is drawn from
a seed, and none is used twice in a reply. A reply presents the first products and names the others; what is not needed
is said only while the reply is short.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from recommender.conversation.context import WritingContext
from recommender.conversation.critiques import Move
from recommender.conversation.grounding import is_nameable
from recommender.conversation.lexicon import COLOUR
from recommender.conversation.phrases import PHRASES, Kind
from recommender.conversation.slots import (
    AVAILABILITY,
    UNREAD,
    ComparisonSlot,
    PhotoSlot,
    ProductSlot,
    QuestionSlot,
    ReasonSlot,
    WishSlot,
    written,
)
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.conversation.wishes_in_words import wishes_in_words
from recommender.text import JOINTS, words
from schemas import Mode, ReasonKind, Surface

MIN_PRESENTED: Final = 2
MAX_PRESENTED: Final = 3
MAX_NAMED: Final = 5
ENOUGH_SENTENCES: Final = 6
_MAX_SAME_REASON: Final = 2
_ASKING_FOR_NOTHING: Final = (SmallTalk.THANKS, SmallTalk.COMPLAINT, SmallTalk.OFF_TOPIC, SmallTalk.SERVICE)
_OPENINGS: Final[dict[Move | None, Kind]] = {
    Move.COMPARE: Kind.COMPARED,
    Move.DETAIL: Kind.DETAIL,
    Move.COMPLEMENT: Kind.COMPLEMENT,
    Move.REORDER: Kind.REORDER,
    Move.NOT_BOUGHT: Kind.NOT_BOUGHT,
}
_DETAILS: Final = ((BRAND, "by"), (COLOUR, "in"), ("material", "made of"))


class TemplateWriter:
    """Writes one reply; ``rng`` chooses the phrasings."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._unused = {kind: [str(text) for text in rng.permutation(PHRASES[kind])] for kind in Kind}
        self._reasons: Counter[str] = Counter()

    def write(self, context: WritingContext) -> Iterator[str]:
        if context.surface is Surface.GLASSES and context.items:
            yield from self._spoken(context)
            return
        if not context.in_english:
            yield self._say(Kind.NOT_ENGLISH)
        if _asks_for_nothing(context):
            yield from (*self._openings(context), self._say(Kind.CLOSING))
            return
        before = [*self._openings(context), *self._honesties(context)]
        after = [self._say(Kind.SHORTFALL)] if context.items and context.shortfall else []
        after += [self._say(Kind.TOTAL)] if context.total is not None else []
        room = ENOUGH_SENTENCES - len(before) - len(after) - 1
        shown = _nameable(context)[: min(max(room, MIN_PRESENTED), MAX_PRESENTED)]
        said = [*before, *self._products(shown, context), *after]
        yield from said
        if context.mode is not Mode.FAST or not context.items:
            yield from self._endings(shown, ENOUGH_SENTENCES - len(said), context)

    def _say(self, kind: Kind, **parts: str) -> str:
        text = self._unused[kind].pop()
        for name, value in parts.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _spoken(self, context: WritingContext) -> Iterator[str]:
        """One sentence, about the first product that can be named."""
        for number in _nameable(context)[:1]:
            priced = value_of(ProductSlot(number, "price"), context) is not None
            yield self._say(Kind.SPOKEN if priced else Kind.SPOKEN_WITHOUT_PRICE, p=f"P{number}")

    def question(self, context: WritingContext) -> str | None:
        """The sentence that asks the question of a reply."""
        if context.question is None:
            return None
        options = [written(QuestionSlot(number)) for number in range(1, len(context.question.options) + 1)]
        return self._say(Kind.QUESTION, options=_listed(options, "or"))

    def _openings(self, context: WritingContext) -> Iterator[str]:
        if context.small_talk is not None:
            yield self._say(Kind(context.small_talk.value))
        if context.move in _OPENINGS and context.items:
            yield self._say(_OPENINGS[context.move])
            if not context.relaxed:
                return
        yield from self._photo(context)
        wish = wishes_in_words(context)
        if wish:
            yield self._say(_kind_of_answer(context), wish=wish)
        elif context.items and value_of(WishSlot(UNREAD), context):
            yield self._say(Kind.ONLY_UNREAD)
        elif context.items and context.small_talk in (None, SmallTalk.FOLLOW_UP):
            yield self._say(Kind.OPENING)

    def _photo(self, context: WritingContext) -> Iterator[str]:
        if context.several_in_photo:
            yield self._say(Kind.SEVERAL)
        if context.seen:
            things = [written(PhotoSlot(number)) for number in range(1, len(context.seen) + 1)]
            yield self._say(Kind.SEEN, things=_listed(things))

    def _honesties(self, context: WritingContext) -> Iterator[str]:
        if context.foreign_prices:
            yield self._say(Kind.FOREIGN_PRICE)
        if value_of(WishSlot(UNREAD), context) and (wishes_in_words(context) or not context.items):
            yield self._say(Kind.UNREAD)
        if not context.items:
            yield self._say(Kind.NOTHING)
        elif context.cold_start:
            yield self._say(Kind.COLD_START)

    def _products(self, shown: Sequence[int], context: WritingContext) -> Iterator[str]:
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
                of=_details(number, shown, context),
                more=stock,
                why=self._reason(number, context),
            )

    def _reason(self, number: int, context: WritingContext) -> str:
        """A clause with the shopper's own reason that was said least so far; "" where there is none left to say."""
        own = [
            (self._reasons[value.text], index, value.text)
            for index, (owner, reason) in enumerate(context.reasons, 1)
            if owner == number and reason.kind is ReasonKind.HISTORY and (value := value_of(ReasonSlot(index), context))
        ]
        times, index, text = min(own, default=(_MAX_SAME_REASON, 0, ""))
        if times >= _MAX_SAME_REASON:
            return ""
        self._reasons[text] += 1
        return self._say(Kind.BECAUSE, r=f"R{index}")

    def _endings(self, shown: Sequence[int], spare: int, context: WritingContext) -> list[str]:
        """The products not presented, by name; else, while there is room, a comparison and a question."""
        others = [f"[[P{number}]]" for number in _nameable(context) if number not in shown][:MAX_NAMED]
        named = [self._say(Kind.OTHERS, others=_listed(others))] if others else []
        optional = [*self._comparisons(shown, context), *([] if named else [self._closing(context)])]
        return [*optional[: max(spare - len(named), 0)], *named]

    def _comparisons(self, shown: Sequence[int], context: WritingContext) -> list[str]:
        slot = _comparison(shown, context)
        if slot is None:
            return []
        return [self._say(Kind.COMPARISON, p=f"P{slot.product}", comparison=f"P{slot.product}<P{slot.other}.price")]

    def _closing(self, context: WritingContext) -> str:
        if not context.items:
            return self._say(Kind.TRY_AGAIN)
        return self._say(Kind.CLOSING)


def _kind_of_answer(context: WritingContext) -> Kind:
    """Whether what was wished is shown, part of it, something else or nothing."""
    if not context.items:
        return Kind.SEARCHED
    if not context.relaxed:
        return Kind.UNDERSTOOD
    fields = [dropped.field for dropped in context.relaxed]
    wordless = fields.count(KEYWORDS) == len(context.wishes.keywords) and not context.wishes.category
    return Kind.SUBJECT_RELAXED if CATEGORY in fields or (KEYWORDS in fields and wordless) else Kind.RELAXED


def _nameable(context: WritingContext) -> tuple[int, ...]:
    """The products in order of rank, without those whose titles hold no text."""
    return tuple(number for number in range(1, len(context.items) + 1) if is_nameable(number, context))


def _asks_for_nothing(context: WritingContext) -> bool:
    """Whether the shopper only says thank you, complains or asks what no product answers."""
    wished = wishes_in_words(context) or context.wishes.unread or context.foreign_prices
    return context.small_talk in _ASKING_FOR_NOTHING and not wished


def _listed(handles: Sequence[str], word: str = "and") -> str:
    return f" {word} ".join(filter(None, (", ".join(handles[:-1]), handles[-1])))


def _details(number: int, shown: Sequence[int], context: WritingContext) -> str:
    """What tells a product from the others shown, and what its title does not say already."""
    said = ""
    title = set(words(context.items[number - 1].row.title))
    for field, preposition in _DETAILS:
        values = {other: value_of(ProductSlot(other, field), context) for other in shown}
        value = values[number]
        alike = len(shown) > 1 and len({other.text if other else "" for other in values.values()}) == 1
        if (
            value is not None
            and not alike
            and not title.issuperset(word for word in words(value.text) if word not in JOINTS)
        ):
            said += f" {preposition} [[P{number}.{field}]]"
    return said


def _comparison(shown: Sequence[int], context: WritingContext) -> ComparisonSlot | None:
    """The first product against the one of its category whose price differs most from its own, if there is one."""
    category = context.items[shown[0] - 1].row.category if shown else ()
    pairs = [(shown[0], other) for other in shown[1:] if context.items[other - 1].row.category == category]
    slots = [slot for a, b in pairs for slot in (ComparisonSlot(a, b), ComparisonSlot(b, a))]
    return max(
        (slot for slot in slots if value_of(slot, context)),
        key=lambda slot: _difference(slot, context),
        default=None,
    )


def _difference(slot: ComparisonSlot, context: WritingContext) -> Decimal:
    prices = [context.items[number - 1].row.price for number in (slot.product, slot.other)]
    amounts = [price.amount for price in prices if price is not None]
    return amounts[-1] - amounts[0]

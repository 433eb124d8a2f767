"""What the compact writer should have said: a reply put together from its rows, reasons and wishes.

Every sentence passes the grounding check in its own context, or it is drawn again.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from recommender.base_model.compact.practice import product_wording, wording
from recommender.base_model.compact.practice.filling import Filling, kind_of
from recommender.base_model.compact.practice.product_wording import Tone
from recommender.conversation.context import WritingContext
from recommender.conversation.critiques import Move
from recommender.conversation.grounding import check, is_nameable
from recommender.conversation.prompt import SENTENCES
from recommender.conversation.sieve import said_purposes
from recommender.conversation.slots import (
    PRICE,
    TITLE,
    UNREAD,
    ComparisonSlot,
    ProductSlot,
    ReasonSlot,
    WishSlot,
    parse,
)
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.understanding import KEYWORDS
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import CATEGORY
from recommender.conversation.wishes_in_words import wishes_in_words
from recommender.text import words
from schemas import Mode, ProductRow, ReasonKind, Surface

DRAWS: Final = 8
ATTEMPTS: Final = 6
POPULAR: Final = 0.35
BEGINS_WITH_REASON: Final = 0.2
ASIDES: Final = {Tone.PLAIN: 0.1, Tone.WARM: 0.2, Tone.BRISK: 0.0}
TONES: Final = {True: (0.25, 0.15, 0.6), False: (0.4, 0.45, 0.15)}
"""How often each tone is taken: where replies are short, and elsewhere."""
MAX_SAME_REASON: Final = 2
PRESENTED: Final = 3
FACTS_TOLD: Final = 2
"""So many facts are told of a product, one where sentences are brisk, if a few draws find them."""
_SILENT: Final = (SmallTalk.THANKS, SmallTalk.COMPLAINT, SmallTalk.OFF_TOPIC, SmallTalk.SERVICE)
_LEADS: Final = (ReasonKind.HISTORY, ReasonKind.PHOTO)


class Teacher:
    """Writes replies; ``rng`` draws the words. ``refused`` counts the draws that the check did not let pass."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._said: Counter[str] = Counter()
        self._tone = Tone.PLAIN
        self.drawn = 0
        self.refused = 0

    def reply(self, context: WritingContext) -> list[str]:
        """The sentences of a reply, in reading order; none stands twice, and they are as many as its mode allows."""
        self._said.clear()
        self._tone = tuple(Tone)[int(self._rng.choice(len(Tone), p=TONES[_is_short(context)]))]
        said = dict.fromkeys(sentence for sentence in self._sentences(context) if sentence)
        return list(said)[: SENTENCES[context.mode]]

    def about(self, number: int, context: WritingContext, *, first: bool = False) -> str:
        """One sentence about the product with this number: with something of its row, and with its reason."""
        wanted = self._reason(number, context) or ""
        said = ""
        for _ in range(ATTEMPTS):
            said = self._checked(self._phrases(context, wanted, first=first), context, number, reason=wanted, r=wanted)
            enough = FACTS_TOLD if first or self._tone is not Tone.BRISK else 1
            if _facts(said, context) >= enough and (not wanted or f"[[{wanted}]]" in said):
                break
        return said

    def seen(self, context: WritingContext) -> str:
        """One sentence about the shopper's photo."""
        return self._checked(wording.PHOTO, context)

    def _phrases(self, context: WritingContext, reason: str, *, first: bool) -> Sequence[str]:
        """Those that answer what was asked: a gift, what goes with something, a set, a closer look; else by tone."""
        leading = reason and context.reasons[int(reason[1:]) - 1][1].kind in _LEADS
        if leading and self._chance(BEGINS_WITH_REASON) and not _is_of_itself(reason, context):
            return product_wording.AFTER_REASON
        plain = (product_wording.FIRST if first else product_wording.NEXT)[self._tone]
        if context.total is not None:
            return product_wording.OF_A_SET
        if context.move is Move.DETAIL:
            return product_wording.IN_DETAIL
        if context.move is Move.COMPLEMENT and self._chance(0.6):
            return product_wording.GOES_WITH_IT
        return product_wording.AS_A_GIFT if _is_gift(context) and self._chance(0.6) else plain

    def _reason(self, number: int, context: WritingContext) -> str | None:
        """The handle of one of the item's reasons that has not been said twice, the shopper's own before the others."""
        own = [(index, reason) for index, (owner, reason) in enumerate(context.reasons, 1) if owner == number]
        for index, reason in sorted(own, key=lambda one: one[1].kind not in _LEADS):
            value = value_of(ReasonSlot(index), context)
            if reason.kind is ReasonKind.POPULAR and self._chance(1 - POPULAR):
                continue
            if value is not None and self._said[value.text] < MAX_SAME_REASON:
                self._said[value.text] += 1
                return f"R{index}"
        return None

    def _sentences(self, context: WritingContext) -> Iterator[str]:
        yield from self._opening(context)
        if context.small_talk in _SILENT and not _asked(context):
            yield self._checked(wording.CLOSINGS, context)
            return
        if not context.items:
            yield self._checked(wording.NOTHING, context)
            yield self._checked(wording.TRY_AGAIN, context)
            return
        yield from self._products(context)
        if not _is_short(context):
            yield from self._ending(context)

    def _opening(self, context: WritingContext) -> Iterator[str]:
        if not context.in_english:
            yield self._checked(wording.NOT_ENGLISH, context)
        if context.small_talk is not None:
            yield self._checked(wording.TALK[context.small_talk], context)
        if context.move in wording.MOVES and context.items:
            yield self._checked(wording.MOVES[context.move], context)
            if not context.relaxed:
                return
        if context.several_in_photo:
            yield self._checked(wording.SEVERAL, context)
        if context.seen:
            yield self.seen(context)
        yield from self._search(context)
        if context.foreign_prices:
            yield self._checked(wording.FOREIGN, context)
        if context.items and context.cold_start and context.mode is not Mode.FAST:
            yield self._checked(wording.COLD_START, context)

    def _search(self, context: WritingContext) -> Iterator[str]:
        """What was wished and what became of that; or, where nothing was, that something is shown."""
        wish, unread = wishes_in_words(context), value_of(WishSlot(UNREAD), context) is not None
        if wish and not (_is_short(context) and context.seen):
            yield self._checked(_answers(context), context, wish=wish)
        elif unread and context.items and not wish:
            yield self._checked(wording.ONLY_UNREAD, context)
            return
        elif context.items and not context.seen and context.small_talk is None and not _is_short(context):
            openings = wording.GIFT_OPENING if _is_gift(context) else wording.OPENING
            yield self._checked(wording.SET if context.total is not None else openings, context)
        if unread:
            yield self._checked(wording.UNREAD, context)

    def _products(self, context: WritingContext) -> Iterator[str]:
        shown = _nameable(context)[: 2 if _is_short(context) else PRESENTED]
        if context.total is not None:
            shown = _nameable(context)
        for number in shown:
            yield self.about(number, context, first=number == shown[0])
            if context.move is Move.DETAIL:
                yield from (self._checked(product_wording.MORE_DETAIL, context, number) for _ in range(2))
            if not _is_short(context) and self._chance(ASIDES[self._tone]):
                gift = _is_gift(context) and self._chance(0.6)
                asides = product_wording.GIFT_ASIDES if gift else product_wording.ASIDES
                yield self._checked(asides, context)

    def _ending(self, context: WritingContext) -> Iterator[str]:
        shown, others = _nameable(context)[:PRESENTED], _nameable(context)[PRESENTED:]
        if context.shortfall:
            yield self._checked(wording.SHORTFALL, context)
        slot = next(iter(_comparisons(shown, context)), None)
        if slot is not None and context.total is None and self._chance(0.5):
            comparison = f"P{slot.product}<P{slot.other}.price"
            yield self._checked(product_wording.COMPARISONS, context, slot.product, comparison=comparison)
        if context.total is not None or context.question is not None:
            return
        if others and self._chance(0.4):
            handles = [f"[[P{number}]]" for number in others]
            listed = " and ".join(filter(None, (", ".join(handles[:-1]), handles[-1])))
            yield self._checked(product_wording.OTHERS, context, others=listed)
        elif self._chance(0.6):
            yield self._checked(wording.CLOSINGS, context)

    def _checked(self, phrases: Sequence[str], context: WritingContext, number: int | None = None, **fills: str) -> str:
        """One of the phrases, filled; "" where no draw passes the check."""
        for _ in range(DRAWS):
            phrase = phrases[int(self._rng.integers(len(phrases)))]
            said = Filling(self._rng, context, number, fills).filled(phrase)
            self.drawn += 1
            if check(said, context).ok:
                return said
            self.refused += 1
        return ""

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)


def _facts(sentence: str, context: WritingContext) -> int:
    """How many facts of its product's row a sentence tells, besides title, price and reason."""
    slots = {part.slot for part in parse(sentence) if isinstance(part.slot, ProductSlot)}
    return len([slot for slot in slots if slot.field not in (TITLE, PRICE)]) + len(check(sentence, context).literals)


def _answers(context: WritingContext) -> Sequence[str]:
    """Whether what was wished is shown, part of it, something else or nothing."""
    if not context.items:
        return wording.SEARCHED
    if not context.relaxed:
        return wording.WISH
    fields = [dropped.field for dropped in context.relaxed]
    wordless = fields.count(KEYWORDS) == len(context.wishes.keywords) and not context.wishes.category
    lost = CATEGORY in fields or (KEYWORDS in fields and wordless)
    return wording.SUBJECT_RELAXED if lost else wording.RELAXED


def _is_short(context: WritingContext) -> bool:
    return context.mode is Mode.FAST or context.surface is Surface.MESSENGER


def _is_gift(context: WritingContext) -> bool:
    return bool(said_purposes(context))


def _is_of_itself(reason: str, context: WritingContext) -> bool:
    owner, told = context.reasons[int(reason[1:]) - 1]
    return kind_of(told, context.items[owner - 1].row) == "itself"


def _asked(context: WritingContext) -> bool:
    return bool(wishes_in_words(context) or context.wishes.unread or context.foreign_prices or context.seen)


def _nameable(context: WritingContext) -> list[int]:
    return [number for number in range(1, len(context.items) + 1) if is_nameable(number, context)]


def _comparisons(shown: Sequence[int], context: WritingContext) -> Iterator[ComparisonSlot]:
    for one in shown:
        for other in shown:
            slot = ComparisonSlot(one, other)
            alike = one != other and _alike(context.items[one - 1].row, context.items[other - 1].row)
            if alike and value_of(slot, context):
                yield slot


def _alike(row: ProductRow, other: ProductRow) -> bool:
    return row.category == other.category and words(row.title) != words(other.title)

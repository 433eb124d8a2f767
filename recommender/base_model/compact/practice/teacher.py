"""What the compact writer should have said: a reply put together from its rows, reasons and wishes.

Every sentence passes the grounding check in its own context, or it is drawn again.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from recommender.base_model.compact.practice import wording
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check, is_nameable
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
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import CATEGORY
from recommender.conversation.wishes_in_words import wishes_in_words
from recommender.text import fold, plain, words
from schemas import Mode, ProductRow, Reason, ReasonKind, Seen

DRAWS: Final = 8
ATTEMPTS: Final = 6
POPULAR: Final = 0.3
ASIDES: Final = 0.7
PLAINER: Final = 0.4
MAX_SAME_REASON: Final = 2
PRESENTED: Final = 3
WORN_IN_TWOS: Final = frozenset({"trainer", "boot", "sandal", "sock", "shoe", "glove", "earring", "slipper", "trouser"})
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_A_BEFORE_VOWEL: Final = re.compile(r"\b([Aa])(?= (?!use)[aeiou])")
_TALK: Final = {
    SmallTalk.GREETING: wording.GREETINGS,
    SmallTalk.THANKS: wording.THANKS,
    SmallTalk.SERVICE: wording.SERVICE,
    SmallTalk.OFF_TOPIC: wording.OFF_TOPIC,
    SmallTalk.COMPLAINT: wording.COMPLAINT,
    SmallTalk.FOLLOW_UP: wording.FOLLOW_UP,
}
_SILENT: Final = (SmallTalk.THANKS, SmallTalk.COMPLAINT, SmallTalk.OFF_TOPIC, SmallTalk.SERVICE)


class Teacher:
    """Writes replies; ``rng`` draws the words."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._said: Counter[str] = Counter()

    def reply(self, context: WritingContext) -> list[str]:
        """The sentences of a reply, in reading order."""
        self._said.clear()
        return [sentence for sentence in self._sentences(context) if sentence]

    def about(self, number: int, context: WritingContext, *, first: bool = False) -> str:
        """One sentence about the product with this number: with something of its row, and with its reason."""
        phrases = (*(wording.FIRST if first else wording.NEXT), *wording.ANY)
        wanted = self._reason(number, context)
        said = ""
        for _ in range(ATTEMPTS):
            said = self._checked(phrases, context, number, reason=wanted or "")
            if _tells_something(said, context) and (not wanted or f"[[{wanted}]]" in said):
                break
        return said

    def _reason(self, number: int, context: WritingContext) -> str | None:
        """The handle of the first of the item's reasons that has not been said twice."""
        for index, (owner, reason) in enumerate(context.reasons, 1):
            value = value_of(ReasonSlot(index), context) if owner == number else None
            if reason.kind is ReasonKind.POPULAR and self._chance(1 - POPULAR):
                continue
            if value is not None and self._said[value.text] < MAX_SAME_REASON:
                self._said[value.text] += 1
                return f"R{index}"
        return None

    def seen(self, context: WritingContext) -> str:
        """One sentence about the shopper's photo."""
        return self._checked(wording.PHOTO, context)

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
        if context.mode is not Mode.FAST:
            yield from self._ending(context)

    def _opening(self, context: WritingContext) -> Iterator[str]:
        fast = context.mode is Mode.FAST
        if context.small_talk is not None:
            yield self._checked(_TALK[context.small_talk], context)
        if context.seen:
            yield self.seen(context)
        wish = wishes_in_words(context)
        if wish and not (fast and context.seen):
            yield self._checked(wording.RELAXED if context.relaxed else wording.WISH, context, wish=wish)
        elif context.items and not fast and not context.seen and context.small_talk is None:
            yield self._checked(wording.OPENING, context)
        if context.foreign_prices:
            yield self._checked(wording.FOREIGN, context)
        if value_of(WishSlot(UNREAD), context):
            yield self._checked(wording.UNREAD, context)
        if context.items and context.cold_start and not fast:
            yield self._checked(wording.COLD_START, context)

    def _products(self, context: WritingContext) -> Iterator[str]:
        shown = _nameable(context)[: 2 if context.mode is Mode.FAST else PRESENTED]
        for number in shown:
            yield self.about(number, context, first=number == shown[0])
            if context.mode is not Mode.FAST and self._chance(ASIDES):
                yield self._checked(wording.ASIDES, context)

    def _ending(self, context: WritingContext) -> Iterator[str]:
        shown, others = _nameable(context)[:PRESENTED], _nameable(context)[PRESENTED:]
        if context.shortfall:
            yield self._checked(wording.SHORTFALL, context)
        slot = next(iter(_comparisons(shown, context)), None)
        if slot is not None and self._chance(0.4):
            comparison = f"P{slot.product}<P{slot.other}.price"
            yield self._checked(wording.COMPARISONS, context, slot.product, comparison=comparison)
        if others and self._chance(0.3):
            handles = [f"[[P{number}]]" for number in others]
            listed = " and ".join(filter(None, (", ".join(handles[:-1]), handles[-1])))
            yield self._checked(wording.OTHERS, context, others=listed)
        elif self._chance(0.7):
            yield self._checked(wording.CLOSINGS, context)

    def _checked(self, phrases: Sequence[str], context: WritingContext, number: int | None = None, **fills: str) -> str:
        """One of the phrases, filled; "" where no draw passes the check."""
        for _ in range(DRAWS):
            said = _Filling(self._rng, context, number, fills).filled(self._pick(phrases))
            if check(said, context).ok:
                return said
        return ""

    def _pick(self, phrases: Sequence[str]) -> str:
        return phrases[int(self._rng.integers(len(phrases)))]

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)


class _Filling:
    """One sentence on its way from a phrase to text."""

    def __init__(
        self, rng: np.random.Generator, context: WritingContext, number: int | None, fills: dict[str, str]
    ) -> None:
        self._rng = rng
        self._context = context
        self._number = number
        self._fills = fills
        self._adjectives = [str(word) for word in rng.permutation(wording.NICE)]
        self._row = context.items[number - 1].row if number else None

    def filled(self, phrase: str) -> str:
        text = phrase
        for _ in range(12):
            text = self._chosen(text)
            if "{" not in text:
                break
            text = re.sub(r"\{([^{}]*)\}", lambda match: self._fill(match[1]), text)
        text = _A_BEFORE_VOWEL.sub(r"\1n", re.sub(r"\s+", " ", text).replace(",,", ","))
        return text[:1].upper() + text[1:]

    def _chosen(self, text: str) -> str:
        while (match := _CHOICE.search(text)) is not None:
            text = text[: match.start()] + self._one(match[1].split("|")) + text[match.end() :]
        return text

    def _one(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _fill(self, name: str) -> str:
        if name in self._fills:
            return self._fills[name]
        text = str(getattr(self, f"_{name.lower()}")())
        return text[:1].upper() + text[1:] if name[0].isupper() else text

    def _p(self) -> str:
        return f"P{self._number}"

    def _tail(self) -> str:
        return self._one(wording.TAILS)

    def _nice(self) -> str:
        return self._adjectives.pop()

    def _nice2(self) -> str:
        return self._adjectives.pop()

    def _calm(self) -> str:
        return self._one(wording.CALM) if self._rng.random() < PLAINER else self._nice()

    def _kind(self) -> str:
        return self._one(wording.KIND) if self._rng.random() < PLAINER else self._nice()

    def _meal(self) -> str:
        return self._one(wording.MEALS)

    def _place(self) -> str:
        return self._one(wording.PLACES)

    def _person(self) -> str:
        return self._one(wording.PEOPLE)

    def _occasion(self) -> str:
        return self._one(wording.OCCASIONS)

    def _use(self) -> str:
        return self._one(wording.USES)

    def _a(self) -> str:
        """What the product is: an adjective or two, what its row says, and the thing."""
        count = int(self._rng.choice([0, 1, 2], p=[0.05, 0.35, 0.6]))
        praise = ", ".join(self._adjectives.pop() for _ in range(count))
        literal = [word for word in self._literals() if self._rng.random() < 0.6]
        noun, many = self._noun()
        return _with_article(" ".join([*filter(None, [praise]), *literal, noun]), many=many)

    def _literals(self) -> list[str]:
        if self._row is None:
            return []
        values = [self._row.attributes.get(name, ("",))[0] for name in ("color", "pattern", "material")]
        known = [value.lower() for value in values if value and plain(value).isalpha() and value != "Plain"]
        return known[:2] if self._rng.random() < 0.3 else known[:1]

    def _noun(self) -> tuple[str, bool]:
        if self._row is None or not self._row.category or self._rng.random() < 0.35:
            return self._one(wording.THINGS), False
        return noun_of(self._row.category[-1])

    def _colored(self) -> str:
        return " in [[{p}.color]]" if self._field("color") and self._rng.random() < 0.6 else ""

    def _made(self) -> str:
        usable = [text for text, field in wording.MADE if self._field(field)]
        if not usable or self._rng.random() < 0.3:
            return ""
        return self._one(usable)

    def _field(self, name: str) -> bool:
        if self._number is None:
            return False
        if name == "other":
            return self._other() != ""
        return value_of(ProductSlot(self._number, name), self._context) is not None

    def _other(self) -> str:
        taken = ("color", "material", "brand", "feature", "size", "style", "pattern")
        names = [name for name in (self._row.attributes if self._row else ()) if name not in taken]
        return names[0] if names else ""

    def _price(self) -> str:
        return self._one(wording.PRICES) if self._field("price") and self._rng.random() < 0.85 else ""

    def _because(self) -> str:
        handle = self._fills.get("reason", "")
        if not handle:
            return ""
        _, reason = self._context.reasons[int(handle[1:]) - 1]
        return self._one(wording.REASONS[_reason_kind(reason)]).replace("{r}", handle)

    def _thing(self) -> str:
        """What the photo shows: colour and kind, or one of them."""
        seen = {thing.field: thing.value.lower() for thing in self._context.seen}
        color = seen.get("color", "")
        if CATEGORY not in seen:
            return f"something {color}" if color else "something"
        noun, many = noun_of(_value(self._context.seen, CATEGORY))
        return _with_article(f"{color} {noun}".strip(), many=many)


def noun_of(category: str) -> tuple[str, bool]:
    """A category as the thing it holds, and whether that is many: "Table Lamps" is a table lamp, "Socks" are socks."""
    *before, last = category.lower().split()
    single = fold(plain(last))
    if single in WORN_IN_TWOS:
        return " ".join([*before, last]), True
    return " ".join([*before, last if single == plain(last) else single]), False


def _with_article(text: str, *, many: bool) -> str:
    return text if many else f"a {text}"


def _value(seen: Sequence[Seen], field: str) -> str:
    return next(thing.value for thing in seen if thing.field == field)


def _reason_kind(reason: Reason) -> str:
    kind = reason.event_kind.value if reason.kind is ReasonKind.HISTORY and reason.event_kind else reason.kind.value
    return {"click": "view", "dwell": "view"}.get(kind, kind if kind in wording.REASONS else "other")


def _asked(context: WritingContext) -> bool:
    return bool(wishes_in_words(context) or context.wishes.unread or context.foreign_prices or context.seen)


def _tells_something(sentence: str, context: WritingContext) -> bool:
    """Whether a sentence says of its product more than title, price and reason, where the row has more."""
    owned = any(
        isinstance(part.slot, ProductSlot) and part.slot.field not in (TITLE, PRICE) for part in parse(sentence)
    )
    return owned or bool(check(sentence, context).literals) or not any(item.row.attributes for item in context.items)


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

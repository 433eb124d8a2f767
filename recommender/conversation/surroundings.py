"""The words right around a slot: what turns a true value into a lie, as "down from", "used to be" or "a kilo" do.

And slips of the writer's, after which a sentence does not say what it was meant to.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.prose import ALWAYS_PLAIN, BESIDE_A_PHOTO, BESIDE_A_WISH, PHOTO_WORDS
from recommender.conversation.slots import (
    ASKED,
    AVAILABILITY,
    FOREIGN,
    PRICE,
    RELAXED,
    TITLE,
    TOTAL,
    UNREAD,
    ComparisonSlot,
    CountSlot,
    Part,
    ProductSlot,
    WishSlot,
)
from recommender.text import TokenKind, fold, phrase_key, tokenise, word_set, words

_RIGHT_BEFORE_A_PRICE: Final = word_set("is at for cost costs costing of it that here price priced and if")
_BEFORE_A_PRICE: Final = _RIGHT_BEFORE_A_PRICE | word_set(
    "the a its which you i this there also too yours have get take try consider see pick look comes come listed one"
)
_AFTER_A_PRICE: Final = word_set(
    """
    and so if which that because in by but while it is i you we would could should may might can think thought
    your the suits fits fit suit work works seem seems sound sounds comes have has take see consider please
    here also too well like made of
    """
)
_NEVER_AFTER_A_PRICE: Final = word_set("up down")
_RIGHT_BEFORE_A_WISH: Final = word_set(
    """
    for like want wanted with in by to from between and or of without something some asked mind limit under below
    within over above
    """
)
_ONLY_BEFORE_A_LIMIT: Final = word_set("to between limit under below within over above")
_LIMITS: Final = ("min_price", "max_price")
_NOT_BEFORE_A_VALUE: Final = word_set("be been to")
_BETWEEN_PRODUCTS: Final = word_set("and or then while")
_SETTING_ASIDE: Final = (
    "set aside",
    "setting aside",
    "put aside",
    "putting aside",
    "let go of",
    "leave out",
    "leaving out",
    "left out",
    "drop",
    "dropped",
    "dropping",
    "give up on",
    "gave up on",
)
_LOOKING_FOR: Final = ("looked for", "look for", "show you", "asked for", "hoped for")
_TOTALLING: Final = (
    "together as you asked for them they come to",
    "as you asked for them together they come to",
    "put together the way you asked they come to",
)
"""All that a sentence with what a set costs may say beside it."""
_NEGATIONS: Final = word_set("not cannot couldnt")


def surrounding_problems(parts: Sequence[Part], context: WritingContext) -> Iterator[str]:
    """What is wrong with the words around the slots of a sentence."""
    yield from _repeated(parts)
    yield from _run_together(parts)
    yield from _price_problems(parts)
    yield from _value_problems(parts)
    yield from _comparing_problems(parts)
    yield from _count_problems(parts)
    if any(isinstance(part.slot, WishSlot) for part in parts):
        yield from _wish_problems(parts, context)
    elif context.seen and says_photo(parts):
        yield from _photo_problems(parts, context)


def _repeated(parts: Sequence[Part]) -> Iterator[str]:
    """A value said twice in one sentence is a slip, or says that there are two; so is a word twice in a row."""
    slots = [part.text for part in parts if part.is_slot]
    yield from (f"{text} stands twice" for text in dict.fromkeys(slots) if slots.count(text) > 1)
    prose = (pairwise(tokenise(part.text)) for part in parts if not part.is_slot)
    for one, following in chain.from_iterable(prose):
        if one.kind is TokenKind.WORD and one.text == following.text:
            yield f"{one.text!r} stands twice in a row"


def _run_together(parts: Sequence[Part]) -> Iterator[str]:
    """A plain word with a capital in the midst of a sentence begins another one."""
    begun = False
    for part in parts:
        for token in () if part.is_slot else tokenise(part.text):
            word = part.text[token.start : token.end]
            if begun and word[:1].isupper() and word[1:].islower() and token.folded in ALWAYS_PLAIN:
                yield f"{word!r} begins a sentence within a sentence"
            begun = begun or token.kind is TokenKind.WORD
        begun = begun or part.is_slot


def says_photo(parts: Sequence[Part]) -> bool:
    """Whether a sentence speaks of the shopper's photo."""
    return any(token.folded in PHOTO_WORDS for part in parts if not part.is_slot for token in tokenise(part.text))


def _price_problems(parts: Sequence[Part]) -> Iterator[str]:
    for index, part in enumerate(parts):
        if not _is_price(part):
            continue
        before, after = _before(parts, index), _after(parts, index)
        wrong = [word for word in before[-2:-1] if word not in _BEFORE_A_PRICE and fold(word) in ALWAYS_PLAIN]
        wrong += [word for word in before[-1:] if word not in _RIGHT_BEFORE_A_PRICE]
        wrong += [word for word in after[:1] if word not in _AFTER_A_PRICE]
        wrong += [word for word in after[1:2] if word in _NEVER_AFTER_A_PRICE]
        yield from (f"{word!r} beside {part.text} may say another price" for word in dict.fromkeys(wrong))


def _value_problems(parts: Sequence[Part]) -> Iterator[str]:
    for index, part in enumerate(parts):
        said = isinstance(part.slot, ProductSlot) and part.slot.field not in (TITLE, PRICE)
        wrong = [word for word in _before(parts, index)[-1:] if said and word in _NOT_BEFORE_A_VALUE]
        stock = isinstance(part.slot, ProductSlot) and part.slot.field == AVAILABILITY
        wrong += [word for word in _after(parts, index)[:1] if stock and word not in _AFTER_A_PRICE]
        yield from (f"{word!r} beside {part.text} may say another value" for word in wrong)


def _comparing_problems(parts: Sequence[Part]) -> Iterator[str]:
    """Between two products stands a conjunction, or marks alone: "beats", "like" and "to" compare them."""
    named: ProductSlot | None = None
    between: list[str] = []
    for part in parts:
        if not isinstance(part.slot, ProductSlot) or part.slot.field != TITLE:
            between += [] if part.is_slot else [token.text for token in tokenise(part.text) if token.text.isalnum()]
            continue
        if named not in (None, part.slot) and between and _BETWEEN_PRODUCTS.isdisjoint(between):
            yield f"{' '.join(between)!r} may compare two products; only a slot may"
        named, between = part.slot, []


def _count_problems(parts: Sequence[Part]) -> Iterator[str]:
    for index, part in enumerate(parts):
        if part.slot == CountSlot(ASKED) and not _ends(_before(parts, index), _LOOKING_FOR):
            yield f"{part.text} is what was looked for; write it after one of: {', '.join(_LOOKING_FOR)}"
        if part.slot == CountSlot(TOTAL) and _spoken(parts) not in [f"{words} {part.text}" for words in _TOTALLING]:
            yield f"{part.text} is of the whole set; its sentence says one of: {', '.join(_TOTALLING)}"


def _spoken(parts: Sequence[Part]) -> str:
    """A sentence without its marks."""
    said = [[part.text] if part.is_slot else [token.text for token in tokenise(part.text)] for part in parts]
    return " ".join(word for several in said for word in several if word.isalnum() or word.startswith("[["))


def _wish_problems(parts: Sequence[Part], context: WritingContext) -> Iterator[str]:
    said = [token for part in parts if not part.is_slot for token in tokenise(part.text) if token.text.isalnum()]
    for token in said:
        if token.folded not in BESIDE_A_WISH:
            yield f"{token.text!r} may not stand beside a wish"
    fields = {part.slot.field for part in parts if isinstance(part.slot, WishSlot)}
    if fields & {UNREAD, FOREIGN} and _NEGATIONS.isdisjoint(token.text for token in said):
        yield "what was not understood or not applied stands in a sentence with 'not'"
    for index, part in enumerate(parts):
        if isinstance(part.slot, WishSlot):
            yield from _one_wish_problems(parts, index, part.slot, relaxing=RELAXED in fields, context=context)


def _photo_problems(parts: Sequence[Part], context: WritingContext) -> Iterator[str]:
    """A photo shows what was seen in it and is spoken of plainly: nothing else, and no negation, stands beside that."""
    seen = {word for thing in context.seen for word in words(thing.value)}
    for part in parts:
        for token in tokenise(part.text) if not part.is_slot else ():
            if token.text.isalnum() and token.folded not in BESIDE_A_PHOTO | seen:
                yield f"{token.text!r} may not stand beside what the photo shows"


def _one_wish_problems(
    parts: Sequence[Part], index: int, slot: WishSlot, *, relaxing: bool, context: WritingContext
) -> Iterator[str]:
    text, before = parts[index].text, _before(parts, index)
    if slot.field in (UNREAD, FOREIGN):
        return
    if slot.field == RELAXED:
        if not _ends(before, _SETTING_ASIDE):
            yield f"{text} was set aside; write it after one of: {', '.join(_SETTING_ASIDE)}"
        return
    wrong = _ONLY_BEFORE_A_LIMIT if slot.field not in _LIMITS else frozenset()
    if before and (before[-1] not in _RIGHT_BEFORE_A_WISH or before[-1] in wrong):
        yield f"{before[-1]!r} may not stand before {text}"
    if _key(slot.field) in {_key(dropped.field) for dropped in context.foreign_prices}:
        yield f"{text} could not be applied; [[W.{FOREIGN}]] says so"
    if not relaxing and _key(slot.field) in {_key(dropped.field) for dropped in context.relaxed}:
        yield f"{text} was set aside; only a sentence with [[W.{RELAXED}]] may mention it"


def _is_price(part: Part) -> bool:
    return isinstance(part.slot, ComparisonSlot) or (isinstance(part.slot, ProductSlot) and part.slot.field == PRICE)


def _key(field: str) -> str:
    return phrase_key(words(field))


def _before(parts: Sequence[Part], index: int) -> list[str]:
    """The words before a slot, back to a mark or another slot."""
    prose = parts[index - 1].text if index and not parts[index - 1].is_slot else ""
    return _until_mark(prose, backwards=True)


def _after(parts: Sequence[Part], index: int) -> list[str]:
    following = parts[index + 1] if index + 1 < len(parts) else None
    return _until_mark(following.text, backwards=False) if following and not following.is_slot else []


def _until_mark(prose: str, *, backwards: bool) -> list[str]:
    tokens = tokenise(prose)
    found: list[str] = []
    for token in reversed(tokens) if backwards else tokens:
        if token.kind is TokenKind.MARK:
            break
        found.append(token.text)
    return found[::-1] if backwards else found


def _ends(said: Sequence[str], phrases: Sequence[str]) -> bool:
    return f" {' '.join(said)}".endswith(tuple(f" {phrase}" for phrase in phrases))

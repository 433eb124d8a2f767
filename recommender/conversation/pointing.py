"""Which of the products shown a message means: "the second one", "#3", "both", "the blue one", "the cheapest"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from recommender.conversation.tokens import Tokens
from recommender.text import TokenKind, words
from schemas import ProductRow

_ORDINALS: Final = {
    **{word: place for place, word in enumerate(("first", "second", "third", "fourth", "fifth", "sixth"))},
    **{word: place for place, word in enumerate(("1st", "2nd", "3rd", "4th", "5th", "6th"))},
    "last": -1,
}
_NUMBERS: Final = {word: number for number, word in enumerate(("one", "two", "three", "four", "five"), 1)}
_THINGS: Final = frozenset({"one", "item", "product", "option", "suggestion", "choice", "result", "pick"})
_NUMBERED: Final = frozenset({"#", "number", "no", "nr", "option", "item", "product", "choice", "result"})
_THESE: Final = frozenset({"these", "those", "the", "them"})
_CHEAPEST: Final = frozenset({("cheapest",), ("least", "expensive"), ("cheaper",)})
_DEAREST: Final = frozenset({("most", "expensive"), ("dearest",), ("priciest",)})
_LONGEST_DESCRIPTION: Final = 4


@dataclass(frozen=True, slots=True)
class Pointed:
    """The tokens [start, end) that mean these items, in the order in which they were shown."""

    start: int
    end: int
    item_ids: tuple[str, ...]


def read_pointers(tokens: Tokens, shown: Sequence[ProductRow], focus: ProductRow | None) -> list[Pointed]:
    """What a message points at, in the order of its words. Nothing is marked as read.

    Parameters
    ----------
    shown : the latest list, in its order
    focus : what was talked of last, which "this one" means
    """
    found: list[Pointed] = []
    position = 0
    while position < len(tokens.all):
        pointed = _pointed_at(tokens, position, shown, focus)
        if pointed is not None:
            found.append(pointed)
        position = pointed.end if pointed is not None else position + 1
    return found


def _pointed_at(tokens: Tokens, position: int, shown: Sequence[ProductRow], focus: ProductRow | None) -> Pointed | None:
    for end, rows in _readings(tokens, position, shown, focus):
        if rows:
            start = position - (tokens.text_at(position - 1) == "the")
            return Pointed(start, end, tuple(row.item_id for row in rows))
    return None


def _readings(
    tokens: Tokens, at: int, shown: Sequence[ProductRow], focus: ProductRow | None
) -> Iterator[tuple[int, Sequence[ProductRow]]]:
    yield _title(tokens, at, shown)
    text, following = tokens.text_at(at), tokens.text_at(at + 1)
    if text in _THESE and following in _NUMBERS and _NUMBERS[following] > 1:
        yield at + 2, shown[: _NUMBERS[following]]
    if text == "both":
        yield at + 1, shown[:2]
    if text in ("this", "that") and following in _THINGS:
        yield at + 2, _this(shown, focus)
    if text in _NUMBERED and (number := _number(tokens, at + 1)):
        yield at + 2, shown[number - 1 : number]
    if text == "the":
        yield _ordinal(tokens, at + 1, shown)
        yield _extreme(tokens, at + 1, shown)
        yield _described(tokens, at + 1, shown)
    elif at == 0:
        yield _ordinal(tokens, at, shown, needs_thing=len(tokens.all) > 2)


def _title(tokens: Tokens, at: int, shown: Sequence[ProductRow]) -> tuple[int, Sequence[ProductRow]]:
    """A product called by its whole title."""
    for row in shown:
        title = words(row.title)
        spoken = [tokens.folded_at(at + place) for place in range(len(title))]
        if len(title) > 1 and spoken == title:
            return at + len(title), [row]
    return at, []


def _number(tokens: Tokens, at: int) -> int:
    text = tokens.text_at(at)
    if text.isdigit() and tokens.all[at].kind is TokenKind.NUMBER:
        return int(text)
    return _NUMBERS.get(text, 0)


def _ordinal(
    tokens: Tokens, at: int, shown: Sequence[ProductRow], *, needs_thing: bool = False
) -> tuple[int, Sequence[ProductRow]]:
    """ "second one", "last", "first two"; "needs_thing": a word like "one" has to follow."""
    place = _ORDINALS.get(tokens.text_at(at))
    if place is None:
        return at, []
    following = tokens.text_at(at + 1)
    many = _NUMBERS.get(following, 0)
    if many > 1:
        return at + 2, shown[:many] if place == 0 else shown[-many:] if place < 0 else []
    if following in _THINGS:
        return at + 2, _place(shown, place)
    return at + 1, [] if needs_thing else _place(shown, place)


def _place(shown: Sequence[ProductRow], place: int) -> Sequence[ProductRow]:
    return shown[place:][:1]


def _extreme(tokens: Tokens, at: int, shown: Sequence[ProductRow]) -> tuple[int, Sequence[ProductRow]]:
    priced = [row for row in shown if row.price is not None and row.price.currency == _currency(shown)]
    for phrases, direction in ((_CHEAPEST, 1), (_DEAREST, -1)):
        length = tokens.phrase_at(at, phrases)
        end = at + length + (tokens.text_at(at + length) in _THINGS)
        if length and priced:
            return end, sorted(priced, key=lambda row: direction * (row.price.amount if row.price else 0))[:1]
    return at, []


def _currency(shown: Sequence[ProductRow]) -> str | None:
    return next((row.price.currency for row in shown if row.price is not None), None)


def _described(tokens: Tokens, at: int, shown: Sequence[ProductRow]) -> tuple[int, Sequence[ProductRow]]:
    """ "blue ceramic one": the first shown whose row has all of these words."""
    for end in range(at + 1, min(at + _LONGEST_DESCRIPTION, len(tokens.all) - 1) + 1):
        if tokens.text_at(end) in _THINGS:
            said = {tokens.folded_at(place) for place in range(at, end)}
            return end + 1, [row for row in shown if said <= set(words(_text(row)))][:1]
    return at, []


def _text(row: ProductRow) -> str:
    values = (value for several in row.attributes.values() for value in several)
    return " ".join([row.title, row.brand or "", *row.category, *values])


def _this(shown: Sequence[ProductRow], focus: ProductRow | None) -> Sequence[ProductRow]:
    return [focus] if focus is not None else shown[:1]

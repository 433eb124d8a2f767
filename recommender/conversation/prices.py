"""Price wishes: under, over, between, around, at most; read from tokens, never from a regular expression over text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Final

from recommender.conversation.lexicon import STOP_WORDS
from recommender.conversation.numbers import Amount, read_amount, token_at
from recommender.text import Token, TokenKind, word_set
from schemas import Money
from schemas.money import MAX_AMOUNT


class _Bound(Enum):
    MAX = "max"
    MIN = "min"
    AROUND = "around"
    BETWEEN = "between"


def _phrases(**texts: str) -> dict[str, _Bound]:
    return {phrase: _Bound(bound) for bound, text in texts.items() for phrase in text.split("; ")}


_OPENERS: Final = _phrases(
    max="under; below; beneath; less than; lower than; cheaper than; no more than; not more than; at most; up to; max; "
    "maximum; within; not over; not above; <; less; budget; my budget; limit; price limit; spend; can spend; afford; "
    "can afford; no higher than; costing up to; not exceeding; inside",
    min="over; above; more than; at least; min; minimum; from; starting at; starting from; no less than; >; "
    "not less than; not under; not below; upwards of; higher than; greater than",
    around="around; about; roughly; approximately; approx; circa; ~; near; nearly; close to",
    between="between",
)
_CLOSERS: Final = _phrases(
    max="or less; or under; or below; or cheaper; max; maximum; tops; at most; at the most; limit; budget",
    min="or more; or over; or above; or higher; and up; and over; and above; minimum; min; upwards; plus; +",
    around="or so; ish; - ish; or thereabouts; give or take",
)
_RANGE_JOINTS: Final = frozenset({"and", "to", "-", "\u2013", "\u2014", "&"})
_FILLERS: Final = word_set("is of a my the about around = : roughly price only")
_NOT_PRICE_UNITS: Final = word_set(
    """
    cm mm m km kg g mg lb oz ml l litre liter cl inch inche foot ft yard metre meter % percent year month week day hour
    minute second watt w v volt person people piece item x time degree star size age
    """
)
WORDS: Final = _NOT_PRICE_UNITS | frozenset(word for phrase in (*_OPENERS, *_CLOSERS) for word in phrase.split())
_ASSERTIONS: Final = word_set("costs cost is are was were its")
_RELATIVES: Final = word_set("that which who thats")
_APART: Final = 3
_AROUND_SHARE: Final = Decimal("0.2")
_LONGEST_OPENER = 3
_MOST_OPENERS: Final = 3
_DENIERS: Final = word_set("not dont cant cannot wont shouldnt mustnt doesnt isnt nothing never none no wouldnt")
_BEFORE_DENIED: Final = word_set(
    "want wanting to spend spending pay paying cost costs costing go going be it that is any anything priced like i"
)
_OPPOSITES: Final = {_Bound.MAX: _Bound.MIN, _Bound.MIN: _Bound.MAX}
_COMPARISONS: Final = frozenset(
    {
        "over",
        "above",
        "more than",
        "higher than",
        "greater than",
        "under",
        "below",
        "beneath",
        "less than",
        "lower than",
    }
)


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A price range said at tokens [start, end). A side that was not said is None; the two may differ in currency.

    ``apart``: the tokens [start, end) of a word that belongs to it and stands apart, as in "£15 mug max".
    """

    minimum: Money | None
    maximum: Money | None
    start: int
    end: int
    apart: tuple[int, int] = (0, 0)


def read_prices(tokens: Sequence[Token], shop_currency: str | None) -> list[PriceWish]:
    """Every price wish in order. Amounts without a currency count as the shop's."""
    found: list[PriceWish] = []
    position = 0
    while position < len(tokens):
        wish = _read_at(tokens, position, shop_currency)
        if wish is not None:
            found.append(wish)
        position = position + 1 if wish is None else wish.end
    return found


def _read_at(tokens: Sequence[Token], start: int, currency: str | None) -> PriceWish | None:
    bound, position = _opening_at(tokens, start)
    first = read_amount(tokens, position, currency)
    if first is None:
        return None
    second = _second_amount(tokens, first, currency, bound)
    if second is not None:
        low = first.money if first.marked else Money(first.money.amount, second.money.currency)
        return _between(low, second.money, start, second.end)
    closing, end = _closing_at(tokens, first.end, currency)
    if bound or closing:
        return _priced(tokens, first, bound or closing, (start, end))
    if _is_asserted(tokens, start) or not (first.marked or _has_pence(tokens[first.end - 1])):
        return None
    closing, apart = _closing_apart(tokens, first, currency)
    wish = _priced(tokens, first, closing or _Bound.MAX, (start, end))
    return replace(wish, apart=apart) if wish else None


def _opening_at(tokens: Sequence[Token], start: int) -> tuple[_Bound | None, int]:
    """The last of the openers that follow each other ("spend up to"); "don't want to spend more than" is turned."""
    bound, end = None, start
    for _ in range(_MOST_OPENERS):
        begin = end if bound is None else _skip_fillers(tokens, end)
        following, stop = _phrase_at(tokens, begin, _OPENERS)
        if following is None:
            break
        bound, end = (_OPPOSITES[following] if _is_denied(tokens, begin, stop) else following), stop
    return bound, end if bound is None else _skip_fillers(tokens, end)


def _is_denied(tokens: Sequence[Token], start: int, stop: int) -> bool:
    if " ".join(token.text for token in tokens[start:stop]) not in _COMPARISONS:
        return False
    at = start - 1
    while token_at(tokens, at).text in _BEFORE_DENIED:
        at -= 1
    return token_at(tokens, at).text in _DENIERS


def _priced(tokens: Sequence[Token], amount: Amount, bound: _Bound | None, span: tuple[int, int]) -> PriceWish | None:
    return _bounded(bound, amount.money, *span) if bound and _is_price(tokens, amount, bound) else None


def _closing_at(tokens: Sequence[Token], position: int, currency: str | None) -> tuple[_Bound | None, int]:
    """A closing phrase at a position; "and above" before an amount opens the next wish instead."""
    closing, end = _phrase_at(tokens, position, _CLOSERS)
    if closing and read_amount(tokens, _skip_fillers(tokens, end), currency):
        return None, position
    return closing, end


def _closing_apart(
    tokens: Sequence[Token], amount: Amount, currency: str | None
) -> tuple[_Bound | None, tuple[int, int]]:
    """A closing phrase a few words behind an amount: "15 pounds mug max"."""
    for position in range(amount.end, min(len(tokens), amount.end + _APART + 1)):
        closing, end = _closing_at(tokens, position, currency)
        is_last = token_at(tokens, end).kind is not TokenKind.WORD or token_at(tokens, end).text in STOP_WORDS
        if closing and is_last:
            return closing, (position, end)
        if tokens[position].kind is not TokenKind.WORD:
            break
    return None, (0, 0)


def _is_asserted(tokens: Sequence[Token], start: int) -> bool:
    """Whether an amount is what something is said to cost, which limits nothing; "one that costs £5" asks for it."""
    at = start - 1
    while token_at(tokens, at).text in ("only", "just"):
        at -= 1
    return token_at(tokens, at).text in _ASSERTIONS and token_at(tokens, at - 1).text not in _RELATIVES


def _has_pence(token: Token) -> bool:
    """Whether a number without a currency is written as a price: 12.99."""
    return token.kind is TokenKind.NUMBER and token.text[-3:-2] in (".", ",")


def _phrase_at(tokens: Sequence[Token], start: int, phrases: dict[str, _Bound]) -> tuple[_Bound | None, int]:
    for stop in range(min(len(tokens), start + _LONGEST_OPENER), start, -1):
        bound = phrases.get(" ".join(token.text for token in tokens[start:stop]))
        if bound is not None:
            return bound, stop
    return None, start


def _skip_fillers(tokens: Sequence[Token], position: int) -> int:
    for _ in range(3):
        token = token_at(tokens, position)
        if token.text not in _FILLERS or token_at(tokens, position + 1).folded in ("hundred", "tenner", "fiver"):
            break
        position += 1
    return position


def _second_amount(tokens: Sequence[Token], first: Amount, currency: str | None, bound: _Bound | None) -> Amount | None:
    """The other end of a range; without "between" one end must be money, so that "2 to 5 years" is none."""
    if token_at(tokens, first.end).text not in _RANGE_JOINTS:
        return None
    second = read_amount(tokens, first.end + 1, first.money.currency if first.marked else currency)
    if second is None or token_at(tokens, second.end).folded in _NOT_PRICE_UNITS:
        return None
    said_range = bound is _Bound.BETWEEN or first.marked or second.marked
    return second if said_range or (bound is _Bound.MIN and tokens[first.end].text == "to") else None


def _between(one: Money, other: Money, start: int, end: int) -> PriceWish:
    if one.currency != other.currency:
        return PriceWish(one, other, start, end)
    return PriceWish(min(one, other), max(one, other), start, end)


def _is_price(tokens: Sequence[Token], amount: Amount, bound: _Bound) -> bool:
    if amount.marked:
        return True
    after = token_at(tokens, amount.end)
    counts_on = after.text == "to" and token_at(tokens, amount.end + 1).kind is TokenKind.NUMBER
    if after.folded in _NOT_PRICE_UNITS or counts_on:
        return False
    return bound is _Bound.MAX or after.kind is not TokenKind.WORD or after.text in STOP_WORDS


def _bounded(bound: _Bound, money: Money, start: int, end: int) -> PriceWish:
    if bound is _Bound.MAX:
        return PriceWish(None, money, start, end)
    if bound is _Bound.MIN:
        return PriceWish(money, None, start, end)
    if bound is _Bound.BETWEEN:
        return PriceWish(money, None, start, end)
    slack = money.amount * _AROUND_SHARE
    low = round(money.amount - slack, 2)
    high = min(round(money.amount + slack, 2), MAX_AMOUNT)
    return PriceWish(Money(low, money.currency), Money(high, money.currency), start, end)

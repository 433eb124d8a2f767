"""Price wishes: under, over, between, around, at most; read from tokens, never from a regular expression over text."""

from collections.abc import Sequence
from dataclasses import dataclass
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
)
_RANGE_JOINTS: Final = frozenset({"and", "to", "-", "\u2013", "\u2014", "&"})
_FILLERS: Final = word_set("is of a my the about around = : roughly price only")
_NOT_PRICE_UNITS: Final = word_set(
    """
    cm mm m km kg g mg lb oz ml l litre liter cl inch inche foot ft yard metre meter % percent year month week day hour
    minute second watt w v volt person people piece item x time degree star size age
    """
)
_AROUND_SHARE: Final = Decimal("0.2")
_LONGEST_OPENER = 3


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A price range said at tokens [start, end). A side that was not said is None."""

    minimum: Money | None
    maximum: Money | None
    start: int
    end: int


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
    bound, position = _phrase_at(tokens, start, _OPENERS)
    if bound is not None:
        position = _skip_fillers(tokens, position)
    first = read_amount(tokens, position, currency)
    if first is None:
        return None
    second = _second_amount(tokens, first, currency, bound)
    if second is not None:
        return _between(first.money, second.money, start, second.end)
    closing, end = _phrase_at(tokens, first.end, _CLOSERS)
    bound = bound or closing or (_Bound.MAX if first.marked else None)
    if bound is None or not _is_price(tokens, first, bound):
        return None
    return _bounded(bound, first.money, start, end)


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
    second = read_amount(tokens, first.end + 1, currency if not first.marked else first.money.currency)
    if second is None or token_at(tokens, second.end).folded in _NOT_PRICE_UNITS:
        return None
    said_range = bound is _Bound.BETWEEN or first.marked or second.marked
    return second if said_range or (bound is _Bound.MIN and tokens[first.end].text == "to") else None


def _between(one: Money, other: Money, start: int, end: int) -> PriceWish:
    currency = other.currency
    low, high = sorted((one.amount, other.amount))
    return PriceWish(Money(low, currency), Money(high, currency), start, end)


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

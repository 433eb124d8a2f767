"""Numbers and amounts of money as shoppers write them: 1,000.50, £20, 15 quid, 50p, twenty-five, a tenner."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from recommender.text import Token, TokenKind, word_set
from schemas import Money
from schemas.money import AMOUNT_DECIMALS, MAX_AMOUNT


def _counted(text: str, *, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: step * value for value, word in enumerate(text.split(), start=start)}


SMALL_NUMBERS: Final = _counted(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS: Final = _counted("twenty thirty forty fifty sixty seventy eighty ninety", start=2, step=10)
SCALES: Final = {"hundred": 100, "thousand": 1000}
NOTES: Final = {"fiver": 5, "tenner": 10}
SMALLEST_BARE_WORD: Final = 5

SYMBOLS: Final = {"£": "GBP", "$": "USD", "€": "EUR", "¥": "JPY", "₹": "INR"}
_CODES: Final = {
    code: code.upper()
    for code in word_set("gbp usd eur jpy inr chf cad aud nzd sek nok dkk pln czk cny sgd hkd zar brl mxn")
}
_UNITS: Final = {
    "pound": "GBP",
    "quid": "GBP",
    "sterling": "GBP",
    "dollar": "USD",
    "buck": "USD",
    "euro": "EUR",
    "rupee": "INR",
    "yen": "JPY",
}
_HUNDREDTHS: Final = {"p": "GBP", "pence": "GBP", "penny": "GBP", "cent": ""}
MONEY_WORDS: Final = frozenset({*_UNITS, *_HUNDREDTHS})
_DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_NO_TOKEN: Final = Token(TokenKind.MARK, "", "", 0, 0)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount read from tokens up to ``end``. ``marked``: a currency was said, so it can only be a price."""

    money: Money
    end: int
    marked: bool


def token_at(tokens: Sequence[Token], index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else _NO_TOKEN


def read_amount(tokens: Sequence[Token], start: int, shop_currency: str | None) -> Amount | None:
    """The amount that begins at ``start``; in the shop's currency where none is said, None where it has none."""
    first = token_at(tokens, start)
    before = SYMBOLS.get(first.text) or _CODES.get(first.text)
    number, end = _read_number(tokens, start + 1 if before else start)
    if number is None:
        return None
    unit, divisor = _unit_after(token_at(tokens, end))
    if unit is not None and before is None:
        end += 1
        number /= divisor
    currency = before or unit
    if not currency and unit is None and _is_small_word(first, number):
        return None
    return _amount(number, _local(currency, shop_currency), end, marked=before is not None or unit is not None)


def _is_small_word(first: Token, number: Decimal) -> bool:
    return first.kind is TokenKind.WORD and number < SMALLEST_BARE_WORD


def _amount(number: Decimal, currency: str | None, end: int, *, marked: bool) -> Amount | None:
    if currency is None or number > MAX_AMOUNT:
        return None
    return Amount(Money(_exact(number), currency), end, marked)


def _exact(number: Decimal) -> Decimal:
    rounded = round(number, AMOUNT_DECIMALS)
    return number if rounded == number else rounded


def _unit_after(token: Token) -> tuple[str | None, int]:
    if token.folded in _HUNDREDTHS:
        return _HUNDREDTHS[token.folded], 100
    return _UNITS.get(token.folded) or _CODES.get(token.text), 1


def _local(currency: str | None, shop_currency: str | None) -> str | None:
    """A dollar sign means the shop's own dollars where it has some."""
    if not currency or (currency == "USD" and shop_currency in _DOLLARS):
        return shop_currency
    return currency


def _read_number(tokens: Sequence[Token], start: int) -> tuple[Decimal | None, int]:
    token = token_at(tokens, start)
    if token.kind is TokenKind.NUMBER:
        following = token_at(tokens, start + 1)
        if following.text == "k" and following.start == token.end:
            return _decimal(token.text) * 1000, start + 2
        return _decimal(token.text), start + 1
    return _read_number_words(tokens, start)


def _decimal(text: str) -> Decimal:
    """The last separator is the decimal point, unless it is a comma before three digits or stands repeatedly."""
    cut = max(text.rfind("."), text.rfind(","))
    if cut < 0:
        return Decimal(text)
    whole, separator, rest = text[:cut], text[cut], text[cut + 1 :]
    digits = whole.replace(",", "").replace(".", "")
    if separator in whole or (separator == "," and len(rest) == 3):
        return Decimal(digits + rest)
    return Decimal(f"{digits}.{rest}")


def _read_number_words(tokens: Sequence[Token], start: int) -> tuple[Decimal | None, int]:
    end = start + 1 if token_at(tokens, start).text == "a" else start
    token = token_at(tokens, end)
    if token.folded in NOTES:
        return Decimal(NOTES[token.folded]), end + 1
    if token.text in SCALES:
        return _scaled(tokens, Decimal(1), end)
    if end > start:
        return None, start
    value, end = _read_below_hundred(tokens, start)
    return (None, start) if value is None else _scaled(tokens, value, end)


def _scaled(tokens: Sequence[Token], value: Decimal, end: int) -> tuple[Decimal, int]:
    scale = SCALES.get(token_at(tokens, end).text)
    if scale is None:
        return value, end
    value, end = value * scale, end + 1
    after = end + 1 if token_at(tokens, end).text == "and" else end
    rest, rest_end = _read_below_hundred(tokens, after)
    return (value, end) if rest is None else (value + rest, rest_end)


def _read_below_hundred(tokens: Sequence[Token], start: int) -> tuple[Decimal | None, int]:
    word = token_at(tokens, start).text
    if word in SMALL_NUMBERS:
        return Decimal(SMALL_NUMBERS[word]), start + 1
    if word not in TENS:
        return None, start
    after = start + 2 if token_at(tokens, start + 1).text == "-" else start + 1
    ones = SMALL_NUMBERS.get(token_at(tokens, after).text, 0)
    if 0 < ones < 10:
        return Decimal(TENS[word] + ones), after + 1
    return Decimal(TENS[word]), start + 1

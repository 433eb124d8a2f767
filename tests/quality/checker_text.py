"""How the second checker cuts text: tokens of its own, stems of its own, and titles found as they are printed."""

import html
import re
import unicodedata
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from tests.quality.checker_words import SCALES, SLANG, SMALL, TENS

_PIECES: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*|[^\w\s]|_")
_SYMBOLS: Final = {"£": "GBP", "$": "USD", "€": "EUR", "¥": "JPY", "₹": "INR"}
_UNITS: Final = {
    **dict.fromkeys(("pound", "pounds", "quid", "gbp"), ("GBP", 1)),
    **dict.fromkeys(("dollar", "dollars", "bucks", "usd"), ("USD", 1)),
    **dict.fromkeys(("euro", "euros", "eur"), ("EUR", 1)),
    **dict.fromkeys(("p", "pence", "penny"), ("GBP", 100)),
    **dict.fromkeys(("cent", "cents"), ("USD", 100)),
}
_MIN_CUT: Final = 60
_SPELLINGS: Final = {"gray": "grey", "color": "colour", "aluminum": "aluminium", "jewelry": "jewellery", "feet": "foot"}


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: word, number, mark, title (``ref``: which one) or money (``amount``, ``currency``)."""

    kind: str
    text: str
    low: str
    stem: str
    start: int = 0
    end: int = 0
    ref: int = -1
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """A printed title, the items of the reply that bear it, and whether one of the reasons names it."""

    text: str
    words: tuple[str, ...]
    items: tuple[int, ...] = ()
    is_history: bool = field(default=False)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A rough singular in British spelling."""
    low = unicodedata.normalize("NFKC", word).lower().replace("\u2019", "'").removesuffix("'s")
    low = _SPELLINGS.get(low, low)
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 4 and low.endswith(("ches", "shes", "xes", "sses", "zes")):
        return low[:-2]
    return low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")) else low


def cut(text: str) -> list[Token]:
    return [_token(match) for match in _PIECES.finditer(text)]


def _token(match: re.Match[str]) -> Token:
    text = match.group()
    kind = "number" if text[0].isdigit() else "word" if text[0].isalpha() else "mark"
    low = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    return Token(kind, text, low, stem(text), *match.span())


def stems(text: str) -> tuple[str, ...]:
    return tuple(token.stem for token in cut(text) if token.kind != "mark")


def printed_words(title: str) -> tuple[str, ...]:
    """The words of a title as a reply prints it: without markup, letter case kept."""
    plain = re.sub(r"<[^<>]*>", " ", html.unescape(title))
    return tuple(token.text for token in cut(unicodedata.normalize("NFC", plain)) if token.kind != "mark")


def with_titles(tokens: list[Token], titles: list[Title]) -> list[Token]:
    """The tokens with each printed title as one token, the longest first at every place."""
    by_first: dict[str, list[int]] = {}
    for index, title in enumerate(titles):
        if title.words:
            by_first.setdefault(title.words[0], []).append(index)
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        ends = [(_title_end(tokens, position, titles[i]), i) for i in by_first.get(tokens[position].text, ())]
        end, index = max(ends, key=lambda pair: (pair[0], -pair[1]), default=(position, -1))
        if end > position:
            first, last = tokens[position], tokens[end - 1]
            found.append(Token("title", titles[index].text, f"T{index}", "", first.start, last.end, index))
            position = end
        else:
            found.append(tokens[position])
            position += 1
    return found


def _title_end(tokens: list[Token], position: int, title: Title) -> int:
    """Where the title that begins here ends; ``position`` where it is not this one. A long one may be cut."""
    at = 0
    index = position
    end = position
    while index < len(tokens) and at < len(title.words):
        token = tokens[index]
        if token.kind == "mark":
            if token.text == "…" and token.start - tokens[position].start >= _MIN_CUT:
                return index + 1
        elif token.text == title.words[at]:
            at += 1
            end = index + 1
        else:
            return position
        index += 1
    if at < len(title.words):
        return position
    return end + (end < len(tokens) and tokens[end].text == ")" and title.text.rstrip().endswith(")"))


def with_money(tokens: list[Token]) -> list[Token]:
    """The tokens with each amount of money, in digits, words or slang, as one token."""
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        length, amount, currency = _money_at(tokens, position)
        if length and amount is not None:
            first, last = tokens[position], tokens[position + length - 1]
            found.append(
                replace(
                    first, kind="money", low="M", stem="", end=last.end, amount=amount, currency=currency, text="money"
                )
            )
            position += length
        else:
            found.append(tokens[position])
            position += 1
    return found


def _money_at(tokens: list[Token], position: int) -> tuple[int, Decimal | None, str]:
    token = tokens[position]
    if token.text in _SYMBOLS or (token.low in ("us", "a", "ca") and _low(tokens, position + 1) == "$"):
        shift = 0 if token.text in _SYMBOLS else 1
        number = _number(tokens, position + shift + 1)
        if number is not None:
            return 2 + shift, number, _SYMBOLS.get(tokens[position + shift].text, "USD")
    if token.text.isupper() and token.low in ("gbp", "usd", "eur") and (n := _number(tokens, position + 1)) is not None:
        return 2, n, token.text
    length, value = number_at(tokens, position)
    if value is not None:
        return _with_unit(tokens, position, length, value)
    if token.low in SLANG and _low(tokens, position - 1) == "a":
        return 1, Decimal(SLANG[token.low]), ""
    return 0, None, ""


def _with_unit(tokens: list[Token], position: int, length: int, value: Decimal) -> tuple[int, Decimal | None, str]:
    unit = _UNITS.get(_low(tokens, position + length)) or (
        (_SYMBOLS[_low(tokens, position + length)], 1) if _low(tokens, position + length) in _SYMBOLS else None
    )
    if unit is None:
        return 0, None, ""
    currency, parts = unit
    length, amount = length + 1, value / parts
    more, cents = number_at(tokens, position + length)
    if parts == 1 and cents is not None and cents < 100 and tokens[position].kind == "word":
        length, amount = length + more, amount + cents / 100
    return length, amount, currency


def number_at(tokens: list[Token], position: int) -> tuple[int, Decimal | None]:
    """The number that begins here, in digits or in words, and how many tokens it takes."""
    if (number := _number(tokens, position)) is not None:
        return 1, number
    total, length = Decimal(0), 0
    while (low := _low(tokens, position + length)) in SMALL or low in TENS or (length and low in SCALES):
        total = total * SCALES[low] if low in SCALES else total + (SMALL.get(low) or TENS.get(low) or 0)
        length += 1
        if _low(tokens, position + length) == "-" and _low(tokens, position + length + 1) in SMALL:
            length += 1
    return length, total if length else None


def _number(tokens: list[Token], position: int) -> Decimal | None:
    if not 0 <= position < len(tokens) or tokens[position].kind != "number":
        return None
    text = unicodedata.normalize("NFKC", tokens[position].text)
    whole, dot, cents = text.rpartition(".")
    if not dot and re.fullmatch(r"\d+,\d{1,2}", text):
        return Decimal(text.replace(",", "."))
    return Decimal((whole if dot else text).replace(",", "").replace(".", "") + (f".{cents}" if dot else ""))


def _low(tokens: list[Token], position: int) -> str:
    return tokens[position].low if 0 <= position < len(tokens) else ""

"""Amounts and comparisons of prices, recomputed from the rows by the second checker."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Final

from schemas import Money
from tests.quality.checker_reading import Clause, Reading
from tests.quality.checker_text import Token

Found = Iterator[tuple[str, str]]

_BENDS_BEFORE: Final = re.compile(
    r"\b(?:almost|nearly|about|around|roughly|approximately|circa|some|up to|from|starts? at|starting at|begins? at|"
    r"beginning at|under|below|over|above|beyond|more than|less than|was|were|been|used to be|used to cost|formerly|"
    r"originally|normally|usually|instead of|down to|down from|rather than|could be|may be|might be|would be|will be|"
    r"at least|at most|minimum|maximum|as low as|as little as|not|n't|never|before|(?:go|goes|went|rises?|drops?|"
    r"fell|cut) to|between|than|close to|near|once|"
    r"of up|half|twice|double|plus|another|extra|cost you|by|only from)(?: (?:just|only|the|a|a bit|once|or so))* $"
)
_BENDS_AFTER: Final = re.compile(
    r"^ (?:and up|upwards?|onwards?|or (?:so|more|less|under|over)|a (?!lovely|nice|good|great)\w+|per\b|each\b|"
    r"apiece|"
    r"plus\b|up\b|down\b|instead\b|before\b|at most|at least|minus|% off|off\b|extra\b|higher|lower|ago\b|in total|"
    r"together|with (?:this|it)\b|for you and\b|for (?:two|three|four|five|six|both|all)|now\b|today\b|then\b|back\b)"
)
_DIFFERENCE_AFTER: Final = re.compile(r"^ (?:less|more|cheaper|dearer|pricier|lower|higher|below|above|under|over)\b")
_DIFFERENCE_BEFORE: Final = re.compile(
    r"\b(?:saves?|saving|saved|difference of|difference is|(?:less|more|cheaper|dearer) by|apart by|"
    r"than T\d+ by)(?: you)? $"
)
_CHEAPER: Final = re.compile(
    r"\b(?:cheaper|less expensive|costs? (?:M )?less|(?:pay|is|M) less|saves?|saving|lower in)\b"
)
_DEARER: Final = re.compile(r"\b(?:dearer|pricier|more expensive|costs? (?:M )?more|(?:pay|is|M) more|costlier)\b")
_OTHER: Final = re.compile(
    r"\b(?:than(?: for)?|against|over|compared (?:with|to)|in comparison (?:with|to)|next to|beside|versus|"
    r"relative to)"
    r" (?:the )?T(\d+)\b"
)
_LIMIT: Final = r"(?:limit|budget|maximum|cap|ceiling)"
_UPPER: Final = re.compile(
    rf"(?:{_LIMIT}(?: of| is)?|up to|under|below|within|at most|no more than|not over|most|less than|"
    rf"spend(?: at most)?|"
    rf"than|and|over|above|with)(?: your)? $|^ (?:as|at most|or (?:less|under)|{_LIMIT})"
)
_TOTAL: Final = re.compile(r"\b(?:comes?|adds? up|amounts?) to $")
_LOWER: Final = re.compile(
    r"\b(?:from|over|above|at least|more than|between|starting at|upwards of|price of|limit of) $"
)


def price_findings(reading: Reading) -> Found:
    yield from _amounts(reading)
    yield from _comparisons(reading)
    yield from _limits_without_amounts(reading)


def _amounts(reading: Reading) -> Found:
    for clause in reading.clauses:
        for index, token in enumerate(clause.tokens):
            if token.kind == "money" and not _is_borne_out(reading, clause, index, token):
                yield "price", reading.text[token.start : token.end]


def _around(clause: Clause, index: int) -> tuple[str, str]:
    before = "".join(f"{token.low} " for token in clause.tokens[:index])
    after = "".join(f" {token.low}" for token in clause.tokens[index + 1 :])
    return before, after


def _is_borne_out(reading: Reading, clause: Clause, index: int, token: Token) -> bool:
    before, after = _around(clause, index)
    if _DIFFERENCE_AFTER.search(after) or _DIFFERENCE_BEFORE.search(before):
        return _is_difference(reading, token)
    if _TOTAL.search(before):
        return _is_total(reading, token)
    if not clause.items or reading.of_all:
        return _is_wish(reading, token, before, after)
    items = _items_of_price(reading, clause, index)
    if re.search(rf"\b{_LIMIT}(?: of| is)? $", before):
        return _is_wish(reading, token, before, after) and reading.holds(items, partial(_keeps_limits, reading))
    if (bend := _BENDS_BEFORE.search(before)) or _BENDS_AFTER.search(after):
        return bool(bend) and _is_true_bound(reading, items, token, before)
    return reading.holds(items, lambda item: _costs(reading, item, token))


def _is_total(reading: Reading, token: Token) -> bool:
    """Whether an amount is what the items of a set cost, each as often as it is in the set."""
    items, quantities = reading.grounds.items, reading.grounds.quantities
    prices = [(item.row.price, quantities.get(item.item_id, 0)) for item in items]
    if not quantities or any(price is None for price, _ in prices):
        return False
    whole = sum((price.amount * n for price, n in prices if price is not None), Decimal(0))
    currencies = {price.currency for price, _ in prices if price is not None}
    return whole == token.amount and (not token.currency or currencies == {token.currency})


def _is_true_bound(reading: Reading, items: tuple[int, ...], token: Token, before: str) -> bool:
    """Under a limit the shopper gave, and truly so."""
    under = re.search(r"\b(?:under|below|within|less than|at most|up to) $", before)
    wished = reading.grounds.wishes.max_price
    same = wished is not None and wished.amount == token.amount
    return bool(under) and same and reading.holds(items, partial(_keeps_limits, reading))


def _costs(reading: Reading, item: int, token: Token) -> bool:
    price = reading.row(item).price
    return price is not None and _equals(price, token)


def _equals(money: Money, token: Token) -> bool:
    return money.amount == token.amount and token.currency in ("", money.currency)


def _items_of_price(reading: Reading, clause: Clause, index: int) -> tuple[int, ...]:
    """Whose price an amount is said to be: of several products, the one right after "M for", else the last before."""
    if len(clause.titles) < 2:
        return _compared_first(reading) if not clause.titles and _OTHER.search(reading.abstract) else clause.items
    words = [token.low for token in clause.tokens[index + 1 : index + 4]]
    following = [token for token in clause.tokens[index + 1 : index + 4] if token.kind == "title"]
    if words[:1] == ["for"] and following:
        return reading.titles[following[0].ref].items
    earlier = [token for token in clause.titles if token.start < clause.tokens[index].start]
    chosen = earlier[-1] if earlier else clause.titles[0]
    return reading.titles[chosen.ref].items


def _compared_first(reading: Reading) -> tuple[int, ...]:
    """After a comparison the talk goes on about the first of the two."""
    return reading.titles[next(token.ref for token in reading.tokens if token.kind == "title")].items


def _is_wish(reading: Reading, token: Token, before: str, after: str) -> bool:
    """Whether an amount said of no single product is the shopper's own limit, and on the side the shopper named."""
    wishes = reading.grounds.wishes
    if reading.of_all and re.search(r"\b(?:than|over|above|below|under) $", before):
        return _bounds_all(reading, token, before)
    if wishes.max_price and _equals(wishes.max_price, token) and (_UPPER.search(before) or _UPPER.search(after)):
        return not re.search(r"\b(?:at least|from|more than|over|above|beyond) $", before) or " not " in before
    if wishes.min_price and _equals(wishes.min_price, token) and _LOWER.search(before):
        return True
    return _says_unusable(reading) and _in_messages(reading, token)


def _bounds_all(reading: Reading, token: Token, before: str) -> bool:
    prices = [reading.row(item).price for item in reading.subjects]
    amounts = [price.amount for price in prices if price is not None]
    denied = re.search(r"\b(?:nothing|none|no)\b", before)
    below = bool(re.search(r"\b(?:below|under|less than) $", before))
    wants_below = below != bool(denied)
    limit = token.amount or Decimal(0)
    if len(amounts) < len(prices):
        return False
    return all(amount <= limit if wants_below else amount >= limit for amount in amounts)


def _says_unusable(reading: Reading) -> bool:
    return bool(
        reading.has(r"\b(?:not|n't|couldn't|cannot|can't|set aside|let go|drop|without|currency|setting aside)\b")
    )


def _in_messages(reading: Reading, token: Token) -> bool:
    digits = reading.text[token.start : token.end]
    numbers = re.findall(r"\d+(?:\.\d+)?", digits.replace(",", ""))
    said = " ".join(reading.grounds.messages).replace(",", "")
    return any(Decimal(number) == token.amount for number in re.findall(r"\d+(?:\.\d+)?", said)) and bool(numbers)


def _is_difference(reading: Reading, token: Token) -> bool:
    pairs = _pairs(reading)
    return any(_equals(Money(abs(first.amount - second.amount), first.currency), token) for first, second in pairs)


def _pairs(reading: Reading) -> list[tuple[Money, Money]]:
    """The prices of the product a comparison is about and of the one it is compared with; several, if titles repeat."""
    other = _OTHER.search(reading.abstract.replace("Against", "against"))
    if other is None:
        return []
    second = reading.titles[int(other[1])].items
    about = [token.ref for token in reading.tokens if token.kind == "title" and token.ref != int(other[1])]
    first = reading.titles[about[0]].items if about and reading.titles[about[0]].items else ()
    if not first:
        first = tuple(
            item
            for item in (second if _is_repeated(reading) else reading.subjects)
            if len(second) > 1 or item not in second
        )
    prices = [(reading.row(one).price, reading.row(two).price) for one in first for two in second if one != two]
    return [(one, two) for one, two in prices if one and two and one.currency == two.currency]


def _is_repeated(reading: Reading) -> bool:
    """Whether one title stands twice: two products bear it."""
    titled = [token.ref for token in reading.tokens if token.kind == "title"]
    return len(titled) > len(set(titled))


def _comparisons(reading: Reading) -> Found:
    cheaper, dearer = _CHEAPER.search(reading.abstract), _DEARER.search(reading.abstract)
    said = cheaper or dearer
    if said is None or _is_of_taste(reading):
        return
    pairs = _pairs(reading)
    if (
        bool(cheaper) == bool(dearer)
        or not any(one < two if cheaper else two < one for one, two in pairs)
        or reading.has(
            r"\b(?:not|n't|never|no|hardly|much|far|slightly|half|twice|times)\b(?: \w+){0,2} (?:less|more|cheaper)"
        )
    ):
        yield "comparison", said.group()


def _is_of_taste(reading: Reading) -> bool:
    """A wish or a question about cheaper things says nothing of a product shown."""
    return not reading.named and bool(
        reading.has(
            r"\b(?:would you|shall i|do you|if you|could look|i can|"
            r"tell me)\b"
        )
    )


def _limits_without_amounts(reading: Reading) -> Found:
    """ "Within your budget", said of what is shown, must be so."""
    found = reading.has(
        rf"\b(within|under|below|inside|over|above|beyond|fits?|meets?|keeps? to|respects?)"
        rf" your (?:price |own |upper )?{_LIMIT}\b(?! of M)"
    )
    if found is None or reading.is_question:
        return
    over = found[1] in ("over", "above", "beyond")
    denied = bool(reading.has(r"\b(?:not|nothing|none|no|n't|isn't|aren't)\b"))
    if (
        reading.grounds.wishes.max_price is None
        or (over and not denied)
        or not all(_keeps_limits(reading, item) for item in reading.subjects)
        or (denied and not over)
    ):
        yield "limit", found.group()


def _keeps_limits(reading: Reading, item: int) -> bool:
    price, limit = reading.row(item).price, reading.grounds.wishes.max_price
    return price is not None and limit is not None and price.currency == limit.currency and price <= limit

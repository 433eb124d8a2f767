"""Prices as feeds write them: "15.00 USD", an amount beside its currency, or minor units. A float never holds one."""

import re
from decimal import Decimal
from typing import Any, Final

from iso4217 import Currency
from pydantic import ValidationError

from schemas.money import Money
from signals.errors import InvalidRecordError

AMOUNT: Final = r"[0-9]{1,13}(?:\.[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+"
PRICE: Final = re.compile(rf"(?P<before>[A-Za-z]{{3}})?\s*(?P<amount>{AMOUNT})\s*(?P<after>[A-Za-z]{{3}})?")


def price_of(text: str, field: str, currency: str | None = None) -> Money | None:
    """The price in a text, or None where the text is empty.

    The decimal point is a point; commas may part thousands only where a point follows, for "1,299 EUR" can be read in
    two ways. ``currency`` is that of a bare amount.

    Raises
    ------
    InvalidRecordError
        The text is no such price, has no currency or two, or is no `schemas.Money`; the message names ``field``.
    """
    if not text:
        return None
    found = PRICE.fullmatch(text)
    if found is None:
        raise InvalidRecordError(f'{field}: not an amount with a currency, as in "15.00 USD"')
    named = [code.upper() for code in (found["before"], found["after"]) if code] or ([currency] if currency else [])
    if len(named) != 1:
        raise InvalidRecordError(f'{field}: {"two currencies" if named else "no currency"}; write it as "15.00 USD"')
    return money_of(Decimal(found["amount"].replace(",", "")), named[0], field)


def minor_price(amount: Any, currency: str, field: str) -> Money:
    """The price in an integer of ISO 4217 minor units: 1999 USD is 19.99, 1999 JPY is 1999, 1999 KWD is 1.999.

    Raises
    ------
    InvalidRecordError
        The amount is no integer, or the currency has no minor units in ISO 4217.
    """
    if type(amount) is not int:
        raise InvalidRecordError(f"{field}.amount: not an integer of minor units")
    try:
        decimals = Currency(currency.upper()).exponent
    except ValueError:
        decimals = None
    if decimals is None:
        raise InvalidRecordError(f"{field}.currency: not a currency of ISO 4217 with minor units")
    return money_of(Decimal(amount).scaleb(-decimals), currency.upper(), field)


def money_of(amount: Decimal, currency: str, field: str) -> Money:
    """As `schemas.Money`; raises `InvalidRecordError` where that refuses."""
    try:
        return Money(amount, currency)
    except ValidationError as error:
        raise InvalidRecordError(f"{field}: {error.errors()[0]['msg']}") from error

"""Prices in texts and in minor units, exact or refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.money import Money
from signals.adapters.feed_prices import minor_price, price_of
from signals.errors import InvalidRecordError

CURRENCIES = ["USD", "EUR", "GBP", "JPY", "KWD", "CLF", "RSD", "IQD"]


@given(st.integers(0, 10**12), st.integers(0, 4), st.sampled_from(CURRENCIES), st.sampled_from(["{} {}", "{}{}"]))
def test_every_price_is_read_exactly(units: int, decimals: int, currency: str, form: str) -> None:
    amount = Decimal(units).scaleb(-decimals)
    assert price_of(form.format(f"{amount:f}", currency), "price") == Money(amount, currency)
    assert price_of(f"{currency.lower()} {amount:f}", "price") == Money(amount, currency)
    assert price_of(f"{amount:f}", "price", currency) == Money(amount, currency)


@given(st.integers(0, 10**11))
def test_commas_part_thousands_before_a_point(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    assert price_of(f"{amount:,.2f} USD", "price") == Money(amount, "USD")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("15,00 EUR", "price: not an amount with a currency"),
        ("1,299 EUR", "price: not an amount with a currency"),
        ("$15.00", "price: not an amount with a currency"),
        ("-1 USD", "price: not an amount with a currency"),
        ("1e3 USD", "price: not an amount with a currency"),
        ("NaN USD", "price: not an amount with a currency"),
        ("\u0661\u0665 USD", "price: not an amount with a currency"),
        ("15.00", "price: no currency"),
        ("USD 15.00 EUR", "price: two currencies"),
        ("0.00001 USD", "price: Decimal input should have no more than 4 decimal places"),
        ("9999999999999 USD", "price: Input should be less than or equal to"),
    ],
)
def test_a_price_that_can_be_misread_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidRecordError, match=reason):
        price_of(text, "price")


@given(st.text())
def test_any_text_is_a_price_or_refused(text: str) -> None:
    try:
        price = price_of(text, "price")
    except InvalidRecordError:
        return
    assert price is None or price.amount >= 0


@pytest.mark.parametrize(
    ("currency", "price"),
    [("USD", "19.99"), ("JPY", "1999"), ("KWD", "1.999"), ("CLF", "0.1999"), ("RSD", "19.99"), ("usd", "19.99")],
)
def test_minor_units_are_those_of_the_currency(currency: str, price: str) -> None:
    assert minor_price(1999, currency, "price") == Money(price, currency.upper())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [
        (Decimal("19.99"), "USD", "price.amount: not an integer"),
        ("1999", "USD", "price.amount: not an integer"),
        (True, "USD", "price.amount: not an integer"),
        (None, "USD", "price.amount: not an integer"),
        (1999, "XAU", "price.currency: not a currency"),
        (1999, "", "price.currency: not a currency"),
        (-1, "USD", "price: Input should be greater than or equal to 0"),
    ],
)
def test_other_minor_units_are_refused(amount: Any, currency: str, reason: str) -> None:
    with pytest.raises(InvalidRecordError, match=reason):
        minor_price(amount, currency, "price")

"""Money is exact, and of one currency at a time."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from schemas.money import Money
from schemas.recommendation import Constraints


def test_amounts_compare_within_a_currency() -> None:
    assert Money("9.99", "GBP") < Money("10", "GBP")  # type: ignore[arg-type]
    assert Money(Decimal("10.00"), "GBP") <= Money(Decimal("10"), "GBP")
    assert Money(Decimal("10.0"), "GBP") == Money(Decimal("10"), "GBP")


def test_amounts_of_two_currencies_do_not_compare() -> None:
    with pytest.raises(ValueError, match="cannot compare GBP with EUR"):
        Money(Decimal(1), "GBP") < Money(Decimal(2), "EUR")  # noqa: B015 - the comparison itself is refused


@pytest.mark.parametrize("amount", [1.5, "-1", "1e13", "0.00001", "Infinity", "ten"])
def test_what_is_no_exact_amount_is_refused(amount: object) -> None:
    with pytest.raises(ValidationError):
        Money(amount, "GBP")  # type: ignore[arg-type]


def test_price_limits_have_to_leave_room() -> None:
    with pytest.raises(ValidationError, match="max_price 1 is below min_price 2"):
        Constraints(min_price=Money(Decimal(2), "GBP"), max_price=Money(Decimal(1), "GBP"))

"""Money: an exact amount in a currency; a float never holds one."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic.dataclasses import dataclass

AMOUNT_DECIMALS = 4
MAX_AMOUNT = Decimal(10) ** 12


def _refuse_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f"a float cannot hold money, got {value!r}; pass a string or a Decimal")
    return value


Amount = Annotated[
    Decimal,
    BeforeValidator(_refuse_float),
    Field(ge=0, le=MAX_AMOUNT, decimal_places=AMOUNT_DECIMALS, allow_inf_nan=False),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


@dataclass(frozen=True)
class Money:
    """An amount in an ISO 4217 currency: ``Money("50", "GBP")``."""

    amount: Amount
    currency: Currency

    def __lt__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._require_same_currency(other)
        return self.amount <= other.amount

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot compare {self.currency} with {other.currency}; convert one of them first")

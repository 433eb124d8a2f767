"""How values that SQL has no exact, portable type for are stored.

A time is a BIGINT of microseconds since 1970 (UTC), so that decay is plain arithmetic on every database; an amount of
money is a BIGINT of ten-thousandths, so that no float ever holds one.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import BigInteger, Dialect, Integer, String, TypeDecorator
from sqlalchemy.types import TypeEngine

from schemas.ids import MAX_ID_LENGTH
from schemas.money import AMOUNT_DECIMALS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
UNITS_PER_CENT: Final = 10 ** (AMOUNT_DECIMALS - 2)


def to_microseconds(value: datetime) -> int:
    if value.tzinfo is None:
        raise ValueError(f"a time needs a UTC offset, got {value.isoformat()!r}; pass a datetime with tzinfo")
    return (value - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    return EPOCH + value * MICROSECOND


def to_amount_units(value: Decimal) -> int:
    units = value.scaleb(AMOUNT_DECIMALS)
    if not value.is_finite() or units != units.to_integral_value():
        raise ValueError(f"an amount has at most {AMOUNT_DECIMALS} decimals, got {value}; round it first")
    return int(units)


def from_amount_units(units: int) -> Decimal:
    """The exact amount, with two decimals where they are enough: 1250000 -> ``125.00``, 10 -> ``0.0010``."""
    if units % UNITS_PER_CENT == 0:
        return Decimal(units // UNITS_PER_CENT).scaleb(-2)
    return Decimal(units).scaleb(-AMOUNT_DECIMALS)


class UtcTime(TypeDecorator[datetime]):
    """A point in time; a naive datetime is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else from_microseconds(value)


class ExactAmount(TypeDecorator[Decimal]):
    """An amount of money; a float is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        if value is not None and not isinstance(value, Decimal):
            raise TypeError(f"an amount is a Decimal, got {value!r}; pass Decimal(str) instead")
        return None if value is None else to_amount_units(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else from_amount_units(value)


def identifier() -> TypeEngine[str]:
    """Ids compare by code point on every database: the same order, and a faster index on PostgreSQL."""
    return String(MAX_ID_LENGTH).with_variant(String(MAX_ID_LENGTH, collation="C"), "postgresql")


def serial() -> TypeEngine[int]:
    """A growing 64-bit key; SQLite grows only a column declared INTEGER by itself."""
    return BigInteger().with_variant(Integer(), "sqlite")

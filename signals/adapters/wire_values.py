"""Values of the wire formats, exact: ids, counts, money, times and plain properties.

What a value may be is for `signals.validation` to say: one that cannot be read is handed on as it is, and is rejected
there by the rule it breaks.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from schemas.money import AMOUNT_DECIMALS, MAX_AMOUNT
from signals.column_types import from_microseconds
from signals.errors import InvalidRecordError

SMALLEST_AMOUNT: Final = Decimal(1).scaleb(-AMOUNT_DECIMALS)
MAX_WHOLE: Final = 2**31
MAX_DIGITS: Final = 9
MAX_TIME: Final = Decimal(10) ** 18
OUT_OF_TIME: Final = "outside the years 1 to 9999 in UTC"


def first(*values: Any) -> Any:
    """The first value that is neither missing nor an empty text."""
    return next((value for value in values if present(value) is not None), None)


def present(value: Any) -> Any:
    """The value, an empty text as missing."""
    return None if value == "" else value


def text(value: Any) -> Any:
    """An id: a whole number in digits, an empty text as missing, anything else as it is."""
    return str(value) if type(value) is int else present(value)


def whole(value: Any) -> Any:
    """A count: 2.0 and "2" as 2, an empty text as missing, anything else as it is."""
    if isinstance(value, float | Decimal) and 0 <= value <= MAX_WHOLE and value == int(value):
        return int(value)
    return int(value) if _is_digits(value) and len(value) <= MAX_DIGITS else present(value)


def amount(value: Any) -> Any:
    """Money: a number exactly as its shortest text shows it, rounded half to even where it has more than 4 decimals."""
    if type(value) is float:
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and is_within(value, MAX_AMOUNT):
        return value.quantize(SMALLEST_AMOUNT, ROUND_HALF_EVEN) if _decimals(value) > AMOUNT_DECIMALS else value
    return present(value)


def is_within(value: Decimal, limit: Decimal) -> bool:
    """Whether a number is so small that arithmetic on it cannot overflow; comparing alone never does."""
    return value.is_finite() and -limit <= value <= limit


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def priced(price: Any, currency: Any) -> dict[str, Any]:
    """The columns of a price. Without a currency it is no ``unit_price``: see `loose_price`."""
    code = currency.strip().upper() if isinstance(currency, str) else currency
    return {"unit_price": amount(price), "currency": code} if code else {}


def loose_price(price: Any, currency: Any) -> dict[str, Any]:
    """The property ``price``, for a price whose currency is not known: kept, but no amount of money."""
    return {} if currency else properties_of({"price": price}, {"price": "price"})


def from_seconds(value: Any, field: str) -> Any:
    """The time that a number of seconds since 1970 is, digits too; anything else as it is.

    Raises
    ------
    InvalidRecordError
        The time is outside the years 1 to 9999; the message names ``field``.
    """
    return _time(value, 6, field)


def from_micros(value: Any, field: str) -> Any:
    """As `from_seconds`, of microseconds."""
    return _time(value, 0, field)


def _time(value: Any, scale: int, field: str) -> Any:
    digits = isinstance(value, str) and _is_digits(value.removeprefix("-"))
    if isinstance(value, bool) or not (isinstance(value, int | float | Decimal) or digits):
        return present(value)
    number = Decimal(str(value))
    if not is_within(number, MAX_TIME):
        raise InvalidRecordError(f"{field}: {OUT_OF_TIME}")
    try:
        return from_microseconds(int(number.scaleb(scale)))
    except OverflowError:
        raise InvalidRecordError(f"{field}: {OUT_OF_TIME}") from None


def _is_digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def numbered(call_id: Any, place: int) -> Any:
    """The id of one of a call's events; None where the call has none, so that its values name it."""
    return None if call_id is None else f"{call_id}:{place}"


def properties_of(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The values that have a name here, under that name and as plain JSON; what is missing or nested is left out."""
    found: dict[str, Any] = {}
    for theirs, ours in names.items():
        value = values.get(theirs)
        if value is not None and (plain := _plain(value)) is not None:
            found[ours] = plain
    return found


def _plain(value: Any) -> Any:
    """A text, an integer, a boolean or a list of them; a number with a fraction in digits, for it may be money."""
    if isinstance(value, list):
        return [plain for plain in map(_scalar, value) if plain is not None] or None
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, str | int):
        return present(value)
    return str(value) if isinstance(value, float | Decimal) else None

"""The values that all catalogue feeds have in some spelling: texts, addresses, stock, categories, attributes."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from schemas.catalog import Availability
from signals.adapters.html_text import plain_line, plain_lines
from signals.errors import InvalidRecordError

MAX_ATTRIBUTE_LENGTH: Final = 200
STOCK_WORDS: Final[Mapping[str, Availability]] = {
    "instock": Availability.IN_STOCK,
    "availablefororder": Availability.IN_STOCK,
    "limitedstock": Availability.IN_STOCK,
    "limitedavailability": Availability.IN_STOCK,
    "instoreonly": Availability.IN_STOCK,
    "onlineonly": Availability.IN_STOCK,
    "outofstock": Availability.OUT_OF_STOCK,
    "soldout": Availability.OUT_OF_STOCK,
    "reserved": Availability.OUT_OF_STOCK,
    "unknown": Availability.OUT_OF_STOCK,
    "preorder": Availability.PREORDER,
    "presale": Availability.PREORDER,
    "backorder": Availability.BACKORDER,
    "madetoorder": Availability.BACKORDER,
    "discontinued": Availability.DISCONTINUED,
}


def text_of(value: Any) -> str:
    """The first of `texts_of`; "" where there is none."""
    return value.strip() if isinstance(value, str) else next(iter(texts_of(value)), "")


def texts_of(value: Any) -> tuple[str, ...]:
    """The texts in a value of JSON or CSV, each once, without blanks around them; of an object its value or name."""
    values = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(text for text in map(_single_text, values) if text))


def _single_text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("@value", value.get("name"))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | Decimal) else ""


def first_text(values: Mapping[str, Any], names: Iterable[str]) -> str:
    """The text of the first of the names that has one; "" where none has."""
    return next((text for text in (text_of(values.get(name)) for name in names) if text), "")


def described(title: Any, description: Any, brand: Any) -> dict[str, str | None]:
    """These fields of a product as plain text."""
    return {
        "title": plain_line(text_of(title)) or None,
        "description": plain_lines(text_of(description)),
        "brand": plain_line(text_of(brand)) or None,
    }


def address_of(value: Any, field: str) -> str | None:
    """An http or https address, or a path within the shop; None where there is none.

    Raises
    ------
    InvalidRecordError
        It has another scheme, as ``javascript:`` has.
    """
    text = text_of(value)
    try:
        scheme = urlsplit(text).scheme.lower()
    except ValueError:
        scheme = "none"
    if scheme not in {"", "http", "https"}:
        raise InvalidRecordError(f"{field}: not an http or https address")
    return text or None


def availability_of(value: Any, field: str = "availability") -> Availability | None:
    """The stock in any spelling: "in stock", "in_stock", "InStock", "https://schema.org/InStock"; None where missing.

    "unknown" is out of stock: nothing is promised that the shop does not vouch for.

    Raises
    ------
    InvalidRecordError
        The word is none of `STOCK_WORDS`.
    """
    text = text_of(value)
    if not text:
        return None
    word = "".join(filter(str.isalpha, text.rstrip("/").replace(":", "/").rpartition("/")[2].lower()))
    if word not in STOCK_WORDS:
        raise InvalidRecordError(f"{field}: none of {', '.join(Availability)}")
    return STOCK_WORDS[word]


def category_of(*texts: str) -> tuple[str, ...]:
    """The first of the texts that is a path as "Clothes > Shirts", from general to special.

    A bare number of a taxonomy names nothing and is no path.
    """
    paths = (tuple(filter(None, map(str.strip, plain_line(text).split(">")))) for text in texts)
    return next((path for path in paths if path and not (len(path) == 1 and path[0].isdecimal())), ())


def attribute_name(text: str) -> str:
    """The name as a word of its own: ``shoe_size`` for "Shoe Size"."""
    return "_".join(plain_line(text).lower().split())


def attributes_of(named: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    """Plain values by name; a name that comes again has the values of both, a value longer than 200 characters is prose
    and no attribute.
    """
    attributes: dict[str, tuple[str, ...]] = {}
    for name, values in named:
        plain = (plain_line(value) for value in values)
        short = [value for value in plain if 0 < len(value) <= MAX_ATTRIBUTE_LENGTH]
        if name and short:
            attributes[name] = tuple(dict.fromkeys((*attributes.get(name, ()), *short)))
    return attributes

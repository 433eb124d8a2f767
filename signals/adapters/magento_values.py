"""The values of Magento's rows, which are lists, paths and pairs in one field.

A row of the export has a ``product_type``; one of the sample data's tables has none, and a column for each attribute.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from schemas.catalog import Availability
from signals.adapters.feed_prices import price_of
from signals.adapters.feed_sales import Sale
from signals.adapters.feed_times import end_of, ordered, start_of
from signals.adapters.feed_values import text_of
from signals.adapters.html_text import plain_line
from signals.errors import InvalidRecordError

OPTIONS: Final = "parent_options"
OFFLINE: Final[Mapping[str, str]] = {"product_online": "2"}
BRANDS: Final = ("brand", "manufacturer")
TECHNICAL: Final = frozenset({"has_options", "required_options"})
FLAGS: Final = frozenset({"Yes", "No"})
SAMPLE_FLAGS: Final = frozenset({"eco_collection", "performance_fabric", "erin_recommends", "new", "sale"})
SAMPLE_FIELDS: Final = frozenset(
    {
        "category",
        "name",
        "sku",
        "price",
        "qty",
        "description",
        "special_price",
        "attribute_set",
        "visibility",
        "url_key",
    }
)
COMPOSED: Final = frozenset({"configurable", "bundle", "grouped"})
NEXT_PAIR: Final = re.compile(r",(?=\w+=)")
AMERICAN_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(?:20)?(\d\d)")

Values = Mapping[str, Any]


def variations(values: Values) -> Iterator[tuple[str, str]]:
    """The skus of a configurable product's variants, each with its options as ``additional_attributes`` has them."""
    for variation in filter(None, text_of(values.get("configurable_variations")).split("|")):
        sku, _, options = variation.partition(",")
        yield sku.strip().removeprefix("sku="), options


def attributes(values: Values) -> dict[str, list[str]]:
    """By code, in the order of the row; flags and technical ones are left out."""
    if "product_type" not in values:
        names = values.keys() - SAMPLE_FIELDS - SAMPLE_FLAGS
        return {name: text_of(values[name]).split("\n") for name in values if name in names}
    pairs = {**_pairs(values.get(OPTIONS)), **_pairs(values.get("additional_attributes"))}
    return {name: text.split("|") for name, text in pairs.items() if name not in TECHNICAL and text not in FLAGS}


def category(values: Values) -> tuple[str, ...]:
    """The first path below the root: of "Root/Men/Tops,Root/Sale" ("Men", "Tops")."""
    if "product_type" not in values:
        return tuple(filter(None, map(plain_line, text_of(values.get("category")).split("\n"))))[:2]
    text = plain_line(text_of(values.get("categories")))
    root = re.escape(text.partition("/")[0].partition(",")[0])
    paths = (path.split("/")[1:] for path in re.split(rf",(?={root}(?:/|,|$))", text))
    return tuple(filter(None, map(str.strip, next(filter(None, paths), []))))


def is_offline(values: Values) -> bool:
    return values.get("product_online") == OFFLINE["product_online"]


def availability(values: Values) -> Availability:
    stock = quantity(values)
    if is_offline(values):
        return Availability.DISCONTINUED
    if values.get("is_in_stock") == "0":
        return Availability.OUT_OF_STOCK
    if stock == 0:
        return Availability.BACKORDER if values.get("allow_backorders", "0") != "0" else Availability.OUT_OF_STOCK
    return Availability.IN_STOCK


def quantity(values: Values) -> int | None:
    """Whole pieces; None where the product has no stock of its own, or none that is counted.

    Raises
    ------
    InvalidRecordError
        ``qty`` is no number.
    """
    text = text_of(values.get("qty"))
    is_uncounted = values.get("manage_stock") == values.get("use_config_manage_stock") == "0"
    if not text or is_uncounted or values.get("product_type") in COMPOSED:
        return None
    try:
        return max(0, int(Decimal(text)))
    except (InvalidOperation, ValueError, OverflowError):
        raise InvalidRecordError("qty: not a number") from None


def sale(values: Values, currency: str) -> Sale | None:
    """The special price from its first day to its last; raises `InvalidRecordError` where it cannot be read."""
    price = price_of(text_of(values.get("special_price")), "special_price", currency)
    if price is None:
        return None
    first, last = (f"special_price_{side}_date" for side in ("from", "to"))
    start = start_of(day, first) if (day := _day(values.get(first))) else None
    end = end_of(day, last) if (day := _day(values.get(last))) else None
    if start is not None and end is not None:
        ordered(start, end, last)
    return Sale(price, start, end)


def _pairs(value: Any) -> dict[str, str]:
    """``a=1,b=2|3`` by name; a comma within a value stays there."""
    pairs = (pair.partition("=") for pair in NEXT_PAIR.split(text_of(value)))
    return {name.strip(): text.strip(' "') for name, _, text in pairs if text.strip(' "')}


def _day(value: Any) -> str:
    """The date of a time that says midnight where the day is meant, in ISO 8601."""
    text = text_of(value).partition(" ")[0]
    found = AMERICAN_DATE.fullmatch(text.rstrip(","))
    return f"20{found[3]}-{int(found[1]):02}-{int(found[2]):02}" if found else text

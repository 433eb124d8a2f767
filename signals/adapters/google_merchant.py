"""Google Merchant product feeds: tables (.tsv, .txt, .csv) and XML (RSS 2.0 and Atom with the ``g:`` namespace).

=======================================  ==============================================================================
theirs                                   ours
=======================================  ==============================================================================
``id``                                   ``variant_id``; of a row without a group also ``item_id``
``item_group_id``                        ``item_id``; the rows of one group are the variants of one product
``title``                                ``title``; of a group the words that all its titles have
``description``, Atom ``summary``        ``description``
``link``                                 ``url``
``image_link``                           ``image``, else the first ``additional_image_link``; there is room for one
``price``                                ``price`` and ``currency`` ("15.00 USD")
``sale_price``                           ``price`` and ``currency`` while the sale holds
``sale_price_effective_date``            offers: the sale price from its start, the regular one again from its end;
                                         a date alone is the whole day, a time without an offset is UTC
``availability``                         ``availability``
``brand``                                ``brand``
``google_product_category``              ``category``, split at ">"; else ``product_type``, for a number names nothing
``color``, ``material``                  attributes of these names, split at "/"
``size``, ``pattern``, ``gender``,       attributes of these names
``age_group``, ``condition``, ``gtin``,
``mpn``
=======================================  ==============================================================================

Everything else (shipping, tax, custom labels, ...) is left out. `signals.adapters.feeds` says how rows are counted.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from signals.adapters.feed_files import TABLES, Rows, rows_by_extension, table_rows
from signals.adapters.feed_items import Listing
from signals.adapters.feed_prices import price_of
from signals.adapters.feed_sales import DATES, sale_of
from signals.adapters.feed_values import (
    address_of,
    attributes_of,
    availability_of,
    category_of,
    described,
    first_text,
    text_of,
    texts_of,
)
from signals.adapters.feed_xml import xml_rows
from signals.adapters.feeds import FeedFormat, Values
from signals.adapters.html_text import plain_line
from signals.catalog_entries import CatalogChunk
from signals.errors import InvalidRecordError

XML: Final = (".xml", ".rss", ".atom")
REQUIRED: Final = (("id",), ("title",))
CATEGORIES: Final = ("google_product_category", "product_type")
SEVERAL: Final = ("color", "material")
ONE: Final = ("size", "pattern", "gender", "age_group", "condition", "gtin", "mpn")


def read_products(path: Path) -> Iterator[CatalogChunk]:
    """The products of a feed; as `signals.adapters.feeds.FeedFormat.read`."""
    return FORMAT.read(path)


def _rows(path: Path) -> Rows:
    table = partial(table_rows, required=REQUIRED)
    return rows_by_extension(path, dict.fromkeys(TABLES, table) | dict.fromkeys(XML, xml_rows))


def _item_id(values: Values) -> str:
    return first_text(values, ("item_group_id", "id"))


def _listing(values: Values) -> Listing:
    variant_id = text_of(values.get("id"))
    if not variant_id:
        raise InvalidRecordError("id: missing")
    fields = {
        **described(values.get("title"), first_text(values, ("description", "summary")), values.get("brand")),
        "category": category_of(*(text_of(values.get(name)) for name in CATEGORIES)),
        "availability": availability_of(values.get("availability")),
        "url": address_of(values.get("link"), "link"),
        "image": _image(values),
        "attributes": attributes_of(_attributes(values)),
    }
    price, sale_price = (price_of(text_of(values.get(name)), name) for name in ("price", "sale_price"))
    return Listing(_item_id(values), variant_id, fields, price, sale_of(sale_price, text_of(values.get(DATES))))


def _image(values: Values) -> str | None:
    own = address_of(values.get("image_link"), "image_link")
    more = text_of(values.get("additional_image_link")).split(",")[0]
    return own or address_of(more, "additional_image_link")


def _attributes(values: Values) -> Iterator[tuple[str, Any]]:
    yield from ((name, plain_line(text_of(values.get(name))).split("/")) for name in SEVERAL)
    yield from ((name, texts_of(values.get(name))) for name in ONE)


FORMAT: Final = FeedFormat(_rows, _item_id, _listing)

"""Agentic Commerce Protocol: OpenAI's product feed files, by their new and old names, and the products of the feed API.

Files are JSON Lines (.jsonl, .ndjson), tables (.csv, .tsv, .txt) or one JSON document (.json: a product, a list, or an
object with ``products``). A line has one of two forms, flat or with ``variants``:

====================================================  =================================================================
theirs (old names in brackets)                        ours
====================================================  =================================================================
flat ``item_id`` (``id``)                             ``variant_id``; of a row without a group also ``item_id``
flat ``group_id`` (``item_group_id``)                 ``item_id``; the rows of one group are the variants of one product
``Product.id``, ``Product.variants[].id``             ``item_id``, ``variant_id``
``title``                                             ``title``; of a flat group ``item_group_title``, else the words
                                                      that all its titles have
``description``                                       ``description``; of ``{plain, html, markdown}`` the first there is
``url`` (``link``)                                    ``url``
``image_url`` (``image_link``), ``media[]``           ``image``: the first image, else the first of
                                                      ``additional_image_urls`` (``additional_image_link``)
``price``                                             ``price``, ``currency``: text "79.99 USD", or an object whose
                                                      ``amount`` is an integer of ISO 4217 minor units
``sale_price``, ``sale_price_effective_date``         as in `signals.adapters.google_merchant`
``availability``                                      ``availability``; of ``{available, status}`` both have to agree
                                                      that it can be bought; "unknown" is out of stock
``quantity``, ``inventory_quantity``                  ``quantity``
``brand``                                             ``brand``
``product_category``, ``categories[].value``          ``category``: the first path, split at ">"
``gtin``, ``mpn``, ``barcodes[{type, value}]``        attributes ``gtin`` (UPC, EAN and ISBN too), ``mpn``
``color``, ``size``, ``size_system``, ``material``,   attributes of these names
``pattern``, ``gender``, ``age_group``,
``condition``
``variant_dict``, ``variant_options[{name, value}]``  attributes by those names, where no field of its own has the name
``custom_variant1_category``, ``..._option`` (to 3)
``star_rating`` (``product_review_rating``)           attribute ``rating``
``review_count`` (``product_review_count``)           attribute ``review_count``
====================================================  =================================================================

``is_eligible_search``, ``is_eligible_checkout`` (``enable_search``, ``enable_checkout``) are left out: they say what
another shop window may do, not what this shop sells. So is everything else: ``list_price``, ``unit_price``, seller,
shipping, returns. `signals.adapters.feeds` says how rows are counted. A line of a document is its product's number.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from markdown_it import MarkdownIt

from schemas.catalog import Availability
from schemas.money import Money
from signals.adapters.feed_files import (
    JSON_LINES,
    TABLES,
    Rows,
    json_document,
    json_line_rows,
    parse_json,
    rows_by_extension,
    table_rows,
)
from signals.adapters.feed_items import Listing
from signals.adapters.feed_prices import minor_price, price_of
from signals.adapters.feed_sales import DATES, sale_of
from signals.adapters.feed_values import (
    address_of,
    attribute_name,
    attributes_of,
    availability_of,
    category_of,
    described,
    first_text,
    text_of,
    texts_of,
)
from signals.adapters.feeds import FeedFormat, Values
from signals.adapters.html_text import plain_line
from signals.catalog_entries import CatalogChunk
from signals.errors import InvalidRecordError
from signals.rows import Record, Reject

ID: Final = ("item_id", "id")
GROUP: Final = ("group_id", "item_group_id")
VARIANTS: Final = "variants"
NO_OBJECT: Final = "not a JSON object"
REQUIRED: Final = (ID, ("title",))
ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (name,) for name in ("color", "size", "size_system", "material", "pattern", "gender", "age_group")},
    **{name: (name,) for name in ("condition", "gtin", "mpn")},
    "rating": ("star_rating", "product_review_rating"),
    "review_count": ("review_count", "product_review_count"),
}
CUSTOM_VARIANTS: Final = tuple(f"custom_variant{number}" for number in (1, 2, 3))
GTIN_TYPES: Final = frozenset({"gtin", "upc", "ean", "isbn"})
MARKDOWN: Final = MarkdownIt()


def read_products(path: Path) -> Iterator[CatalogChunk]:
    """The products of a feed; as `signals.adapters.feeds.FeedFormat.read`."""
    return FORMAT.read(path)


def _rows(path: Path) -> Rows:
    table = partial(table_rows, required=REQUIRED)
    lines, tables = dict.fromkeys(JSON_LINES, json_line_rows), dict.fromkeys(TABLES, table)
    for row in rows_by_extension(path, lines | tables | {".json": _document_rows}):
        yield from _flat(row) if isinstance(row, Record) and row.values.get(VARIANTS) else [row]


def _document_rows(path: Path) -> Rows:
    document = json_document(path)
    if isinstance(document, dict):
        document = document.get("products", document)
    for number, product in enumerate(document if isinstance(document, list) else [document], start=1):
        yield Record(number, product) if isinstance(product, dict) else Reject(number, NO_OBJECT, product)


def _flat(record: Record) -> Rows:
    """What the variants of a product share, then each of them as a row of its group."""
    variants = record.values[VARIANTS]
    if not isinstance(variants, list):
        yield Reject(record.line, "variants: not a list", record.values)
        return
    yield Record(record.line, {**record.values, VARIANTS: [], "price": None})
    for variant in variants:
        if isinstance(variant, dict):
            yield Record(record.line, {**variant, "group_id": first_text(record.values, ID)})
        else:
            yield Reject(record.line, f"variants: {NO_OBJECT}", variant)


def _item_id(values: Values) -> str:
    return first_text(values, GROUP) or first_text(values, ID)


def _listing(values: Values) -> Listing:
    variant_id = first_text(values, ID)
    if not variant_id:
        raise InvalidRecordError("item_id: missing")
    fields = {
        **described(values.get("title"), _description(values.get("description")), values.get("brand")),
        "category": category_of(text_of(values.get("product_category")), *_categories(values)),
        "availability": _availability(values.get("availability")),
        "quantity": first_text(values, ("quantity", "inventory_quantity")) or None,
        "url": address_of(first_text(values, ("url", "link")), "url"),
        "image": _image(values),
        "attributes": attributes_of({**_options(values), **_named(values)}.items()),
    }
    price, sale = _price(values, "price"), sale_of(_price(values, "sale_price"), text_of(values.get(DATES)))
    if price is None and values.get(VARIANTS) == []:
        return Listing(_item_id(values), None, fields)
    group_title = plain_line(text_of(values.get("item_group_title")))
    return Listing(_item_id(values), variant_id, fields, price, sale, group_title)


def _description(value: Any) -> str:
    """The plain text or HTML of a description."""
    if not isinstance(value, Mapping):
        return text_of(value)
    return first_text(value, ("plain", "html")) or MARKDOWN.render(text_of(value.get("markdown")))


def _categories(values: Values) -> Iterator[str]:
    return (text_of(part.get("value")) for part in _objects(values, "categories"))


def _availability(value: Any) -> Availability | None:
    if not isinstance(value, Mapping):
        return availability_of(value)
    available, status = value.get("available"), text_of(value.get("status"))
    try:
        stock = availability_of(status)
    except InvalidRecordError:
        stock = None if available else Availability.OUT_OF_STOCK
    if available is False and stock is not Availability.DISCONTINUED:
        return Availability.OUT_OF_STOCK
    return stock


def _image(values: Values) -> str | None:
    images = (part.get("url") for part in _objects(values, "media") if text_of(part.get("type")).lower() == "image")
    more = first_text(values, ("additional_image_urls", "additional_image_link")).split(",")[0]
    found = (first_text(values, ("image_url", "image_link")), *map(text_of, images), more)
    return address_of(next(filter(None, found), ""), "image_url")


def _price(values: Values, field: str) -> Money | None:
    price = values.get(field)
    if isinstance(price, Mapping):
        return minor_price(price.get("amount"), text_of(price.get("currency")), field)
    return price_of(text_of(price), field)


def _named(values: Values) -> dict[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {}
    for barcode in _objects(values, "barcodes"):
        kind = attribute_name(text_of(barcode.get("type")))
        codes["gtin" if kind in GTIN_TYPES else kind] = texts_of(barcode.get("value"))
    fields = ((ours, texts_of(values.get(name))) for ours, names in ATTRIBUTES.items() for name in reversed(names))
    return {**codes, **{ours: texts for ours, texts in fields if texts}}


def _options(values: Values) -> dict[str, tuple[str, ...]]:
    pairs = [(part.get("name"), part.get("value")) for part in _objects(values, "variant_options")]
    pairs += [(values.get(f"{name}_category"), values.get(f"{name}_option")) for name in CUSTOM_VARIANTS]
    pairs += _dictionary(values.get("variant_dict")).items()
    return {attribute_name(text_of(name)): texts_of(value) for name, value in pairs}


def _dictionary(value: Any) -> Mapping[str, Any]:
    """The options of a variant: an object, or one as text, as tables have it."""
    if isinstance(value, str) and value.strip():
        try:
            value = parse_json(value)
        except (ValueError, RecursionError):
            raise InvalidRecordError("variant_dict: not JSON") from None
    return value if isinstance(value, Mapping) else {}


def _objects(values: Values, name: str) -> list[Mapping[str, Any]]:
    parts = values.get(name)
    return [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []


FORMAT: Final = FeedFormat(_rows, _item_id, _listing)

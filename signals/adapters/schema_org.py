"""Products that web pages tell search engines of: schema.org in JSON-LD.

Files are pages (.html, .htm) with ``<script type="application/ld+json">``, documents (.json, .jsonld) and JSON Lines of
objects (.jsonl, .ndjson). Products may stand in lists, in ``@graph``, as ``mainEntity`` or in an ``ItemList``.

================================================  ====================================================================
theirs                                            ours
================================================  ====================================================================
``sku``, ``productID``, a GTIN, ``@id``, ``url``  ``variant_id``: the first of them; without a group also ``item_id``
``productGroupID`` (else ``sku``, ...) of a       ``item_id``; the variants of one group are those of one product,
``ProductGroup``, its ``hasVariant``;             which has from its group what they all share
``inProductGroupWithID``, ``isVariantOf``
``name``                                          ``title``
``description``                                   ``description``
``url``                                           ``url``
``image``                                         ``image``: the first, an address or an ``ImageObject``
``brand``                                         ``brand``: a text or an object with a ``name``
``category``                                      ``category``: the first path, split at ">"
``offers``: ``price``, ``priceCurrency``,         ``price``, ``currency``: of several offers the cheapest of those in
``AggregateOffer.lowPrice``                       stock, of an aggregate its own offers, else its lowest price
``offers.priceValidUntil``                        offers: where one without an end costs more, that price follows; else
                                                  nothing, for no later price is known
``offers.availability``                           ``availability``: with or without ``https://schema.org/``
``offers.inventoryLevel``                         ``quantity``
``color``, ``size``, ``material``, ``pattern``    attributes of these names
``gtin`` (``gtin8`` to ``gtin14``, ``isbn``),     attributes ``gtin``, ``mpn``
``mpn``
``itemCondition``                                 attribute ``condition``: new, used, refurbished, damaged
``audience.suggestedGender``                      attribute ``gender``
``additionalProperty[{name, value}]``             attributes by those names
``aggregateRating``: ``ratingValue``,             attributes ``rating``, ``review_count``
``reviewCount`` (``ratingCount``)
================================================  ====================================================================

What is no product (breadcrumbs, shops, reviews) is left out; a line, a document or a page without any product is a
reject. `signals.adapters.feeds` says how rows are counted: each product, group and variant is one. Its line is, in a
page, that of its script; in a document, its number.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from signals.adapters.feed_items import Listing
from signals.adapters.feed_values import (
    address_of,
    attribute_name,
    attributes_of,
    category_of,
    described,
    first_text,
    text_of,
    texts_of,
)
from signals.adapters.feeds import FeedFormat, Values
from signals.adapters.json_ld import GROUP, GROUP_TYPE, as_list, group_id, types_of
from signals.adapters.json_ld_files import json_ld_rows
from signals.adapters.schema_org_offers import terms_of
from signals.catalog_entries import CatalogChunk
from signals.errors import InvalidRecordError

GTINS: Final = ("gtin", "gtin14", "gtin13", "gtin12", "gtin8", "isbn")
IDS: Final = ("sku", "productID", *GTINS, "@id", "url")
PLAIN_ATTRIBUTES: Final = ("color", "size", "material", "pattern", "mpn")


def read_products(path: Path) -> Iterator[CatalogChunk]:
    """The products of a page, a document or lines; as `signals.adapters.feeds.FeedFormat.read`."""
    return FORMAT.read(path)


def _item_id(values: Values) -> str:
    if _is_group(values):
        return group_id(values)
    return text_of(values.get(GROUP)) or first_text(values, IDS)


def _is_group(values: Values) -> bool:
    return GROUP_TYPE in types_of(values)


def _listing(values: Values) -> Listing:
    item_id = _item_id(values)
    variant_id = item_id if _is_group(values) else first_text(values, IDS)
    if not variant_id:
        raise InvalidRecordError("productGroupID: missing" if _is_group(values) else "sku: missing")
    terms = terms_of(values.get("offers"))
    fields = {
        **described(values.get("name"), values.get("description"), values.get("brand")),
        "category": category_of(*texts_of(values.get("category"))),
        "availability": terms.availability,
        "quantity": terms.quantity,
        "url": address_of(values.get("url"), "url"),
        "image": _image(values.get("image")),
        "attributes": attributes_of(_attributes(values)),
    }
    only_shared = _is_group(values) and values.get("offers") is None
    return Listing(item_id, None if only_shared else variant_id, fields, terms.price, terms.sale)


def _image(value: Any) -> str | None:
    names = ("url", "contentUrl")
    images = (first_text(image, names) if isinstance(image, Mapping) else text_of(image) for image in as_list(value))
    return address_of(next(filter(None, images), ""), "image")


def _attributes(values: Values) -> Iterator[tuple[str, Iterable[str]]]:
    yield from ((name, texts_of(values.get(name))) for name in PLAIN_ATTRIBUTES)
    yield "gtin", [first_text(values, GTINS)]
    yield "condition", [_word(values.get("itemCondition")).removesuffix("condition")]
    yield "gender", [_word(_part(values, "audience").get("suggestedGender"))]
    yield "rating", [text_of(_part(values, "aggregateRating").get("ratingValue"))]
    yield "review_count", [first_text(_part(values, "aggregateRating"), ("reviewCount", "ratingCount"))]
    for each in as_list(values.get("additionalProperty")):
        if isinstance(each, Mapping):
            yield attribute_name(text_of(each.get("name"))), texts_of(each.get("value"))


def _part(values: Values, name: str) -> Values:
    return next((part for part in as_list(values.get(name)) if isinstance(part, Mapping)), {})


def _word(value: Any) -> str:
    """The last word of an address of schema.org in lower case: "newcondition", "female"."""
    return text_of(value).replace(":", "/").rpartition("/")[2].lower()


FORMAT: Final = FeedFormat(json_ld_rows, _item_id, _listing)

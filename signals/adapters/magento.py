"""Magento's product export (CSV), and the simpler product tables of its sample data.

A configurable product is the item, the simple products that its ``configurable_variations`` name are its variants; all
other rows are products of their own.

==============================================  ======================================================================
theirs                                          ours
==============================================  ======================================================================
``sku``                                         ``variant_id``; of a product of its own or a configurable ``item_id``
``configurable_variations``                     which variants an item has, and attributes where theirs are missing
``name``                                        ``title``: that of the configurable product
``description``, else ``short_description``     ``description``
``categories``                                  ``category``: the first path below the root category
``base_image``                                  ``image``, a path below the shop's media folder
``price``                                       ``price``; the currency is that of the shop, see below
``special_price``, ``special_price_from_date``  offers: the special price from the first day, the regular one again
``special_price_to_date``                       after the last one (UTC); dates as 2026-03-01 or, American, 3/1/26
``is_in_stock``, ``qty``, ``allow_backorders``  ``availability``, ``quantity`` (none where stock is not managed)
``product_online`` 2                            ``availability``: discontinued
``additional_attributes``                       attributes by their codes, several values split at "|"; without flags
                                                (Yes, No) and technical ones; ``brand`` or ``manufacturer`` is ``brand``
``visibility``                                  a row "Not Visible Individually" that is no variant is a reject
``store_view_code``                             a row of one store view translates another row: a reject
sample data ``category``                        ``category``: the first two of its lines
sample data, other columns                      attributes by their names, a value for each line; without flags
==============================================  ======================================================================

The file does not say in which currency its prices are: `read_products` takes it, and the format ``magento`` of the
command line means US dollars. `signals.adapters.feeds` says how rows are counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Self

from signals.adapters import magento_values as of
from signals.adapters.feed_files import TABLES, Rows, rows_by_extension, table_rows
from signals.adapters.feed_items import Listing
from signals.adapters.feed_prices import price_of
from signals.adapters.feed_values import address_of, attributes_of, described, first_text, text_of
from signals.adapters.feeds import FeedFormat, Values
from signals.catalog_entries import CatalogChunk
from signals.errors import InvalidRecordError
from signals.rows import Record, Reject

CURRENCY: Final = "USD"
REQUIRED: Final = (("sku",), ("name",))
CONFIGURABLE: Final = "configurable"
HIDDEN: Final = "Not Visible Individually"
PARENT: Final = "parent_sku"
NO_IMAGE: Final = "no_selection"
NO_ROW: Final = "configurable_variations: no row has this sku"
NO_PARENT: Final = f"visibility: {HIDDEN}, and a variant of no configurable product"
TRANSLATION: Final = "store_view_code: the translation of another row"


def read_products(path: Path, currency: str = CURRENCY) -> Iterator[CatalogChunk]:
    """The products of an export; as `signals.adapters.feeds.FeedFormat.read`.

    Parameters
    ----------
    currency
        That of the shop's prices, as in ISO 4217.
    """
    export = _Export.of_file(path)
    yield from FeedFormat(export.rows, _item_id, partial(_listing, currency=currency)).read(path)


@dataclass(frozen=True, slots=True)
class _Export:
    """What one row has to know of the others: which there are, which are offline, whose variants they are."""

    skus: set[str] = field(default_factory=set)
    offline: set[str] = field(default_factory=set)
    parents: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        export = cls()
        for row in _table(path):
            if isinstance(row, Record) and not row.values.get("store_view_code"):
                export._note(row.values)
        return export

    def _note(self, values: Values) -> None:
        sku = text_of(values.get("sku"))
        self.skus.add(sku)
        if of.is_offline(values):
            self.offline.add(sku)
        self.parents.update({variant: (sku, options) for variant, options in of.variations(values)})

    def rows(self, path: Path) -> Rows:
        """The rows, those of variants with what their configurable product says of them."""
        for row in _table(path):
            if isinstance(row, Reject):
                yield row
                continue
            yield Record(row.line, {**row.values, **self._from_parent(text_of(row.values.get("sku")))})
            for variant, _ in of.variations(row.values):
                if variant not in self.skus:
                    yield Reject(row.line, NO_ROW, {"sku": variant, PARENT: row.values.get("sku")})

    def _from_parent(self, sku: str) -> dict[str, str]:
        if sku not in self.parents:
            return {}
        parent, options = self.parents[sku]
        return {PARENT: parent, of.OPTIONS: options, **(of.OFFLINE if parent in self.offline else {})}


def _table(path: Path) -> Rows:
    return rows_by_extension(path, dict.fromkeys(TABLES, partial(table_rows, required=REQUIRED)))


def _item_id(values: Values) -> str:
    return first_text(values, (PARENT, "sku"))


def _listing(values: Values, currency: str) -> Listing:
    _require_own_product(values)
    sku, attributes = text_of(values.get("sku")), of.attributes(values)
    brand = next((attributes[name] for name in of.BRANDS if name in attributes), [])
    fields = {
        **described(values.get("name"), first_text(values, ("description", "short_description")), brand),
        "category": of.category(values),
        "availability": of.availability(values),
        "quantity": of.quantity(values),
        "image": address_of(text_of(values.get("base_image")).replace(NO_IMAGE, ""), "base_image"),
        "attributes": attributes_of((name, texts) for name, texts in attributes.items() if name not in of.BRANDS),
    }
    if values.get("product_type") == CONFIGURABLE:
        return Listing(sku, None, fields)
    price = price_of(text_of(values.get("price")), "price", currency)
    return Listing(_item_id(values), sku, fields, price, of.sale(values, currency))


def _require_own_product(values: Values) -> None:
    """Raises `InvalidRecordError` where the row is neither a product nor a variant."""
    if not text_of(values.get("sku")):
        raise InvalidRecordError("sku: missing")
    if values.get("store_view_code"):
        raise InvalidRecordError(TRANSLATION)
    if values.get("visibility") == HIDDEN and PARENT not in values:
        raise InvalidRecordError(NO_PARENT)

"""What differs between products as given and products as stored, and the writing of only that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, func, select, update

from schemas.catalog import Attributes, Availability, Product, Variant
from signals.bulk import upsert
from signals.catalog_entries import CatalogEntry, Offer
from signals.column_types import MICROSECOND
from signals.raw import in_batches
from signals.tables import offers, products, variants
from signals.texts import cleaned, cleaned_lines, cleaned_or_none

PRODUCTS_PER_WRITE: Final = 1_000
IDS_PER_WRITE: Final = 10_000
PRODUCT_COLUMNS: Final = tuple(column for column in products.columns if column.name != "updated_at")

Row = dict[str, Any]


def is_current(as_of: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """That an offer is its variant's latest with ``valid_from <= as_of``; for a join of offers and variants."""
    earlier = offers.alias("earlier")
    latest = select(func.max(earlier.c.valid_from)).where(
        earlier.c.variant_id == variants.c.variant_id, earlier.c.valid_from <= as_of
    )
    return offers.c.valid_from == latest.scalar_subquery()


def change_mark(connection: Connection) -> datetime:
    """A time above every change mark so far, even where clocks disagree; needs `connections.lock_catalog`."""
    newest = connection.scalar(select(func.max(products.c.updated_at)))
    now = datetime.now(UTC)
    return now if newest is None else max(now, newest + MICROSECOND)


def in_writes(entries: Iterable[CatalogEntry]) -> Iterator[list[CatalogEntry]]:
    """The entries in lists for one transaction each, in which no item and no variant occurs twice.

    A list has at most 1,000 products, and 10,000 products and variants in all unless one product has more by itself.
    """
    batch: list[CatalogEntry] = []
    seen: set[str] = set()
    for entry in entries:
        ids = {entry.product.item_id, *(variant.variant_id for variant in entry.product.variants)}
        is_full = len(batch) >= PRODUCTS_PER_WRITE or len(seen) + len(ids) > IDS_PER_WRITE
        if batch and (is_full or seen & ids):
            yield batch
            batch, seen = [], set()
        batch.append(entry)
        seen |= ids
    if batch:
        yield batch


def write(connection: Connection, entries: Sequence[CatalogEntry], valid_from: datetime) -> int:
    """Write what changed; returns how many products that were. ``entries`` hold no id twice."""
    stored = Stored(connection, entries, valid_from)
    product_rows = {entry.product.item_id: _product_row(entry.product) for entry in entries}
    variant_rows = [row for entry in entries for row in _variant_rows(entry.product) if not stored.has_variant(row)]
    new_offers = {entry.product.item_id: list(_new_offers(entry, stored, valid_from)) for entry in entries}
    changed = {item_id for item_id, row in product_rows.items() if not stored.has_product(row)}
    changed |= {row["item_id"] for row in variant_rows} | {item_id for item_id, new in new_offers.items() if new}
    left_behind = {stored.owner(row["variant_id"]) for row in variant_rows} - {None} - product_rows.keys()
    mark = change_mark(connection)
    upsert(connection, products, [product_rows[item_id] | {"updated_at": mark} for item_id in sorted(changed)])
    touch(connection, [str(item_id) for item_id in left_behind], mark)
    upsert(connection, variants, variant_rows)
    write_offers(connection, [offer for new in new_offers.values() for offer in new])
    return len(changed)


def touch(connection: Connection, item_ids: Iterable[str], mark: datetime) -> None:
    for ids in in_batches(item_ids):
        connection.execute(update(products).where(products.c.item_id.in_(ids)).values(updated_at=mark))


def write_offers(connection: Connection, new: Iterable[Offer]) -> None:
    upsert(connection, offers, [_offer_row(offer) for offer in new])


class Stored:
    """The rows in the database that the entries may change, read once."""

    def __init__(self, connection: Connection, entries: Sequence[CatalogEntry], valid_from: datetime) -> None:
        item_ids = [entry.product.item_id for entry in entries]
        variant_ids = [row["variant_id"] for entry in entries for row in _variant_rows(entry.product)]
        self._valid_from = valid_from
        dated = [offer.variant_id for entry in entries for offer in entry.offers]
        mine = [*_among(variants.c.item_id, item_ids), *_among(variants.c.variant_id, variant_ids)]
        current = select(offers).join(variants).where(is_current(valid_from))
        self._products = _by_key(connection, select(*PRODUCT_COLUMNS), _among(products.c.item_id, item_ids))
        self._variants = _by_key(connection, select(variants), mine)
        self._current = {row["variant_id"]: offer_of(row) for row in _rows(connection, current, mine)}
        self._dated: dict[str, dict[datetime, Offer]] = defaultdict(dict)
        for row in _rows(connection, select(offers), _among(offers.c.variant_id, dated)):
            self._dated[row["variant_id"]][row["valid_from"]] = offer_of(row)

    def has_product(self, row: Row) -> bool:
        return self._products.get(row["item_id"]) == row

    def has_variant(self, row: Row) -> bool:
        return self._variants.get(row["variant_id"]) == row

    def news(self, dated: Iterable[Offer]) -> Iterator[Offer]:
        """Those of the offers that change what holds by their time. What is stored of the past stays as it is."""
        for offer in sorted(dated, key=lambda offer: offer.valid_from):
            known = self._dated[offer.variant_id]
            before = max((moment for moment in known if moment <= offer.valid_from), default=None)
            is_kept = before == offer.valid_from and before < self._valid_from
            if before is None or not (is_kept or replace(known[before], valid_from=offer.valid_from) == offer):
                known[offer.valid_from] = offer
                yield offer

    def has_current(self, offer: Offer) -> bool:
        current = self._current.get(offer.variant_id)
        return current is not None and replace(current, valid_from=offer.valid_from) == offer

    def owner(self, variant_id: str) -> str | None:
        variant = self._variants.get(variant_id)
        return None if variant is None else str(variant["item_id"])

    def current_of(self, item_id: str) -> list[Offer]:
        return [offer for offer in self._current.values() if self.owner(offer.variant_id) == item_id]


def _among(column: ColumnElement[str], ids: Iterable[str]) -> list[ColumnElement[bool]]:
    """Conditions that together hold for the ids, each short enough for one statement."""
    return [column.in_(batch) for batch in in_batches(ids)]


def _rows(connection: Connection, statement: Select[Any], conditions: Iterable[ColumnElement[bool]]) -> Iterator[Row]:
    for condition in conditions:
        result = connection.execute(statement.where(condition))
        names = tuple(result.keys())
        yield from (dict(zip(names, row, strict=True)) for row in result)


def _by_key(
    connection: Connection, statement: Select[Any], conditions: Iterable[ColumnElement[bool]]
) -> dict[str, Row]:
    return {next(iter(row.values())): row for row in _rows(connection, statement, conditions)}


def offer_of(row: Row) -> Offer:
    return Offer(**{**row, "availability": Availability(row["availability"])})


def _offer_row(offer: Offer) -> Row:
    return {
        "variant_id": offer.variant_id,
        "valid_from": offer.valid_from,
        "price": offer.price,
        "currency": offer.currency,
        "availability": offer.availability.value,
        "quantity": offer.quantity,
    }


def _product_row(product: Product) -> Row:
    return {
        "item_id": product.item_id,
        "title": cleaned(product.title),
        "description": cleaned_lines(product.description),
        "brand": cleaned_or_none(product.brand),
        "category": [cleaned(name) for name in product.category],
        "url": cleaned_or_none(product.url),
        "image": cleaned_or_none(product.image),
        "attributes": _as_lists(product.attributes),
    }


def _variant_rows(product: Product) -> list[Row]:
    return [
        {
            "variant_id": variant.variant_id,
            "item_id": product.item_id,
            "attributes": _as_lists(variant.attributes),
            "image": cleaned_or_none(variant.image),
            "position": position,
        }
        for position, variant in enumerate(product.variants or (Variant(variant_id=product.item_id),))
    ]


def _as_lists(attributes: Attributes) -> dict[str, list[str]]:
    return {cleaned(name): [cleaned(value) for value in values] for name, values in attributes.items()}


def _new_offers(entry: CatalogEntry, stored: Stored, valid_from: datetime) -> Iterator[Offer]:
    given = {variant.variant_id: _given(variant, valid_from) for variant in entry.product.offers()}
    if entry.offers:
        yield from stored.news(entry.offers)
    else:
        yield from (offer for offer in given.values() if not stored.has_current(offer))
    for offer in stored.current_of(entry.product.item_id):
        if offer.variant_id not in given and offer.availability is not Availability.DISCONTINUED:
            yield replace(offer, availability=Availability.DISCONTINUED, quantity=None, valid_from=valid_from)


def _given(variant: Variant, valid_from: datetime) -> Offer:
    return Offer(
        variant_id=variant.variant_id,
        valid_from=valid_from,
        price=variant.price,
        currency=variant.currency,
        availability=variant.availability or Availability.IN_STOCK,
        quantity=variant.quantity,
    )

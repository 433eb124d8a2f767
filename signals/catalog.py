"""The store of products, variants and offers: upserts, and the catalogue as of a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Select, Text, bindparam, cast, func, select

from schemas.catalog import Availability, Product, merge_attributes
from schemas.columns import Columns
from signals.catalog_entries import CatalogEntry, Offer
from signals.catalog_writes import change_mark, in_writes, is_current, offer_of, touch, write, write_offers
from signals.column_types import UtcTime
from signals.connections import lock_catalog, reading, writing
from signals.errors import InvalidRecordError, UnknownItemError
from signals.event_frame import objects
from signals.raw import fetch, in_batches, raw
from signals.report import IngestReport
from signals.tables import offers, products, variants
from signals.validation import product_of

NULLABLE_TEXTS: Final = (Columns.BRAND, Columns.CURRENCY, Columns.URL, Columns.IMAGE)
PRODUCT_ATTRIBUTES: Final = "product_attributes"
ROW_COLUMNS: Final = (
    products.c.item_id,
    variants.c.variant_id,
    products.c.title,
    products.c.description,
    products.c.brand,
    cast(products.c.category, Text).label(Columns.CATEGORY),
    cast(products.c.attributes, Text).label(PRODUCT_ATTRIBUTES),
    cast(variants.c.attributes, Text).label(Columns.ATTRIBUTES),
    raw(offers.c.price),
    offers.c.currency,
    offers.c.availability,
    offers.c.quantity,
    products.c.url,
    func.coalesce(variants.c.image, products.c.image).label(Columns.IMAGE),
)
"""Placed here once: `CatalogStore.rows` merges the two attribute columns into one.

JSON is read as text: of a million products, most share their category and attributes with others.
"""
OFFERS_OF_ITEMS: Final = (
    select(offers)
    .join(variants)
    .where(is_current(bindparam("as_of", type_=UtcTime)), variants.c.item_id.in_(bindparam("item_ids", expanding=True)))
)
"""Built once: every request asks it, and building a statement takes longer than running it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """``mark``: the newest change mark, to pass on the next time."""

    mark: datetime | None
    item_ids: frozenset[str]


class CatalogStore:
    """All products of one shop. Safe to share between threads.

    A price or stock is never overwritten: a change is a new offer, valid from a time on, and the current offer of a
    variant is its latest one with ``valid_from <= as_of``. Titles and attributes are kept as they are now only.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def upsert(self, items: Iterable[Product | Mapping[str, Any]], valid_from: datetime | None = None) -> IngestReport:
        """Insert or update products; price and stock hold from ``valid_from`` (None: now). Durable on return.

        A product that is stored as it is counts as duplicated. A variant that its product no longer lists is
        discontinued, not deleted. Every 1,000 products are one transaction, fewer where they have many variants.

        Raises
        ------
        InvalidRecordError
            One of ``items`` breaks `schemas.Product`; nothing of the call was stored.
        """
        given = [_checked(number, item) for number, item in enumerate(items, start=1)]
        return self.write(given, valid_from)

    def write(self, entries: Iterable[CatalogEntry], valid_from: datetime | None = None) -> IngestReport:
        """As `upsert`, for checked products that may bring their past prices."""
        report = IngestReport()
        for batch in in_writes(entries):
            with writing(self._engine) as connection:
                lock_catalog(connection)
                changed = write(connection, batch, valid_from or datetime.now(UTC))
            report += IngestReport(accepted=changed, duplicated=len(batch) - changed)
        return report

    def set_availability(
        self,
        availability: Availability,
        quantity: int | None = None,
        *,
        item_id: str | None = None,
        variant_id: str | None = None,
    ) -> None:
        """From now on, one variant or every variant of one item has this availability and quantity.

        Raises
        ------
        InvalidRecordError
            Not exactly one of ``item_id`` and ``variant_id`` is given, or the quantity is negative.
        UnknownItemError
            The catalogue does not hold it.
        """
        if (item_id is None) == (variant_id is None):
            raise InvalidRecordError(f"give either item_id or variant_id, got {item_id!r} and {variant_id!r}")
        if quantity is not None and quantity < 0:
            raise InvalidRecordError(f"quantity is 0 or more, or None where it is not known; got {quantity}")
        chosen = variants.c.item_id == item_id if variant_id is None else variants.c.variant_id == variant_id
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            lock_catalog(connection)
            before = _current_offers(connection, chosen, now)
            if not before:
                raise UnknownItemError([str(item_id or variant_id)])
            after = {key: replace(offer, availability=availability, quantity=quantity) for key, offer in before.items()}
            changed = [key for key in after if after[key] != before[key]]
            write_offers(connection, [replace(after[key], valid_from=now) for key in changed])
            touch(connection, {owner for owner, _ in changed}, change_mark(connection))

    def count(self) -> int:
        """How many products there are."""
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(products)) or 0

    def item_ids(self) -> list[str]:
        """The ids of all products, sorted."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(products.c.item_id).order_by(products.c.item_id)))

    def unknown(self, item_ids: Iterable[str]) -> list[str]:
        """Those of the ids that the catalogue does not hold, sorted."""
        wanted = set(item_ids)
        with reading(self._engine) as connection:
            for batch in in_batches(wanted):
                known = connection.scalars(select(products.c.item_id).where(products.c.item_id.in_(batch)))
                wanted = wanted.difference(known)
        return sorted(wanted)

    def last_change(self) -> datetime | None:
        """The newest change mark; None while there are no products.

        Marks grow strictly in the order of commits. An offer dated ahead becomes current without one: `changes` sees
        that too.
        """
        with reading(self._engine) as connection:
            return connection.scalar(select(func.max(products.c.updated_at)))

    def changes(self, mark: datetime | None, since: datetime, until: datetime) -> Changes:
        """What differs between the catalogue as of ``since``, read at ``mark``, and as of ``until``.

        Two look-ups in an index, for a follower to repeat: it begins with `last_change` and then ``rows(as_of=since)``,
        and after each round reads ``rows(as_of=until, item_ids=...)`` of what changed, keeps the new mark, and passes
        this ``until`` as the next ``since``. No change is missed; one may be seen twice.

        Parameters
        ----------
        mark
            Of the last round; None: every product counts as changed.
        since, until
            An offer with ``since < valid_from <= until`` has begun to hold.
        """
        marked = select(products.c.item_id, products.c.updated_at)
        if mark is not None:
            marked = marked.where(products.c.updated_at > mark)
        begun = select(variants.c.item_id).join(offers).where(offers.c.valid_from > since, offers.c.valid_from <= until)
        with reading(self._engine) as connection:
            changed = {row.item_id: row.updated_at for row in connection.execute(marked)}
            begun_ids = connection.scalars(begun.distinct()).all()
        return Changes(max(changed.values(), default=mark), frozenset(changed).union(begun_ids))

    def rows(
        self,
        as_of: datetime | None = None,
        item_ids: Iterable[str] | None = None,
        changed_since: datetime | None = None,
    ) -> pd.DataFrame:
        """The catalogue, one row per variant, by item id and then in the order the product lists them.

        Parameters
        ----------
        as_of
            Prices and stock as of this time (None: now). A variant without an offer by then is left out.
        item_ids
            Only these; ids that the catalogue does not hold are no error.
        changed_since
            Only products whose change mark is above this one; all variants of each. See `changes`.

        Returns
        -------
        DataFrame
            item_id, variant_id, title, description, brand, category (tuple), attributes (dict of tuples, those of the
            variant over those of the product), price (Decimal or None), currency, availability, quantity (Int64),
            url, image; a text that is missing is None.
        """
        if changed_since is not None:
            changed = self._changed(changed_since)
            item_ids = changed if item_ids is None else changed.intersection(item_ids)
        frame = self._fetch(_current(select(*ROW_COLUMNS), as_of), item_ids)
        own = list(zip(frame.pop(PRODUCT_ATTRIBUTES), frame[Columns.ATTRIBUTES], strict=True))
        merged = {pair: merge_attributes(*(_as_tuples(json.loads(text)) for text in pair)) for pair in set(own)}
        paths = {text: tuple(json.loads(text)) for text in set(frame[Columns.CATEGORY])}
        frame[Columns.ATTRIBUTES] = pd.Series([merged[pair] for pair in own], dtype=object)
        frame[Columns.CATEGORY] = pd.Series([paths[text] for text in frame[Columns.CATEGORY]], dtype=object)
        return frame

    def offers(self, item_ids: Iterable[str], as_of: datetime | None = None) -> dict[str, Offer]:
        """Price and stock of all variants of a few items, by variant id: a quick second look within a request."""
        moment = as_of or datetime.now(UTC)
        with reading(self._engine) as connection:
            batches = [{"item_ids": ids, "as_of": moment} for ids in in_batches(item_ids)]
            rows = [row for batch in batches for row in connection.execute(OFFERS_OF_ITEMS, batch)]
        return {row.variant_id: offer_of(row._asdict()) for row in rows}

    def _changed(self, since: datetime) -> set[str]:
        with reading(self._engine) as connection:
            return set(connection.scalars(select(products.c.item_id).where(products.c.updated_at > since)))

    def _fetch(self, statement: Select[Any], item_ids: Iterable[str] | None) -> pd.DataFrame:
        with reading(self._engine) as connection:
            batches = [statement] if item_ids is None else _of_items(statement, item_ids)
            parts = [fetch(connection, batch) for batch in batches]
        frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
        nullable = [name for name in NULLABLE_TEXTS if name in frame.columns]
        return frame.assign(**{name: pd.Series(objects(frame[name]), dtype=object) for name in nullable})


def _checked(number: int, item: Product | Mapping[str, Any]) -> CatalogEntry:
    try:
        return CatalogEntry(number, product_of(item))
    except InvalidRecordError as error:
        raise InvalidRecordError(f"product {number}: {error}") from error


def _of_items(statement: Select[Any], item_ids: Iterable[str]) -> list[Select[Any]]:
    return [statement.where(products.c.item_id.in_(ids)) for ids in in_batches(item_ids)]


def _current(statement: Select[Any], as_of: datetime | None) -> Select[Any]:
    joined = products.join(variants).join(offers, offers.c.variant_id == variants.c.variant_id)
    current = is_current(as_of or datetime.now(UTC))
    order = (products.c.item_id, variants.c.position, variants.c.variant_id)
    return statement.select_from(joined).where(current).order_by(*order)


def _current_offers(
    connection: Connection, chosen: ColumnElement[bool], as_of: datetime
) -> dict[tuple[str, str], Offer]:
    """The offers of the chosen variants by (item id, variant id); one that has none yet gets one without a price."""
    known = select(variants.c.item_id, variants.c.variant_id).where(chosen)
    current = select(offers).join(variants).where(chosen, is_current(as_of))
    stored = {row["variant_id"]: offer_of(dict(row)) for row in connection.execute(current).mappings()}
    nothing = Offer("", as_of, None, None, Availability.OUT_OF_STOCK)
    return {
        (item_id, variant_id): stored.get(variant_id, replace(nothing, variant_id=variant_id))
        for item_id, variant_id in connection.execute(known)
    }


def _as_tuples(attributes: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in attributes.items()}

"""RetailRocket's behaviour of a shop's visitors, as ``user,item,event,ts``: views, carts and buys, 2015.

``ts`` is in seconds since 1970. The set has no event ids: a row is known by its values and its place among its equals.
It has no titles and no prices either: a product is called "Item" and its id.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from schemas.events import EventKind
from signals.adapters.files import read_rows
from signals.adapters.wire import Call, Rows, WireFormat, kind_of
from signals.adapters.wire_values import from_seconds
from signals.catalog_entries import CatalogChunk, CatalogEntry
from signals.errors import InvalidRecordError
from signals.rows import Chunk, Record, Reject, in_chunks
from signals.validation import product_of

SOURCE: Final = "retailrocket"
COLUMNS: Final = ("user", "item", "event", "ts")
KINDS: Final[Mapping[str, EventKind]] = {
    "view": EventKind.VIEW,
    "cart": EventKind.ADD_TO_CART,
    "buy": EventKind.PURCHASE,
}


READERS: Final = {".csv": partial(read_rows, allowed=COLUMNS, required=COLUMNS)}


def read_events(path: Path) -> Iterator[Chunk]:
    return RETAILROCKET.read(path, READERS)


def read_products(path: Path) -> Iterator[CatalogChunk]:
    """One product per item, at the line where it first occurs, from the same file as the events."""
    seen: set[Any] = set()
    for records, rejects in in_chunks(read_rows(path, COLUMNS, COLUMNS)):
        products = [_product(record) for record in _new(records, seen)]
        entries = tuple(product for product in products if isinstance(product, CatalogEntry))
        broken = tuple(product for product in products if isinstance(product, Reject))
        yield CatalogChunk(entries, (*rejects, *broken))


def _new(rows: Iterable[Record], seen: set[Any]) -> Iterator[Record]:
    """The rows of items that were not seen before, and were now."""
    for row in rows:
        item = row.values.get("item")
        if item not in seen:
            seen.add(item)
            yield row


def _product(row: Record) -> CatalogEntry | Reject:
    item = row.values.get("item")
    try:
        return CatalogEntry(row.line, product_of({"item_id": item, "title": f"Item {item}"}))
    except InvalidRecordError as error:
        return Reject(row.line, str(error), row.values)


def _rows_of(row: Call, line: int) -> Rows:
    yield Record(
        line,
        {
            "kind": kind_of("event", row.get("event"), KINDS, ()).value,
            "user_id": row.get("user"),
            "item_id": row.get("item"),
            "occurred_at": from_seconds(row.get("ts"), "ts"),
        },
    )


RETAILROCKET: Final = WireFormat(SOURCE, lambda row: [row], _rows_of)

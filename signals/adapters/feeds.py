"""What catalogue feeds have in common: rows that each sell one variant, and products that several of them make up.

A feed is read twice: first for where each product's last row is, then for its rows, which are held only from a
product's first row to its last. So the rows of a product may stand anywhere, and memory grows with the ids of a file
and with the products that are open at once, not with its texts.

Counting: every source row is either part of exactly one product or a reject with its own line. The report of a load
counts products and rejected rows: five good rows of one product and a bad one are 1 accepted and 1 rejected.

Prices over time: a sale with dates becomes offers, the sale price from its start and the regular price again from its
end, wherever those lie, beside an offer of the price that holds while the feed is read.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from signals.adapters.feed_items import Listing, Member, entry_of
from signals.catalog_entries import CatalogChunk, CatalogEntry
from signals.errors import InvalidRecordError
from signals.rows import Record, Reject

PRODUCTS_PER_CHUNK: Final = 1_000
SEEN_BEFORE: Final = "id: that of an earlier row"
NO_VARIANT: Final = "no row of its variants can be used"
NOT_UNICODE: Final = "a text with half of a surrogate pair"

Values = Mapping[str, Any]
Rows = Iterator[Record | Reject]


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """How a feed is read and understood.

    ``rows`` reads the file from its beginning; ``item_id`` is the id of the product that a row is of, "" where it has
    none, and never raises; ``listing`` raises `InvalidRecordError` with the reason why a row cannot be used.
    """

    rows: Callable[[Path], Rows]
    item_id: Callable[[Values], str]
    listing: Callable[[Values], Listing]

    def read(self, path: Path) -> Iterator[CatalogChunk]:
        """The products of a file, 1,000 products and rejects at a time.

        Raises
        ------
        UnreadableFileError
            The file is missing, damaged, or not of this format; nothing of it has been handed over.
        """
        entries = self._entries(path)
        while batch := list(islice(entries, PRODUCTS_PER_CHUNK)):
            products = tuple(entry for entry in batch if isinstance(entry, CatalogEntry))
            yield CatalogChunk(products, tuple(entry for entry in batch if isinstance(entry, Reject)))

    def _entries(self, path: Path) -> Iterator[CatalogEntry | Reject]:
        last_places = self._last_places(path)
        items = _OpenItems(self.listing, datetime.now(UTC))
        for place, row in enumerate(self.rows(path)):
            if isinstance(row, Reject):
                yield row
                continue
            item_id = self.item_id(row.values)
            yield from items.add(item_id, row)
            if last_places.get(item_id) == place:
                yield from items.close(item_id)
        yield from items.close_all()

    def _last_places(self, path: Path) -> dict[str, int]:
        rows = enumerate(self.rows(path))
        return {self.item_id(row.values): place for place, row in rows if isinstance(row, Record)}


class _OpenItems:
    """The items of which a row is still to come, and the ids of all variants so far."""

    def __init__(self, listing: Callable[[Values], Listing], now: datetime) -> None:
        self._listing = listing
        self._now = now
        self._rows: dict[str, list[tuple[Record, Member]]] = {}
        self._seen: set[str] = set()

    def add(self, item_id: str, record: Record) -> Iterator[Reject]:
        """Take a row; yields it back where it cannot be used."""
        try:
            listing = self._listing(record.values)
            member = Member(record.line, listing, listing.product(self._now))
        except InvalidRecordError as error:
            yield Reject(record.line, str(error), record.values)
        except UnicodeEncodeError:
            yield Reject(record.line, NOT_UNICODE, record.values)
        else:
            if listing.variant_id in self._seen:
                yield Reject(record.line, SEEN_BEFORE, record.values)
                return
            if listing.variant_id is not None:
                self._seen.add(listing.variant_id)
            self._rows.setdefault(item_id, []).append((record, member))

    def close(self, item_id: str) -> Iterator[CatalogEntry | Reject]:
        """The item, if any of its rows sells something, and those of its rows that are no part of it."""
        rows = self._rows.pop(item_id, [])
        heads = [(record, member) for record, member in rows if member.listing.variant_id is None]
        members = [member for _, member in rows if member.listing.variant_id is not None]
        if members:
            yield entry_of(heads[0][1] if heads else None, members, self._now)
        for record, _ in heads[1:] if members else heads:
            yield Reject(record.line, SEEN_BEFORE if members else NO_VARIANT, record.values)

    def close_all(self) -> Iterator[CatalogEntry | Reject]:
        """What is left where the file has changed between the two readings."""
        for item_id in list(self._rows):
            yield from self.close(item_id)

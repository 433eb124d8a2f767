"""Feed files for tests, and what is read out of them."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

from schemas.catalog import Product
from signals.catalog_entries import CatalogChunk, CatalogEntry
from signals.rows import Reject

Reader = Callable[[Path], Iterator[CatalogChunk]]


def written(path: Path, text: str) -> Path:
    """The text as a file, compressed if its name ends so."""
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def read(reader: Reader, path: Path) -> tuple[dict[str, CatalogEntry], list[Reject]]:
    """The entries by item id, and the rejects in their order."""
    chunks = list(reader(path))
    entries = [entry for chunk in chunks for entry in chunk.entries]
    by_id = {entry.product.item_id: entry for entry in entries}
    assert len(by_id) == len(entries)
    return by_id, [reject for chunk in chunks for reject in chunk.rejects]


def products(reader: Reader, path: Path) -> dict[str, Product]:
    """The products by item id, of a file without rejects."""
    entries, rejects = read(reader, path)
    assert rejects == []
    return {item_id: entry.product for item_id, entry in entries.items()}


def reasons(reader: Reader, path: Path) -> list[tuple[int, str]]:
    """Line and reason of each reject."""
    return [(reject.line, reject.reason) for reject in read(reader, path)[1]]


def rows_of(entry: CatalogEntry) -> int:
    """How many variants, each a row of its own, make up the product."""
    return max(1, len(entry.product.variants))

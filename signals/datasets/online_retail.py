"""UCI Online Retail: the invoice lines of a British gift shop, December 2010 to December 2011 (Chen et al., 2012).

The set has no event ids, and equal lines occur: a line is known by its values and its place among its equals. Its times
are London's. A stock code is an item, whatever the case it is written in; some codes are no products but postage,
fees or vouchers. An invoice that starts with C takes goods back; one that starts with A, or a line with a negative
quantity that is no refund, is bookkeeping. A line without a customer is an anonymous shopper known by the invoice.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from schemas.ids import natural_event_id
from signals.catalog_entries import CatalogChunk
from signals.datasets import online_retail_lines as source
from signals.datasets.online_retail_catalog import SalesBook
from signals.datasets.ordinals import Ordinals
from signals.event_frame import blanked, objects
from signals.rows import LINE, Chunk, Reject

SOURCE: Final = "online-retail"
CURRENCY: Final = "GBP"
PRODUCTS_PER_CHUNK: Final = 1_000


def read_events(path: Path) -> Iterator[Chunk]:
    ordinals = Ordinals()
    for lines, broken in source.read_lines(path):
        is_event = lines[source.REASON].isna()
        yield Chunk(_events(lines[is_event], ordinals), (*broken, *_rejects(lines[~is_event])))


def read_products(path: Path) -> Iterator[CatalogChunk]:
    """One product per stock code with a sale: the commonest description, and the price of each day it changed.

    A code without one is one rejected row, at the line where it first occurs.
    """
    book = SalesBook(CURRENCY)
    for lines, broken in source.read_lines(path):
        book.add(lines)
        if broken:
            yield CatalogChunk((), tuple(broken))
    yield CatalogChunk((), tuple(book.rejects()))
    entries = book.entries()
    for start in range(0, len(entries), PRODUCTS_PER_CHUNK):
        yield CatalogChunk(tuple(entries[start : start + PRODUCTS_PER_CHUNK]), ())


def _rejects(lines: pd.DataFrame) -> list[Reject]:
    rows = zip(lines[LINE], lines[source.REASON], source.source_rows(lines), strict=True)
    return [Reject(int(line), str(reason), row) for line, reason, row in rows]


def _events(lines: pd.DataFrame, ordinals: Ordinals) -> pd.DataFrame:
    customer = objects(lines[source.CUSTOMER])
    invoice = objects(lines[source.INVOICE])
    columns: dict[str, Any] = {
        "event_id": _event_ids(lines, ordinals),
        "kind": np.where(lines[source.IS_REFUND], "refund", "purchase"),
        "user_id": customer,
        "anonymous_id": blanked(invoice, ~pd.isna(customer)),
        "session_id": invoice,
        "order_id": invoice,
        "item_id": objects(lines[source.ITEM]),
        "unit_price": objects(lines[source.AMOUNT]),
        "source": SOURCE,
        "currency": CURRENCY,
    }
    index = pd.RangeIndex(len(lines))
    frame = pd.DataFrame({name: pd.Series(values, index=index, dtype=object) for name, values in columns.items()})
    frame["occurred_at"] = source.utc(lines[source.TIME])
    frame["quantity"] = lines[source.QUANTITY].abs().astype("int64").to_numpy()
    frame[LINE] = lines[LINE].to_numpy()
    return frame


def _event_ids(lines: pd.DataFrame, ordinals: Ordinals) -> list[str]:
    """The ids of CSV and Parquet agree: they are taken from the values as text, not from how a file holds them."""
    key: dict[str, Any] = {name: lines[name].fillna("").tolist() for name in source.TEXT_COLUMNS}
    key[source.QUANTITY] = lines[source.QUANTITY].astype("int64").astype("str").tolist()
    key[source.TIME] = np.datetime_as_string(lines[source.TIME].to_numpy("datetime64[s]")).tolist()
    key[source.PRICE] = [str(amount) for amount in lines[source.AMOUNT]]
    columns = [key[name] for name in source.COLUMNS]
    numbers = ordinals.of(pd.DataFrame(dict(zip(source.COLUMNS, columns, strict=True)), dtype="str")).tolist()
    return [natural_event_id(SOURCE, values, number) for *values, number in zip(*columns, numbers, strict=True)]

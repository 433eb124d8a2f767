"""Our own format: the fields of `schemas.Event` and `schemas.Product`, as JSON Lines, CSV or Parquet.

Events in Parquet stay columns all the way, but where they have properties. A number in an amount's place is read as the
decimal that its shortest text shows, never as a binary fraction. In CSV, ``properties``, ``category``, ``attributes``
and ``variants`` hold JSON; a category may also be one plain name.
"""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from schemas.catalog import Product
from schemas.events import Event
from signals.adapters.files import Line, is_parquet, json_rows, read_batches, read_rows, rows_of
from signals.catalog_entries import CatalogChunk, CatalogEntry
from signals.errors import InvalidRecordError
from signals.rows import LINE, Chunk, Record, Reject, in_chunks
from signals.validation import product_of

EVENT_FIELDS: Final = tuple(Event.model_fields)
PRODUCT_FIELDS: Final = tuple(Product.model_fields)
REQUIRED_OF_EVENTS: Final = ("event_id", "kind", "occurred_at")
REQUIRED_OF_PRODUCTS: Final = ("item_id", "title")
JSON_FIELDS: Final = ("properties", "category", "attributes", "variants")
PRODUCTS_PER_CHUNK: Final = 1_000


def read_events(path: Path) -> Iterator[Chunk]:
    if is_parquet(path):
        yield from _columnar_events(path)
    else:
        yield from _event_chunks(read_rows(path, EVENT_FIELDS, REQUIRED_OF_EVENTS))


def read_event_lines(lines: Iterable[Line]) -> Iterator[Chunk]:
    return _event_chunks(json_rows(lines, EVENT_FIELDS))


def _columnar_events(path: Path) -> Iterator[Chunk]:
    for line, batch in read_batches(path, EVENT_FIELDS, REQUIRED_OF_EVENTS):
        if "properties" in batch.column_names and batch["properties"].null_count < len(batch):
            yield from _event_chunks(rows_of(line, batch))
        else:
            yield Chunk(_columns(batch).assign(**{LINE: np.arange(line, line + len(batch))}), ())


def _columns(batch: pa.RecordBatch) -> pd.DataFrame:
    frame = batch.to_pandas(types_mapper=pd.ArrowDtype)
    if "unit_price" in frame and pa.types.is_floating(batch["unit_price"].type):
        prices = [_exact(price) for price in batch["unit_price"].to_pylist()]
        frame["unit_price"] = pd.Series(prices, dtype=object)
    return frame


def _event_chunks(rows: Iterable[Record | Reject]) -> Iterator[Chunk]:
    for records, rejects in in_chunks(_with_nested_json(rows)):
        columns: dict[str, Any] = {name: [record.values.get(name) for record in records] for name in EVENT_FIELDS}
        columns["unit_price"] = [_exact(value) for value in columns["unit_price"]]
        frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
        frame[LINE] = [record.line for record in records]
        yield Chunk(frame, tuple(rejects))


def read_products(path: Path) -> Iterator[CatalogChunk]:
    rows = _with_nested_json(read_rows(path, PRODUCT_FIELDS, REQUIRED_OF_PRODUCTS))
    for records, rejects in in_chunks(rows, PRODUCTS_PER_CHUNK):
        products = [_product(record) for record in records]
        entries = tuple(product for product in products if isinstance(product, CatalogEntry))
        broken = tuple(product for product in products if isinstance(product, Reject))
        yield CatalogChunk(entries, (*rejects, *broken))


def _product(record: Record) -> CatalogEntry | Reject:
    values = {name: value for name, value in record.values.items() if value is not None}
    if "price" in values:
        values["price"] = _exact(values["price"])
    if isinstance(values.get("variants"), list):
        values["variants"] = [_exact_variant(variant) for variant in values["variants"]]
    try:
        return CatalogEntry(record.line, product_of(values))
    except InvalidRecordError as error:
        return Reject(record.line, str(error), record.values)


def _exact_variant(variant: Any) -> Any:
    if not isinstance(variant, dict):
        return variant
    present = {name: value for name, value in variant.items() if value is not None}
    return {**present, "price": _exact(present["price"])} if "price" in present else present


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if type(value) is float else value


def _with_nested_json(rows: Iterable[Record | Reject]) -> Iterator[Record | Reject]:
    for row in rows:
        if isinstance(row, Record) and any(isinstance(row.values.get(name), str) for name in JSON_FIELDS):
            yield _parsed(row)
        else:
            yield row


def _parsed(record: Record) -> Record | Reject:
    values = dict(record.values)
    for name in JSON_FIELDS:
        value = values.get(name)
        if not isinstance(value, str):
            continue
        try:
            values[name] = [value] if name == "category" and not value.startswith("[") else json.loads(value)
        except (ValueError, RecursionError):
            return Reject(record.line, f"{name}: not JSON", record.values)
    return Record(record.line, values)

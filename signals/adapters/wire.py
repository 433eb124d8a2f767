"""What the wire formats of events share: payloads become calls, rows and chunks, with ids where a source has none."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow.parquet as pq

from schemas.events import EventKind
from schemas.ids import natural_event_id
from schemas.money import MAX_AMOUNT
from signals.adapters.feed_files import exact_rows, json_line_rows, rows_by_extension
from signals.adapters.files import Line, check_columns
from signals.adapters.wire_values import is_within
from signals.datasets.ordinals import Ordinals
from signals.errors import InvalidRecordError
from signals.event_table import EVENT_COLUMNS
from signals.rows import LINE, Chunk, Record, Reject, in_chunks

Rows = Iterator[Record | Reject]
Call = Mapping[str, Any]

JSON_LINES: Final = dict.fromkeys((".jsonl", ".ndjson", ".json"), json_line_rows)
PARQUET_ROWS: Final = 1_000
NO_OBJECT: Final = "not a JSON object"
NATURAL_KEY: Final = (
    "kind",
    "user_id",
    "anonymous_id",
    "session_id",
    "item_id",
    "variant_id",
    "occurred_at",
    "quantity",
    "unit_price",
    "currency",
    "order_id",
    "position",
    "query",
)


@dataclass(frozen=True)
class WireFormat:
    """One wire format.

    Parameters
    ----------
    source
        The source of its events.
    calls_in
        The calls of one payload: those of an envelope, or the payload itself as the only one. Raises
        `InvalidRecordError` where it is neither.
    rows_of
        The canonical rows of one call with its line; a part of it that is none is a `Reject`. Raises
        `InvalidRecordError` where the call as a whole is no event.
    """

    source: str
    calls_in: Callable[[Call], Iterable[Any]]
    rows_of: Callable[[Call, int], Rows]

    def read(self, path: Path, readers: Mapping[str, Callable[[Path], Rows]] = JSON_LINES) -> Iterator[Chunk]:
        """The events of a file with one payload per row, read by its extension; memory stays flat.

        Raises
        ------
        UnreadableFileError
            As `rows_by_extension` does.
        """
        return self._chunks(rows_by_extension(path, readers), Ordinals())

    def line_reader(self) -> Callable[[Iterable[Line]], Iterator[Chunk]]:
        """Reads one file line by line, as its lines come; equal events without ids are told apart over all of them."""
        ordinals = Ordinals()
        return lambda lines: self._chunks(exact_rows(lines), ordinals)

    def _chunks(self, payloads: Rows, ordinals: Ordinals) -> Iterator[Chunk]:
        rows = chain.from_iterable(
            self._rows(payload.values, repeat(payload.line)) if isinstance(payload, Record) else [payload]
            for payload in payloads
        )
        for records, rejects in in_chunks(rows):
            yield _chunk(records, rejects, self.source, ordinals)

    def decode(self, payload: Any) -> Chunk:
        """The events of one request; a line is the place of a call in it, from 1.

        An event without an id has the same one when the request is sent again.
        """
        rows = list(self._rows(payload, count(1)))
        records = [row for row in rows if isinstance(row, Record)]
        rejects = [row for row in rows if isinstance(row, Reject)]
        return _chunk(records, rejects, self.source, Ordinals())

    def _rows(self, payload: Any, lines: Iterator[int]) -> Iterable[Record | Reject]:
        if not isinstance(payload, dict):
            return [Reject(next(lines), NO_OBJECT, payload)]
        try:
            calls = zip(self.calls_in(payload), lines, strict=False)
        except InvalidRecordError as error:
            return [Reject(next(lines), str(error), payload)]
        return chain.from_iterable(self._rows_of_call(call, line) for call, line in calls)

    def _rows_of_call(self, call: Any, line: int) -> list[Record | Reject]:
        if not isinstance(call, dict):
            return [Reject(line, NO_OBJECT, call)]
        try:
            return list(self.rows_of(call, line))
        except InvalidRecordError as error:
            return [Reject(line, str(error), call)]


def members(payload: Call, name: str, shared: Call) -> list[Any]:
    """The calls of an envelope, each with what the envelope says for all of them; its own values win.

    Raises
    ------
    InvalidRecordError
        ``name`` is no list, or an empty one.
    """
    calls = payload.get(name)
    if not isinstance(calls, list) or not calls:
        raise InvalidRecordError(f"{name}: {'empty' if calls == [] else 'not a list'}")
    return [{**shared, **call} if isinstance(call, dict) else call for call in calls]


def kind_of(field: str, name: Any, kinds: Mapping[str, EventKind], others: Collection[str]) -> EventKind:
    """The kind of an event by its name.

    Raises
    ------
    InvalidRecordError
        It is none: one of the ``others``, which the format knows and we have no kind for, or an unknown one.
    """
    if not isinstance(name, str):
        raise InvalidRecordError(f"{field}: missing")
    if name not in kinds:
        raise InvalidRecordError(f"{field}: {name if name in others else 'an unknown one'}, which is no shopping event")
    return kinds[name]


def parquet_rows(path: Path, wanted: Collection[str], required: Collection[str]) -> Rows:
    """The rows of a Parquet file, of the wanted columns those it has; few at a time, for they are nested.

    Raises
    ------
    UnreadableFileError
        One of the ``required`` columns is missing.
    """
    with pq.ParquetFile(path) as file:
        found = file.schema_arrow.names
        check_columns(path, found, found, required)
        columns = [name for name in found if name in wanted]
        batches = (batch.to_pylist() for batch in file.iter_batches(batch_size=PARQUET_ROWS, columns=columns))
        for line, values in enumerate(chain.from_iterable(batches), start=1):
            yield Record(line, values)


def _chunk(records: list[Record], rejects: list[Reject], source: str, ordinals: Ordinals) -> Chunk:
    columns: dict[str, list[Any]] = {name: [row.values.get(name) for row in records] for name in EVENT_COLUMNS}
    columns["source"] = [source] * len(records)
    _name_events(columns, source, ordinals)
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    frame[LINE] = [row.line for row in records]
    return Chunk(frame, tuple(rejects))


def _name_events(columns: dict[str, list[Any]], source: str, ordinals: Ordinals) -> None:
    """Ids for the events without one, made of their values: the same ones in every load and every kind of file."""
    ids = columns["event_id"]
    nameless = [place for place, event_id in enumerate(ids) if event_id is None]
    if not nameless:
        return
    keys = {name: [_key(columns[name][place]) for place in nameless] for name in NATURAL_KEY}
    numbers = ordinals.of(pd.DataFrame(keys, dtype="str")).tolist()
    for place, number, *values in zip(nameless, numbers, *keys.values(), strict=True):
        ids[place] = natural_event_id(source, values, number)


def _key(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii():
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal) and is_within(value, MAX_AMOUNT):
        return format(value.normalize(), "f")
    return str(value).encode("utf-8", "backslashreplace").decode()

"""The stored events in a file again: canonical Parquet, Segment calls, or Personalize interactions.

* ``parquet`` holds the columns of `schemas.Event`; loaded as ``canonical``, it gives every event back as it was.
* ``segment`` is JSON Lines, one call per event under the event's own id. It cannot hold ``source`` (all become
  ``segment``, so of two sources' events with the same id one is left), likes, dislikes and dwells; of an alias it holds
  the ids and the time; of ``properties`` those come back that `signals.adapters.segment` knows, others are written for
  other readers.
* ``personalize`` is the interactions CSV. It cannot hold searches and aliases, for they are about no item, nor ids,
  sources, sessions, variants, quantities, prices, orders, positions, queries, fractions of a second, and of
  ``properties`` only ``event_value``; ``anonymous_id`` stands in USER_ID, behind "anonymous:", where there is no user.
"""

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, TypeVar
from uuid import uuid4

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from schemas.money import AMOUNT_DECIMALS
from signals.adapters.personalize_export import COLUMNS, interaction_of
from signals.adapters.segment_export import call_of
from signals.errors import InvalidRecordError, UnknownFormatError, UnwritableFileError
from signals.event_frame import microseconds, objects
from signals.event_table import EVENT_COLUMNS
from signals.events import EventStore

AMOUNT_DIGITS: Final = 13 + AMOUNT_DECIMALS
PARQUET_TYPES: Final[Mapping[str, pa.DataType]] = {
    "occurred_at": pa.timestamp("us", tz="UTC"),
    "quantity": pa.int64(),
    "unit_price": pa.decimal128(AMOUNT_DIGITS, AMOUNT_DECIMALS),
    "position": pa.int64(),
}
PARQUET_SCHEMA: Final = pa.schema([(name, PARQUET_TYPES.get(name, pa.string())) for name in EVENT_COLUMNS])

T = TypeVar("T")
Event = dict[str, Any]
Write = Callable[[pd.DataFrame], Counter[str]]
"""Writes events; returns how many were left out, by reason."""


class ExportFormat(NamedTuple):
    extensions: tuple[str, ...]
    writing: Callable[[IO[bytes]], AbstractContextManager[Write]]


@dataclass(frozen=True)
class ExportReport:
    """``written + left_out`` = the events of the time range. ``reasons`` counts those left out, by reason."""

    written: int = 0
    left_out: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)


def export_events(
    engine: Engine,
    path: Path,
    format: str,  # noqa: A002
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Callable[[int], object] | None = None,
) -> ExportReport:
    """Write the events with ``since <= occurred_at < until`` in the order of time. Memory stays flat.

    The file appears whole or not at all; one of that name is replaced.

    Parameters
    ----------
    format
        A name of `EXPORT_FORMATS`.
    progress
        Called now and then with the number of events done so far.

    Raises
    ------
    UnknownFormatError, UnwritableFileError, DatabaseError
        Nothing was written.
    """
    if format not in EXPORT_FORMATS:
        raise UnknownFormatError(format, EXPORT_FORMATS)
    extensions, writing = EXPORT_FORMATS[format]
    if not path.name.lower().endswith(extensions):
        raise UnwritableFileError(f"{path}: no extension for {format}; allowed: {', '.join(extensions)}")
    done, reasons = 0, Counter[str]()
    with whole_file(path) as file, writing(file) as write:
        for frame in EventStore(engine).stream(since, until):
            reasons += write(frame)
            done += len(frame)
            if progress is not None:
                progress(done)
    return ExportReport(done - reasons.total(), reasons.total(), dict(reasons))


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file beside the one wanted, which takes its place when all is written; else it is gone.

    Raises
    ------
    UnwritableFileError
        What was there of that name is as it was.
    """
    partial_path = path.with_name(f".{uuid4().hex}.part")
    try:
        with partial_path.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial_path.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise UnwritableFileError(f"cannot write {path}: {reason}; make room for it, or name another file") from error
    finally:
        with suppress(OSError):
            partial_path.unlink()


@contextmanager
def _canonical(file: IO[bytes]) -> Iterator[Write]:
    with pq.ParquetWriter(file, PARQUET_SCHEMA) as writer:
        yield partial(_write_table, writer)


@contextmanager
def _calls(file: IO[bytes]) -> Iterator[Write]:
    yield partial(_write_lines, file, call_of, _as_json)


@contextmanager
def _interactions(file: IO[bytes]) -> Iterator[Write]:
    file.write(_as_csv([COLUMNS]).encode())
    yield partial(_write_lines, file, interaction_of, _as_csv)


def _write_table(writer: pq.ParquetWriter, frame: pd.DataFrame) -> Counter[str]:
    columns = [pa.array(_values(frame, name), PARQUET_SCHEMA.field(name).type) for name in EVENT_COLUMNS]
    writer.write_table(pa.table(columns, schema=PARQUET_SCHEMA))
    return Counter()


def _values(frame: pd.DataFrame, name: str) -> Any:
    if name == "occurred_at":
        return microseconds(frame[name])
    values = objects(frame[name])
    return [None if value is None else json.dumps(value) for value in values] if name == "properties" else values


def _write_lines(
    file: IO[bytes], express: Callable[[Event], T], lines_of: Callable[[list[T]], str], frame: pd.DataFrame
) -> Counter[str]:
    expressed, reasons = list[T](), Counter[str]()
    for event in _events(frame):
        try:
            expressed.append(express(event))
        except InvalidRecordError as error:
            reasons[str(error)] += 1
    file.write(lines_of(expressed).encode())
    return reasons


def _events(frame: pd.DataFrame) -> Iterator[Event]:
    columns = [objects(frame[name]) for name in EVENT_COLUMNS if name != "occurred_at"]
    names = [name for name in EVENT_COLUMNS if name != "occurred_at"]
    for occurred_at, *values in zip(microseconds(frame["occurred_at"]).tolist(), *columns, strict=True):
        event = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        yield {**event, "occurred_at": occurred_at}


def _as_json(calls: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(call, separators=(",", ":")) + "\n" for call in calls)


def _as_csv(rows: Iterable[tuple[Any, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


EXPORT_FORMATS: Final[Mapping[str, ExportFormat]] = {
    "parquet": ExportFormat((".parquet",), _canonical),
    "segment": ExportFormat((".jsonl", ".ndjson"), _calls),
    "personalize": ExportFormat((".csv",), _interactions),
}

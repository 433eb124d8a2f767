"""JSON Lines, CSV and Parquet read row by row, in flat memory; a broken line is a rejected row, not an exception."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, cast

import pyarrow as pa
import pyarrow.parquet as pq

from signals.errors import UnreadableFileError
from signals.rows import Record, Reject

BATCH_ROWS: Final = 50_000
MAX_LINE_BYTES: Final = 16 * 1024 * 1024
SHOWN_CHARACTERS: Final = 2_000

Rows = Iterator[Record | Reject]
Line = tuple[int, bytes | None]
"""The number of a line and its text; None for one that is too long to be held."""


def read_rows(path: Path, allowed: Collection[str], required: Collection[str]) -> Rows:
    """Every row of a file, by its extension. In CSV an empty field is a missing one.

    Raises
    ------
    UnreadableFileError
        No such file, an extension without a reader, a damaged file, or a column missing or not allowed.
    """
    reader = READERS.get(extension_of(path))
    if reader is None:
        raise UnreadableFileError(f"{path}: no reader for this extension; allowed: {', '.join(READERS)}")
    with readable(path):
        yield from reader(path, allowed, required)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turns what a file can do wrong into `UnreadableFileError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(f"no such file: {path}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowException) as error:
        first_line = str(error).partition("\n")[0]
        raise UnreadableFileError(
            f"{path} is damaged: {first_line}; get a whole copy and run it again: rows stored so far are not doubled"
        ) from error
    except OSError as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror or error}") from error


def check_columns(path: Path, found: Collection[str], allowed: Collection[str], required: Collection[str]) -> None:
    unknown = [name for name in found if name not in allowed]
    missing = [name for name in required if name not in found]
    if unknown:
        raise UnreadableFileError(f"{path} has an unknown column {unknown[0]!r}; allowed: {', '.join(allowed)}")
    if missing:
        raise UnreadableFileError(f"{path} lacks the column {missing[0]!r}; it has: {', '.join(found) or 'none'}")
    if len(set(found)) != len(found):
        raise UnreadableFileError(f"{path} has a column twice; it has: {', '.join(found)}")


def is_parquet(path: Path) -> bool:
    return extension_of(path) == ".parquet"


def extension_of(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def open_file(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def _json_rows(path: Path, allowed: Collection[str], required: Collection[str]) -> Rows:  # noqa: ARG001
    with open_file(path) as file:
        yield from json_rows(lines_of(file), allowed)


def json_rows(lines: Iterable[Line], allowed: Collection[str]) -> Rows:
    """The objects on lines of JSON that have no fields but the ``allowed`` ones; any other line is a reject."""
    known = frozenset(allowed)
    return values_of_lines(lines, lambda line, text: _json_row(line, text, known))


def values_of_lines(lines: Iterable[Line], parse: Callable[[int, bytes], Record | Reject]) -> Rows:
    """What ``parse`` makes of each line; one that is too long is a reject, a blank one is nothing."""
    for line, text in lines:
        if text is None:
            yield Reject(line, f"the line is longer than {MAX_LINE_BYTES} bytes", None)
        elif stripped := text.strip(b" \t\r\n\xef\xbb\xbf"):
            yield parse(line, stripped)


def lines_of(file: IO[bytes]) -> Iterator[Line]:
    """The lines of a file, numbered from 1."""
    number = 0
    while text := file.readline(MAX_LINE_BYTES):
        too_long = len(text) == MAX_LINE_BYTES and not text.endswith(b"\n")
        while too_long and text and not text.endswith(b"\n"):
            text = file.readline(MAX_LINE_BYTES)
        number += 1
        yield number, None if too_long else text


def _json_row(line: int, text: bytes, known: frozenset[str]) -> Record | Reject:
    try:
        values = json.loads(text.decode(), parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        shown = text[:SHOWN_CHARACTERS].decode(errors="replace")
        return Reject(line, "not UTF-8" if isinstance(error, UnicodeDecodeError) else "not JSON", shown)
    if not isinstance(values, dict):
        return Reject(line, "not a JSON object", values)
    if not known.issuperset(values):
        return Reject(line, "an unknown field", values)
    return Record(line, values)


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _csv_rows(path: Path, allowed: Collection[str], required: Collection[str]) -> Rows:
    with open_file(path) as file, io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        reader = csv.reader(text)
        header = next(reader, [])
        check_columns(path, header, allowed, required)
        while (row := next_csv_row(reader, header)) is not None:
            if not isinstance(row, Record) or row.values:
                yield row


def next_csv_row(reader: Any, header: list[str]) -> Record | Reject | None:
    line = reader.line_num + 1
    try:
        fields = next(reader, None)
    except csv.Error as error:
        return Reject(line, f"not CSV: {error}", None)
    if fields is None:
        return None
    if not fields:
        return Record(line, {})
    if len(fields) != len(header):
        return Reject(line, "the number of fields differs from the header's", fields)
    values = {name: value for name, value in zip(header, fields, strict=True) if value != ""}
    if not all(value.isascii() or _is_unicode(value) for value in values.values()):
        return Reject(line, "not UTF-8", {name: ascii(value) for name, value in values.items()})
    return Record(line, values) if values else Reject(line, "an empty row", fields)


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_batches(
    path: Path, allowed: Collection[str], required: Collection[str]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The batches of a Parquet file, each with the number of its first row; raises as `read_rows`."""
    with readable(path), pq.ParquetFile(path) as file:
        check_columns(path, file.schema_arrow.names, allowed, required)
        line = 1
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            yield line, batch
            line += len(batch)


def rows_of(line: int, batch: pa.RecordBatch) -> Iterator[Record]:
    """The rows of a batch, numbered from ``line``."""
    for number, values in enumerate(batch.to_pylist(maps_as_pydicts="lossy"), start=line):
        yield Record(number, {name: value for name, value in values.items() if value is not None})


def _parquet_rows(path: Path, allowed: Collection[str], required: Collection[str]) -> Rows:
    return chain.from_iterable(rows_of(*numbered) for numbered in read_batches(path, allowed, required))


READERS: Final[dict[str, Callable[[Path, Collection[str], Collection[str]], Rows]]] = {
    ".jsonl": _json_rows,
    ".ndjson": _json_rows,
    ".json": _json_rows,
    ".csv": _csv_rows,
    ".parquet": _parquet_rows,
}

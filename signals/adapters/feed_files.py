"""Feed files row by row: tables with tabs or commas, JSON Lines and JSON documents, with any columns and any fields.

Numbers of JSON with a fraction are read as Decimal, so that no price was ever a float.
"""

import csv
import io
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import chain
from pathlib import Path
from typing import Any, Final

from signals.adapters.files import (
    MAX_LINE_BYTES,
    SHOWN_CHARACTERS,
    Line,
    extension_of,
    lines_of,
    next_csv_row,
    open_file,
    readable,
    refuse_constant,
    values_of_lines,
)
from signals.errors import UnreadableFileError
from signals.rows import Record, Reject

MAX_DOCUMENT_BYTES: Final = 256 * 1024 * 1024
TABLES: Final = (".tsv", ".txt", ".csv")
JSON_LINES: Final = (".jsonl", ".ndjson")

Rows = Iterator[Record | Reject]


def rows_by_extension(path: Path, readers: Mapping[str, Callable[[Path], Rows]]) -> Rows:
    """Every row of a file by the reader of its extension; the ``.gz`` of a compressed file does not count.

    Raises
    ------
    UnreadableFileError
        No such file, an extension without a reader, a damaged file, or what the reader refuses.
    """
    reader = readers.get(extension_of(path))
    if reader is None:
        raise UnreadableFileError(f"{path}: no reader for this extension; allowed: {', '.join(readers)}")
    with readable(path):
        yield from reader(path)


def table_rows(path: Path, required: Collection[Collection[str]]) -> Rows:
    """The rows of a table by column; tabs part its fields where its first line has one, else commas do.

    Columns are known in lower case, with "_" for blanks and without "g:"; an empty field is a missing one.

    Raises
    ------
    UnreadableFileError
        Of one of the ``required`` lists of names, none is a column.
    """
    with open_file(path) as file, io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as text:
        first = text.readline(MAX_LINE_BYTES)
        reader = csv.reader(chain([first], text), delimiter="\t" if "\t" in first else ",")
        header = [_column(name) for name in next(reader, [])]
        for names in required:
            if not set(names).intersection(header):
                wanted = " or ".join(map(repr, names))
                raise UnreadableFileError(f"{path} lacks the column {wanted}; it has: {', '.join(header) or 'none'}")
        while (row := next_csv_row(reader, header)) is not None:
            if not isinstance(row, Record) or row.values:
                yield row


def json_line_rows(path: Path) -> Rows:
    """The objects of a JSON Lines file; a line that is none is a reject."""
    with open_file(path) as file:
        yield from exact_rows(lines_of(file))


def exact_rows(lines: Iterable[Line]) -> Rows:
    """The objects on lines of JSON; any other line is a reject."""
    return values_of_lines(lines, _json_row)


def json_document(path: Path) -> Any:
    """The one JSON value of a file, held as a whole.

    Raises
    ------
    UnreadableFileError
        It is no JSON, or too large to be held.
    """
    with open_file(path) as file:
        content = file.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise UnreadableFileError(f"{path} has more than {MAX_DOCUMENT_BYTES:,} bytes; give it as JSON Lines (.jsonl)")
    try:
        return parse_json(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{path} is no JSON document: {error}; JSON Lines are for .jsonl files") from error


def parse_json(text: str | bytes) -> Any:
    """A JSON value, exact; raises ValueError or RecursionError where it is none."""
    decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
    return json.loads(decoded, parse_float=_exact_number, parse_constant=refuse_constant)


def _exact_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text} is no number that a decimal can hold") from error


def _json_row(line: int, text: bytes) -> Record | Reject:
    try:
        values = parse_json(text)
    except (ValueError, RecursionError) as error:
        shown = text[:SHOWN_CHARACTERS].decode(errors="replace")
        return Reject(line, "not UTF-8" if isinstance(error, UnicodeDecodeError) else "not JSON", shown)
    return Record(line, values) if isinstance(values, dict) else Reject(line, "not a JSON object", values)


def _column(name: str) -> str:
    return "_".join(name.strip().lower().removeprefix("g:").split())

"""Files that hold JSON-LD: pages, documents and JSON Lines, each product of them as a row of its own."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

from signals.adapters.feed_files import (
    JSON_LINES,
    Rows,
    json_document,
    json_line_rows,
    parse_json,
    rows_by_extension,
)
from signals.adapters.files import MAX_LINE_BYTES, SHOWN_CHARACTERS, open_file
from signals.adapters.json_ld import products_in
from signals.errors import UnreadableFileError
from signals.rows import Record, Reject

JSON_LD: Final = "application/ld+json"
MAX_PAGE_BYTES: Final = MAX_LINE_BYTES
NO_PRODUCT: Final = "no schema.org Product in it"


def json_ld_rows(path: Path) -> Rows:
    """Every product, group and variant of a file; raises `UnreadableFileError` as `rows_by_extension` does.

    In JSON Lines its line is that of the object it stands in, in a page that of the script, in a document its number.
    """
    lines, documents = dict.fromkeys(JSON_LINES, _line_rows), dict.fromkeys((".json", ".jsonld"), _document_rows)
    return rows_by_extension(path, lines | documents | dict.fromkeys((".html", ".htm"), _page_rows))


def _line_rows(path: Path) -> Rows:
    for row in json_line_rows(path):
        found: list[Record | Reject] = [row] if isinstance(row, Reject) else [*_records(row.values, row.line)]
        yield from found or [Reject(row.line, NO_PRODUCT, None)]


def _document_rows(path: Path) -> Rows:
    products = products_in(json_document(path))
    yield from (Record(number, product) for number, product in enumerate(products, start=1))
    if not products:
        yield Reject(1, NO_PRODUCT, None)


def _page_rows(path: Path) -> Rows:
    scripts = _Scripts()
    scripts.feed(_page(path))
    scripts.close()
    rows = [row for line, text in scripts.found for row in _script_rows(text, line)]
    yield from rows or [Reject(1, NO_PRODUCT, None)]


def _page(path: Path) -> str:
    with open_file(path) as file:
        content = file.read(MAX_PAGE_BYTES + 1)
    if len(content) > MAX_PAGE_BYTES:
        raise UnreadableFileError(f"{path} has more than {MAX_PAGE_BYTES:,} bytes, which no page should have")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path} is not UTF-8; save the page as UTF-8") from error


def _script_rows(text: str, line: int) -> Rows:
    try:
        document = parse_json(text)
    except (ValueError, RecursionError):
        yield Reject(line, "not JSON", text[:SHOWN_CHARACTERS])
    else:
        yield from _records(document, line)


def _records(document: Any, line: int) -> Iterator[Record]:
    yield from (Record(line, product) for product in products_in(document))


class _Scripts(HTMLParser):
    """``found``: the JSON-LD scripts of a page, each with the line it begins on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = dict(attrs).get("type") or ""
        if tag == "script" and kind.partition(";")[0].strip().lower() == JSON_LD:
            self._is_open = True
            self.found.append((self.getpos()[0], ""))

    def handle_data(self, data: str) -> None:
        if self._is_open:
            line, text = self.found[-1]
            self.found[-1] = (line, text + data)

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and tag != "script"

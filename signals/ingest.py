"""Events and catalogues from files, and live events in-process: validate, de-duplicate, append.

A file is read in chunks, each stored in one transaction after its rejected rows are on disk. A load that was cut off is
simply run again: what is stored already counts as duplicated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from schemas.columns import Columns
from schemas.events import Event
from signals.ahead import ahead
from signals.catalog import CatalogStore
from signals.errors import EmptyCatalogError, InvalidRecordError, UnknownItemError
from signals.event_table import event_table, event_values
from signals.events import EventStore
from signals.formats import CATALOG_FORMATS, EVENT_FORMATS, reader_of
from signals.rejects import RejectFile
from signals.report import IngestReport
from signals.rows import LINE, Chunk, Reject
from signals.validation import check_events, event_of

__all__ = ["IngestReport", "ingest_events", "load_catalog", "record"]

UNKNOWN_ITEM: Final = "item_id: not in the catalogue"

Progress = Callable[[int], object]


def ingest_events(
    engine: Engine,
    path: Path,
    format: str,  # noqa: A002
    *,
    allow_unknown_items: bool = False,
    rejected: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Store the events of a file. Memory stays flat however long the file is.

    Parameters
    ----------
    format
        A name of `signals.formats.EVENT_FORMATS`.
    allow_unknown_items
        Store events on items that the catalogue does not hold instead of rejecting them.
    rejected
        Where rejected rows go (JSON Lines); None: ``<file>.rejected.jsonl`` in the current folder, with a number
        where that holds something else than earlier rejects of this file.
    progress
        Called after each chunk with the number of rows done so far.

    Raises
    ------
    UnknownFormatError, UnreadableFileError, DatabaseError
        Nothing of the chunk at hand was stored; earlier chunks were.
    EmptyCatalogError
        There are no products yet, so that no event could be accepted.
    """
    read = reader_of(EVENT_FORMATS, format)
    store, report = EventStore(engine), IngestReport()
    known = None if allow_unknown_items else pa.array(CatalogStore(engine).item_ids(), type=pa.string())
    with RejectFile(path, rejected) as rejects:
        for events, refused_rows, strangers in ahead(_sorted_out(read(path), known)):
            if known is not None and not len(known) and strangers and not len(events) and not report.accepted:
                raise EmptyCatalogError(path, format)
            refused = rejects.write((*refused_rows, *strangers))
            report += store.append(events) + IngestReport(rejected=refused)
            if progress is not None:
                progress(report.rows)
        return _final(report, rejects)


def load_catalog(
    engine: Engine,
    path: Path,
    format: str,  # noqa: A002
    *,
    rejected: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Store the products of a file; parameters and errors as for `ingest_events`. A row of the report is a product.

    Without ``rejected``, rejected rows go to ``<file>.products.rejected.jsonl``: one file may hold products and events.
    """
    read = reader_of(CATALOG_FORMATS, format)
    store, report = CatalogStore(engine), IngestReport()
    with RejectFile(path, rejected, what="products") as rejects:
        for chunk in read(path):
            refused = rejects.write(chunk.rejects)
            report += store.write(chunk.entries) + IngestReport(rejected=refused)
            if progress is not None:
                progress(report.rows)
        return _final(report, rejects)


def record(
    engine: Engine, events: Iterable[Event | Mapping[str, Any]], *, allow_unknown_items: bool = False
) -> IngestReport:
    """Store live events, all or none; durable on return.

    Raises
    ------
    InvalidRecordError
        One of ``events`` breaks `schemas.Event`; the message names its place and the rule.
    UnknownItemError
        One of them is on an item that the catalogue does not hold.
    """
    checked = [_checked(number, event) for number, event in enumerate(events, start=1)]
    if not allow_unknown_items:
        unknown = CatalogStore(engine).unknown(event.item_id for event in checked if event.item_id is not None)
        if unknown:
            raise UnknownItemError(unknown)
    return EventStore(engine).append(event_table(checked))


def _checked(number: int, event: Event | Mapping[str, Any]) -> Event:
    try:
        return event_of(event)
    except InvalidRecordError as error:
        raise InvalidRecordError(f"event {number}: {error}") from error


def _final(report: IngestReport, rejects: RejectFile) -> IngestReport:
    return report + IngestReport(reasons=dict(rejects.reasons), rejected_file=rejects.path)


def _sorted_out(
    chunks: Iterator[Chunk], known: pa.Array | None
) -> Iterator[tuple[pa.Table, tuple[Reject, ...], list[Reject]]]:
    """The events of each chunk, what is rejected of it, and its events on unknown items."""
    for chunk in chunks:
        checked = check_events(chunk.frame)
        events, strangers = _known_items(checked.events, known)
        yield events, (*chunk.rejects, *checked.rejects), strangers


def _known_items(events: pa.Table, known: pa.Array | None) -> tuple[pa.Table, list[Reject]]:
    if known is None:
        return events, []
    items = events[Columns.ITEM]
    is_known = pc.or_(items.is_null(), pc.is_in(items, known))
    if pc.all(is_known).as_py():
        return events, []
    strangers = events.filter(pc.invert(is_known))
    rows = zip(strangers[LINE].to_pylist(), event_values(strangers.drop_columns(LINE)), strict=True)
    return events.filter(is_known), [Reject(line, UNKNOWN_ITEM, row) for line, row in rows]

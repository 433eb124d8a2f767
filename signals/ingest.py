"""Events and catalogues from files: validate, de-duplicate, append.

A file is read in chunks, each stored in one transaction after its rejected rows are on disk. A load that was cut off is
simply run again: what is stored already counts as duplicated.
"""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from signals.ahead import ahead
from signals.catalog import CatalogStore
from signals.event_load import EventLoad
from signals.formats import CATALOG_FORMATS, EVENT_FORMATS, reader_of
from signals.rejects import RejectFile
from signals.report import IngestReport

__all__ = ["IngestReport", "Progress", "ingest_events", "load_catalog"]

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
    with RejectFile(path, rejected) as rejects:
        load = EventLoad(engine, path, format, rejects, allow_unknown_items=allow_unknown_items)
        for checked in ahead(map(load.check, read(path))):
            load.store(checked)
            if progress is not None:
                progress(load.report.rows)
        return load.report


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
        return report + IngestReport(reasons=dict(rejects.reasons), rejected_file=rejects.path)

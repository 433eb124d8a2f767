"""Events from a file that another program goes on writing: each line is stored as it comes."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from signals.adapters.files import Line, extension_of
from signals.errors import UnreadableFileError
from signals.event_load import EventLoad
from signals.formats import LINE_FORMATS, reader_of
from signals.ingest import Progress
from signals.rejects import RejectFile
from signals.report import IngestReport
from signals.retries import PATIENCE_SECONDS
from signals.rows import CHUNK_ROWS
from signals.tail import Tail

POLL_SECONDS: Final = 0.2
EXTENSIONS: Final = (".jsonl", ".ndjson", ".json")


def follow_events(
    engine: Engine,
    path: Path,
    format: str,  # noqa: A002
    stop: threading.Event,
    *,
    allow_unknown_items: bool = False,
    rejected: Path | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Store the events of a JSON Lines file, those there are and those that come, until ``stop`` is set.

    Lines are stored as soon as they are complete, many in one transaction where many are there. A file that is cut
    off is read again from its start; a new one of the same name follows the rest of the old one. Started again, the
    file is read from its start, and what is stored already counts as duplicated. Missed is a file that came and went
    within `POLL_SECONDS`, and that one was cut off if it has grown beyond its old length within them.

    Parameters
    ----------
    format
        A name of `signals.formats.LINE_FORMATS`.
    stop
        May be set by a signal handler, for nothing here waits on it. What is being stored then is stored; a line
        without an end is not.
    allow_unknown_items, rejected, progress
        As for `signals.ingest.ingest_events`.

    Returns
    -------
    IngestReport
        Of all lines read. A line of a rejected row is counted in its own file, from 1.

    Raises
    ------
    UnknownFormatError
        No format of that name can be followed.
    UnreadableFileError
        No such file at the start, no JSON Lines, or it cannot be read any more.
    DatabaseError
        A database that was unreachable, locked or busy stayed so for a minute, or another failure. Start again.
    EmptyCatalogError
        There are no products yet, so that no event could be accepted.
    """
    new_reader = reader_of(LINE_FORMATS, format)
    _require_lines(path)
    with RejectFile(path, rejected) as rejects:
        load = EventLoad(
            engine, path, format, rejects, allow_unknown_items=allow_unknown_items, patience_seconds=PATIENCE_SECONDS
        )
        while not stop.is_set():
            read = new_reader()
            for lines in _batches(path, stop):
                for chunk in read(lines):
                    load.store(load.check(chunk))
                if progress is not None:
                    progress(load.report.rows)
        return load.report


def _batches(path: Path, stop: threading.Event) -> Iterator[list[Line]]:
    """The lines of one file as they come, until it is over or ``stop`` is set."""
    with closing(Tail(path)) as tail:
        while not stop.is_set():
            is_over = tail.is_over()
            if lines := list(islice(tail.lines(), CHUNK_ROWS)):
                yield lines
            elif is_over:
                yield list(tail.rest())
                return
            else:
                time.sleep(POLL_SECONDS)


def _require_lines(path: Path) -> None:
    if extension_of(path) not in EXTENSIONS or path.suffix.lower() == ".gz":
        raise UnreadableFileError(
            f"{path} cannot be followed; allowed: JSON Lines ({', '.join(EXTENSIONS)}), not compressed"
        )

"""What becomes of one chunk of events after another: checked, its rejects put on disk, then stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Engine

from schemas.columns import Columns
from signals.catalog import CatalogStore
from signals.errors import EmptyCatalogError
from signals.event_table import event_values
from signals.events import EventStore
from signals.known_items import KnownItems
from signals.rejects import RejectFile
from signals.report import IngestReport
from signals.retries import patiently
from signals.rows import LINE, Chunk, Reject
from signals.validation import check_events

UNKNOWN_ITEM: Final = "item_id: not in the catalogue"


@dataclass(frozen=True)
class CheckedChunk:
    """Events to store, rows that are none, and events on unknown items."""

    events: pa.Table
    rejects: tuple[Reject, ...]
    strangers: tuple[Reject, ...]


class EventLoad:
    """The load of one source, named by its ``path`` and ``format``.

    Parameters
    ----------
    patience_seconds
        How long a database that is away or in use is waited for, chunk by chunk.
    """

    def __init__(
        self,
        engine: Engine,
        path: Path,
        format: str,  # noqa: A002
        rejects: RejectFile,
        *,
        allow_unknown_items: bool,
        patience_seconds: float = 0.0,
    ) -> None:
        self._store, self._catalog = EventStore(engine), CatalogStore(engine)
        self._source = (path, format)
        self._rejects = rejects
        self._known = None if allow_unknown_items else KnownItems(engine)
        self._patience_seconds = patience_seconds
        self._stored = IngestReport()

    @property
    def report(self) -> IngestReport:
        return self._stored + IngestReport(reasons=dict(self._rejects.reasons), rejected_file=self._rejects.path)

    def check(self, chunk: Chunk) -> CheckedChunk:
        """What of a chunk can be stored; another thread may store an earlier one meanwhile."""
        checked = check_events(chunk.frame)
        events, strangers = patiently(lambda: self._known_items(checked.events), self._patience_seconds)
        return CheckedChunk(events, (*chunk.rejects, *checked.rejects), tuple(strangers))

    def store(self, checked: CheckedChunk) -> None:
        """Store the events of a chunk, in one transaction after its rejects are on disk.

        Raises
        ------
        EmptyCatalogError
            There are no products yet, so that no event could be accepted.
        """
        if checked.strangers and not len(checked.events) and not self._stored.accepted and not self._catalog.count():
            raise EmptyCatalogError(*self._source)
        refused = self._rejects.write((*checked.rejects, *checked.strangers))
        stored = patiently(lambda: self._store.append(checked.events), self._patience_seconds)
        self._stored += stored + IngestReport(rejected=refused)

    def _known_items(self, events: pa.Table) -> tuple[pa.Table, list[Reject]]:
        if self._known is None:
            return events, []
        items = events[Columns.ITEM]
        unknown = self._known.unknown(pc.unique(items.drop_null()).to_pylist())
        if not unknown:
            return events, []
        is_stranger = pc.is_in(items, pa.array(unknown, type=pa.string()))
        known, strangers = events.filter(pc.invert(is_stranger)), events.filter(is_stranger)
        rows = zip(strangers[LINE].to_pylist(), event_values(strangers.drop_columns(LINE)), strict=True)
        return known, [Reject(line, UNKNOWN_ITEM, row) for line, row in rows]

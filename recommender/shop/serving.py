"""What a request reads: one consistent, immutable view of artifacts and catalogue, at most two seconds behind SQL."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.base_model.protocols import Encoder
from recommender.blend import POPULARITY
from recommender.catalog import CatalogColumns
from recommender.conversation.vocabulary import Vocabulary
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ranking import Ranker
from signals.catalog import CatalogStore

CHECK_SECONDS = 1.0
STALE_SECONDS = 2.0


@dataclass(frozen=True)
class View:
    artifacts: Artifacts
    columns: CatalogColumns
    words: Callable[[], Vocabulary]

    @classmethod
    def of(cls, artifacts: Artifacts, columns: CatalogColumns) -> "View":
        return cls(artifacts, columns, cache(lambda: _vocabulary(columns)))

    def with_columns(self, columns: CatalogColumns) -> "View":
        """The view after a change; words are read again only if more than price and stock changed."""
        if columns.content is self.columns.content:
            return View(self.artifacts, columns, self.words)
        return View.of(self.artifacts, columns)

    @cached_property
    def ranker(self) -> Ranker:
        return Ranker(self.artifacts.blend, self.artifacts.models[POPULARITY], self.artifacts.reranker)

    def embeddings_of(self, encoder: Encoder) -> ItemEmbeddings:
        """What `encoder` made of the products; raises ArtifactError if the artifacts hold nothing of it."""
        return self.artifacts.embeddings_of(encoder)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.words()

    @property
    def titles(self) -> Mapping[str, str]:
        return self.columns.titles


class Serving:
    """Keeps a View fresh. A reader waits for a refresh that another thread makes only if the view is older than 2 s."""

    def __init__(self, catalog: CatalogStore, store: ArtifactStore) -> None:
        self._catalog = catalog
        self._store = store
        self._refreshing = threading.Lock()
        self._mark: datetime | None
        self._as_of: datetime
        self._view = self._read(store.load())

    def view(self) -> View:
        """The current view, brought up to date if the last look at the catalogue is older than a second."""
        age = time.monotonic() - self._checked
        if age > CHECK_SECONDS and self._refreshing.acquire(blocking=age > STALE_SECONDS):
            try:
                if time.monotonic() - self._checked > CHECK_SECONDS:
                    self._refresh()
            finally:
                self._refreshing.release()
        return self._view

    def refresh(self) -> View:
        """The view as of now, whatever the time since the last look."""
        with self._refreshing:
            self._refresh()
            return self._view

    def reload(self) -> str:
        """Take the artifacts in use now; returns their version."""
        with self._refreshing:
            self._view = self._read(self._store.load())
            return self._view.artifacts.manifest.version

    def _refresh(self) -> None:
        now = datetime.now(UTC)
        changes = self._catalog.changes(self._mark, self._as_of, now)
        if changes.item_ids:
            changed = self._catalog.rows(as_of=now, item_ids=changes.item_ids)
            self._view = self._view.with_columns(self._view.columns.with_changes(changed, self._view.artifacts.items))
        self._mark, self._as_of, self._checked = changes.mark, now, time.monotonic()

    def _read(self, artifacts: Artifacts) -> View:
        now = datetime.now(UTC)
        artifacts.manifest.require_answerable(now)
        mark = self._catalog.last_change()
        columns = CatalogColumns(self._catalog.rows(as_of=now), artifacts.items)
        if not len(columns.item):
            raise ArtifactError(
                f"none of the {self._catalog.count():,} products in the database is among the {len(artifacts.items):,} "
                "that the artifacts were trained on; check --database and --artifacts, or run `recommender train`"
            )
        self._mark, self._as_of, self._checked = mark, now, time.monotonic()
        return View.of(artifacts, columns)


def _vocabulary(columns: CatalogColumns) -> Vocabulary:
    return Vocabulary.from_rows(columns.product_rows(datetime.now(UTC)))

"""What a request reads: one consistent, immutable view of artifacts and catalogue, at most two seconds behind SQL.

Products that are newer than the artifacts are part of it from when the photo index has them.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property

import numpy as np

from recommender.artifacts import Artifacts, ArtifactStore
from recommender.base_model.protocols import Encoder
from recommender.catalog import CatalogColumns
from recommender.conversation.vocabulary import Vocabulary
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import IdMap
from recommender.newcomers import with_index
from recommender.photo_index import PhotoIndex
from recommender.ranking import Ranker
from signals.catalog import CatalogStore

_log = logging.getLogger(__name__)

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
        return Ranker(self.artifacts.blend, self.artifacts.popularity, self.artifacts.reranker)

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
        self._index = PhotoIndex(store.folder)
        self._refreshing = threading.Lock()
        self._mark: datetime | None
        self._index_mark: object
        self._as_of: datetime
        self._trained: Artifacts
        self._view = self._read(store.load())

    @property
    def trained(self) -> Artifacts:
        """The artifacts as a training left them."""
        return self._trained

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
        now, view = datetime.now(UTC), self._view
        changes = self._catalog.changes(self._mark, self._as_of, now)
        if changes.item_ids:
            changed = self._catalog.rows(as_of=now, item_ids=changes.item_ids)
            view = view.with_columns(view.columns.with_changes(changed, view.artifacts.items))
        if self._index.mark != self._index_mark:
            view = self._with_index(view, now)
        self._view, self._mark, self._as_of, self._checked = view, changes.mark, now, time.monotonic()

    def _read(self, trained: Artifacts) -> View:
        now = datetime.now(UTC)
        trained.manifest.require_answerable(now)
        mark, artifacts = self._catalog.last_change(), self._grown(trained)
        columns = CatalogColumns(self._catalog.rows(as_of=now), artifacts.items)
        if not len(columns.item):
            raise ArtifactError(
                f"none of the {self._catalog.count():,} products in the database is among the {len(artifacts.items):,} "
                "that the artifacts were trained on; check --database and --artifacts, or run `recommender train`"
            )
        self._trained, self._mark, self._as_of, self._checked = trained, mark, now, time.monotonic()
        return View.of(artifacts, columns)

    def _with_index(self, view: View, now: datetime) -> View:
        """The view with what the photo index holds now; columns are built again only if there are other products."""
        artifacts = self._grown(self._trained)
        if np.array_equal(artifacts.items.array, view.artifacts.items.array):
            return View(artifacts, view.columns, view.words)
        ids = artifacts.items.ids(np.flatnonzero(view.artifacts.items.places_of(artifacts.items) < 0))
        rows = self._catalog.rows(as_of=now, item_ids=ids)
        return View.of(artifacts, view.columns.with_changes(rows, artifacts.items))

    def _grown(self, trained: Artifacts) -> Artifacts:
        self._index_mark = self._index.mark
        return grown_by(trained, self._index)


def grown_by(trained: Artifacts, index: PhotoIndex, among: IdMap | None = None) -> Artifacts:
    """The artifacts with what the photo index holds beside them (of `among` alone), where it can be used."""
    try:
        indexed = index.load()
        return with_index(trained, indexed if indexed is None or among is None else indexed.among(among))
    except ArtifactError as error:
        _log.warning("products that are newer than the artifacts are not served: %s", error)
        return trained


def _vocabulary(columns: CatalogColumns) -> Vocabulary:
    return Vocabulary.from_rows(columns.product_rows(datetime.now(UTC)))

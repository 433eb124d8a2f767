"""New products into the photo index, in the background: an open shop watches for them, whoever added them."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from PIL.Image import Image

from recommender.base_model.protocols import Embeddings, Encoder
from recommender.embedder import described, known_of
from recommender.embeddings import ItemEmbeddings
from recommender.errors import RecommenderError
from recommender.ids import IdMap
from recommender.indexer import BLOCK, Indexer
from recommender.photo_files import PhotoFolder
from recommender.photo_index import PhotoIndex
from recommender.shop.serving import Serving
from signals.catalog import CatalogStore
from signals.errors import SignalsError

WATCH_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 60.0
"""After a failure: an encoder that does not load, a full disk, a database that is away."""

_log = logging.getLogger(__name__)


class WhenNeeded:
    """The encoder that made embeddings, loaded by the first text or photo: what has not changed does without."""

    def __init__(self, made: ItemEmbeddings, load: Callable[[], Encoder]) -> None:
        self.name, self.digest, self.size = made.encoder, made.digest, made.size
        self._made, self._load = made, load

    def embed_text(self, texts: Sequence[str]) -> Embeddings:
        return self._encoder().embed_text(texts)

    def embed_photos(self, photos: Sequence[Image]) -> Embeddings:
        return self._encoder().embed_photos(photos)

    def _encoder(self) -> Encoder:
        encoder = self._load()
        self._made.require(encoder)
        return encoder


class _Closing(Exception):  # noqa: N818  # nothing went wrong
    pass


class Newcomers:
    """Looks every two seconds for products that are new or changed, and indexes their texts and photos.

    One process of a machine does so at a time; the shops of the others see what it has written.
    """

    def __init__(
        self,
        catalog: CatalogStore,
        serving: Serving,
        index: PhotoIndex,
        folder: PhotoFolder,
        encoder: Callable[[], Encoder],
    ) -> None:
        self._catalog, self._serving, self._index, self._folder = catalog, serving, index, folder
        self._encoder = encoder
        self._mark: datetime | None = None
        self._as_of = datetime.now(UTC)
        self._pending = set[str]()
        self._wake, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="newcomers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look(self) -> None:
        """Look now, rather than within two seconds."""
        self._wake.set()

    def close(self) -> None:
        """End once the few products that are being embedded are done; what is left is for the next shop to open."""
        self._closed.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._closed.is_set():
            self._wake.wait(pause)
            self._wake.clear()
            pause = WATCH_SECONDS
            try:
                self._follow()
            except _Closing:
                return
            except (RecommenderError, SignalsError) as error:
                _log.warning("new products wait for the photo index: %s", error)
                pause = RETRY_SECONDS
            except Exception:  # noqa: BLE001  # one that is not known yet must not end the watch
                _log.warning("new products wait for the photo index", exc_info=True)
                pause = RETRY_SECONDS

    def _follow(self) -> None:
        now = datetime.now(UTC)
        if self._mark is None:
            self._mark = self._catalog.last_change()
            self._pending.update(self._unknown())
        changes = self._catalog.changes(self._mark, self._as_of, now)
        self._pending.update(changes.item_ids)
        self._mark, self._as_of = changes.mark, now
        if not self._pending:
            return
        with self._index.watched() as alone:
            while alone and self._pending and not self._closed.is_set():
                block = sorted(self._pending)[:BLOCK]
                self._embed(block)
                self._pending.difference_update(block)
                self._serving.refresh()

    def _unknown(self) -> Iterable[str]:
        """What the catalogue has and the shop does not serve yet."""
        ids = IdMap.from_ids(self._catalog.item_ids())
        return ids.ids((self._serving.view().artifacts.items.places_of(ids) < 0).nonzero()[0])

    def _embed(self, item_ids: Iterable[str]) -> None:
        trained = self._serving.trained
        if trained.embeddings is None:
            return
        encoder = WhenNeeded(trained.embeddings, self._encoder)
        products = described(self._catalog.rows(item_ids=item_ids))
        Indexer(self._index, encoder, self._folder, known_of(trained)).fill(products, self._go_on, whole=False)

    def _go_on(self, *_: object) -> None:
        if self._closed.is_set():
            raise _Closing

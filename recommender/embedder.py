"""Embed the catalogue: each product's text and photo, once; what has not changed since it was embedded is kept."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pandas as pd
from PIL.Image import Image

from recommender.artifacts import Artifacts
from recommender.base_model.encoder import load_encoder
from recommender.base_model.photos import decode_photo
from recommender.base_model.protocols import Encoder
from recommender.embeddings import ItemEmbeddings, Kind, alike_cosine
from recommender.errors import BadPhotoError
from recommender.ids import IdMap
from recommender.kept_rows import Earlier, Rows, hash_of
from recommender.photo_files import PhotoFolder, Trouble
from recommender.selection import Progress, silent
from recommender.text import clean, without_stuffing
from schemas import Columns

BATCH: Final = 64
MAX_DESCRIPTION: Final = 300
"""Characters, without stuffing. The facts come before it, so that what an encoder cuts off is not they."""
MAX_READ: Final = 20_000
"""Characters of a description that are read for it: all that it may have."""
BUNDLED: Final = "bundled"
EMBEDDED: Final = "embedded"
KEPT: Final = "kept"
_DESCRIBED_BY: Final = (
    Columns.ITEM,
    Columns.TITLE,
    Columns.BRAND,
    Columns.CATEGORY,
    Columns.ATTRIBUTES,
    Columns.DESCRIPTION,
    Columns.IMAGE,
)


class Described:
    """One product as it is embedded: ``text``, and ``images``, the paths of its photos, the first variant's first."""

    def __init__(self) -> None:
        self._facts: dict[str, None] = {}
        self._description = ""
        self._images: dict[str, None] = {}

    def add(self, facts: Sequence[object], description: str, image: object) -> None:
        """What one variant adds; facts that are no text are none."""
        self._facts.update((fact, None) for fact in facts if isinstance(fact, str) and fact)
        said = without_stuffing(clean(description, MAX_READ))
        self._description = self._description or clean(said, MAX_DESCRIPTION)
        if isinstance(image, str) and image:
            self._images[image] = None

    @property
    def text(self) -> str:
        """Without stuffing: a product gains nothing by saying over and over what it wants to be found by."""
        return without_stuffing(f"{', '.join(self._facts)}. {self._description}")

    @property
    def images(self) -> tuple[str, ...]:
        return tuple(self._images)


def described(catalog: pd.DataFrame) -> dict[str, Described]:
    """Each item's text: title, brand, category, the attributes of all its variants, and a short description."""
    found: defaultdict[str, Described] = defaultdict(Described)
    columns = [catalog[name] for name in _DESCRIBED_BY]
    for item, title, brand, category, attributes, description, image in zip(*columns, strict=True):
        values = [value for several in attributes.values() for value in several]
        found[item].add((title, brand, *reversed(category), *values), description, image)
    return dict(found)


Place = tuple[int, str, Described]
"""Item index, item id and product."""
Known = tuple[IdMap, ItemEmbeddings]
"""What was embedded earlier, by item."""


@dataclass
class Embedder:
    """Embeds with ``encoder``; of ``before``, the first that has one first, rows are taken over where nothing changed.

    ``photos`` counts what became of the products' photos: embedded, kept, or a `Trouble`; ``troubles`` names the
    products whose photo was not looked at. Without a ``folder`` none is.
    """

    encoder: Encoder
    folder: PhotoFolder | None = None
    before: Sequence[Known] = ()
    photos: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, Trouble] = field(default_factory=dict)

    def embed(self, catalog: pd.DataFrame, items: IdMap, progress: Progress = silent) -> ItemEmbeddings:
        """Vectors of all `items`, from the rows of the catalogue."""
        return self.embed_products(described(catalog), items, progress)

    def embed_products(
        self, products: Mapping[str, Described], items: IdMap, progress: Progress = silent
    ) -> ItemEmbeddings:
        """Vectors of all `items`; those of `products`, all of them items, are made."""
        indexes = items.indexes(list(products)).tolist()
        places = list(zip(indexes, products.keys(), products.values(), strict=True))
        texts, photos = self._rows(items, "text"), self._rows(items, "photo")
        for start in range(0, len(places), BATCH):
            progress(start / len(places), f"embedding {len(places):,} products")
            self._embed_texts(texts, places[start : start + BATCH])
            if self.folder is not None:
                self._embed_photos(photos, places[start : start + BATCH], self.folder)
        alike = alike_cosine(photos.vectors[photos.hashes.any(axis=1)], np.random.default_rng(0))
        encoder = self.encoder
        return ItemEmbeddings(
            encoder.name, encoder.digest, texts.vectors, photos.vectors, texts.hashes, photos.hashes, alike
        )

    def _rows(self, items: IdMap, kind: Kind) -> Rows:
        """Empty rows that know the earlier ones of the same encoder."""
        same = [(ids, made) for ids, made in self.before if made.digest == self.encoder.digest]
        earlier = [Earlier(*made.rows(kind), ids.places_of(items)) for ids, made in same]
        return Rows(len(items), self.encoder.size, earlier)

    def _embed_texts(self, rows: Rows, products: Sequence[Place]) -> None:
        hashed = [(item, product.text, hash_of(product.text.encode())) for item, _, product in products]
        changed = [one for one in hashed if not rows.keep(one[0], one[2])]
        if changed:
            vectors = self.encoder.embed_text([text for _, text, _ in changed])
            for (item, _, digest), vector in zip(changed, vectors, strict=True):
                rows.put(item, vector, digest)

    def _embed_photos(self, rows: Rows, products: Sequence[Place], folder: PhotoFolder) -> None:
        changed = list(self._changed_photos(rows, products, folder))
        self.photos[EMBEDDED] += len(changed)
        if changed:
            vectors = self.encoder.embed_photos([photo for _, photo, _ in changed])
            for (item, _, digest), vector in zip(changed, vectors, strict=True):
                rows.put(item, vector, digest)

    def _changed_photos(
        self, rows: Rows, products: Sequence[Place], folder: PhotoFolder
    ) -> Iterator[tuple[int, Image, bytes]]:
        """The photos to embed, with the item and the hash of each; the others are counted."""
        for item, item_id, product in products:
            data = folder.first(product.images) if product.images else Trouble.MISSING
            if isinstance(data, Trouble):
                self._count(data, item_id, product)
            elif rows.keep(item, digest := hash_of(data)):
                self.photos[KEPT] += 1
            elif (photo := _decoded(data)) is None:
                self._count(Trouble.UNREADABLE, item_id, product)
            else:
                yield item, photo, digest

    def _count(self, trouble: Trouble, item_id: str, product: Described) -> None:
        self.photos[trouble] += 1
        if product.images:
            self.troubles[item_id] = trouble


def known_of(artifacts: Artifacts | None) -> list[Known]:
    """What artifacts hold; nothing where they were made without an encoder."""
    if artifacts is None or artifacts.embeddings is None:
        return []
    return [(artifacts.items, artifacts.embeddings)]


def embedder_of(
    encoder: Encoder | Literal["bundled"] | None, photos: Path | None, before: Sequence[Known] = ()
) -> Embedder | None:
    """What embeds with `encoder` the products' texts, and their photos where there is a folder of them."""
    if encoder is None:
        return None
    used = load_encoder() if isinstance(encoder, str) else encoder
    return Embedder(used, None if photos is None else PhotoFolder(photos), before)


def _decoded(data: bytes) -> Image | None:
    try:
        return decode_photo(data)
    except BadPhotoError:
        return None

"""What fills the photo index: the texts and photos of products, a block at a time, each kept once it is made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from recommender.base_model.protocols import Encoder
from recommender.catalog import Mask
from recommender.embedder import Described, Embedder, Known
from recommender.embeddings import ItemEmbeddings
from recommender.ids import IdMap, Indexes
from recommender.indexed import Indexed
from recommender.photo_files import PhotoFolder, Trouble
from recommender.photo_index import PhotoIndex
from recommender.selection import Progress, silent

BLOCK: Final = 512
"""Products of one part: what is lost of work that is killed."""


@dataclass
class Filled:
    """What became of products.

    Attributes
    ----------
    written : how many have a new row; the others had the same one
    photos : embedded, kept, or a `Trouble`, and how often
    troubles : of each product whose photo was not looked at, why
    """

    products: int = 0
    written: int = 0
    photos: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, Trouble] = field(default_factory=dict)


@dataclass(frozen=True)
class Indexer:
    """Puts products into ``index``; rows of ``others``, by the same encoder, are taken over where nothing changed."""

    index: PhotoIndex
    encoder: Encoder
    folder: PhotoFolder
    others: Sequence[Known] = ()

    def fill(self, products: Mapping[str, Described], progress: Progress = silent, *, whole: bool) -> Filled:
        """Bring the rows of `products`, by item id, up to what they say and show now.

        Parameters
        ----------
        whole : also those that ``others`` have as they are, so that the index has them all

        Raises
        ------
        ArtifactError : the index is damaged, another encoder's, or cannot be written
        """
        indexed, filled, ids = self.index.load(self.encoder, verify=whole), Filled(len(products)), sorted(products)
        for start in range(0, len(ids), BLOCK):
            block = {item_id: products[item_id] for item_id in ids[start : start + BLOCK]}

            def within(share: float, _: str, done: int = start, size: int = len(block)) -> None:
                progress((done + share * size) / len(ids), f"indexing {len(ids):,} products")

            self._fill(block, indexed, filled, within, whole=whole)
        return filled

    def _fill(
        self,
        block: Mapping[str, Described],
        indexed: Indexed | None,
        filled: Filled,
        progress: Progress,
        *,
        whole: bool,
    ) -> None:
        items = IdMap.from_ids(block)
        own = [] if indexed is None else [indexed.known(items)]
        embedder = Embedder(self.encoder, self.folder, [*own, *self.others], filled.photos, filled.troubles)
        made = embedder.embed_products(block, items, progress)
        rows = np.flatnonzero(self._is_new(items, made, own, whole=whole))
        if len(rows):
            self.index.append(self.encoder, IdMap(items.array[rows]), made.taken(rows))
            filled.written += len(rows)

    def _is_new(self, items: IdMap, made: ItemEmbeddings, own: Sequence[Known], *, whole: bool) -> Mask:
        """Which items differ from their row in the index; where they have none, from that of the others."""
        new = np.ones(len(items), dtype=np.bool_)
        unseen = np.ones(len(items), dtype=np.bool_)
        for known, before in (*own, *(() if whole else self.others)):
            places = known.places_of(items)
            seen = unseen & (places >= 0)
            new[seen] = _differs(made.taken(np.flatnonzero(seen)), before, places[seen])
            unseen &= ~seen
        return new


def _differs(made: ItemEmbeddings, before: ItemEmbeddings, places: Indexes) -> Mask:
    """Which rows were made from something else than the rows of `before` at `places`."""
    pairs = ((made.text_hashes, before.text_hashes), (made.photo_hashes, before.photo_hashes))
    return np.any([(new != old[places]).any(axis=1) for new, old in pairs], axis=0)

"""The photo index as it was read: of each product its newest row, whichever part that is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.embeddings import HASH_BYTES, Hashes, ItemEmbeddings
from recommender.ids import IdMap, Indexes
from recommender.neighbors import PhotoNeighbors

ALIKE_UNKNOWN: Final = 1.0
"""Parts do not say from which cosine photos look alike: training says it of a whole catalogue."""
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReadPart:
    items: IdMap
    embeddings: ItemEmbeddings
    times: Times


@dataclass(frozen=True)
class Indexed:
    """The index as it was read: row ``row_of[i]`` of ``parts[part_of[i]]`` is that of item i, made at ``times[i]``.

    Times are microseconds since 1970. ``neighbors`` find photos among those of the first part, by its rows.
    """

    items: IdMap
    parts: Sequence[ItemEmbeddings]
    part_of: Indexes
    row_of: Indexes
    times: Times
    neighbors: PhotoNeighbors | None = None

    @classmethod
    def of(cls, read: Sequence["ReadPart"], neighbors: PhotoNeighbors | None = None) -> "Indexed":
        """Of a product that several parts have, the row of the last one counts."""
        maps, parts = [one.items for one in read], [one.embeddings for one in read]
        if len(maps) == 1:
            rows = np.arange(len(maps[0]), dtype=np.int32)
            return cls(maps[0], parts, np.zeros_like(rows), rows, read[0].times, neighbors)
        width = max(one.array.dtype.itemsize for one in maps)
        newest_first = list(enumerate(maps))[::-1]
        every = np.concatenate([one.array.astype(f"S{width}") for _, one in newest_first])
        ids, first = np.unique(every, return_index=True)
        part_of = np.concatenate([np.full(len(one), place, np.int32) for place, one in newest_first])
        row_of = np.concatenate([np.arange(len(one), dtype=np.int32) for _, one in newest_first])
        times = np.concatenate([read[place].times for place, _ in newest_first])
        return cls(IdMap(ids), parts, part_of[first], row_of[first], times[first], neighbors)

    @property
    def digest(self) -> str:
        """Of the encoder."""
        return self.parts[0].digest

    @property
    def hashes(self) -> tuple[Hashes, Hashes]:
        """What the text and the photo of every item were made from, shape (n_items, 16) each."""
        found = tuple(np.empty((len(self.items), HASH_BYTES), np.uint8) for _ in range(2))
        for place, part in enumerate(self.parts):
            own = self.part_of == place
            for into, hashes in zip(found, (part.text_hashes, part.photo_hashes), strict=True):
                into[own] = hashes[self.row_of[own]]
        return found[0], found[1]

    def taken(self, items: npt.NDArray[np.integer]) -> ItemEmbeddings:
        """The embeddings of `items`, copied, in that order."""
        n, size, first = len(items), self.parts[0].size, self.parts[0]
        text, photos = np.empty((n, size), np.float32), np.empty((n, size), np.float32)
        hashes = np.empty((n, HASH_BYTES), np.uint8), np.empty((n, HASH_BYTES), np.uint8)
        for place in np.unique(self.part_of[items]):
            at, part = np.flatnonzero(self.part_of[items] == place), self.parts[place]
            rows = self.row_of[items[at]]
            text[at], photos[at] = part.text[rows], part.photos[rows]
            hashes[0][at], hashes[1][at] = part.text_hashes[rows], part.photo_hashes[rows]
        return ItemEmbeddings(first.encoder, first.digest, text, photos, *hashes, ALIKE_UNKNOWN)

    def known(self, items: IdMap | None = None) -> tuple[IdMap, ItemEmbeddings]:
        """The items with their embeddings, or those of `items` alone; copied where they are not one whole part."""
        if items is None and len(self.parts) == 1:
            return self.items, self.parts[0]
        places = np.arange(len(self.items)) if items is None else self.places_among(items)
        return IdMap(self.items.array[places]), self.taken(places)

    def among(self, items: IdMap) -> "Indexed":
        """Those of `items` alone."""
        places = self.places_among(items)
        rows = self.part_of[places], self.row_of[places], self.times[places]
        return Indexed(IdMap(self.items.array[places]), self.parts, *rows, self.neighbors)

    def places_among(self, items: IdMap) -> Indexes:
        """The places, ascending, of those of `items` that are in the index."""
        found = self.items.places_of(items)
        return np.sort(found[found >= 0])

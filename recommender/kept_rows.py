"""Rows of embeddings while they are made: a row whose origin has not changed is taken over from earlier ones."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommender.dataset import Floats
from recommender.embeddings import HASH_BYTES, Hashes
from recommender.ids import Indexes


def hash_of(data: bytes) -> bytes:
    """What a row is known by again."""
    return hashlib.sha256(data).digest()[:HASH_BYTES]


@dataclass(frozen=True)
class Earlier:
    """Rows that were made earlier: those of item i are at ``places[i]``, -1 where it had none."""

    vectors: Floats
    hashes: Hashes
    places: Indexes

    def find(self, item: int, digest: bytes) -> Floats | None:
        """The vector of an item that was made from the same."""
        place = int(self.places[item])
        return self.vectors[place] if place >= 0 and self.hashes[place].tobytes() == digest else None


class Rows:
    """``vectors`` (n_items, size) and ``hashes`` (n_items, 16): zeros where nothing was put yet."""

    def __init__(self, n_items: int, size: int, earlier: Sequence[Earlier] = ()) -> None:
        self.vectors = np.zeros((n_items, size), dtype=np.float32)
        self.hashes = np.zeros((n_items, HASH_BYTES), dtype=np.uint8)
        self._earlier = earlier

    def put(self, item: int, vector: Floats, digest: bytes) -> None:
        self.vectors[item] = vector
        self.hashes[item] = np.frombuffer(digest, dtype=np.uint8)

    def keep(self, item: int, digest: bytes) -> bool:
        """Take the item's earlier row, if one was made from what has this hash; whether there was one."""
        for earlier in self._earlier:
            vector = earlier.find(item, digest)
            if vector is not None:
                self.put(item, vector, digest)
                return True
        return False

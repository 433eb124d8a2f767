"""External ids on one side, matrix indexes on the other, and the one map between them."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from recommender.errors import UnknownIdError

Indexes = npt.NDArray[np.int32]


class IdMap:
    """Ids in ascending order; an id's index is its place, so a tie broken by index is broken by id.

    The ids live in one fixed-width array of UTF-8 bytes: it can be memory-mapped, shared between processes and
    searched without being loaded.
    """

    def __init__(self, sorted_ids: npt.NDArray[np.bytes_]) -> None:
        self._ids = sorted_ids

    @classmethod
    def from_ids(cls, ids: Iterable[str]) -> "IdMap":
        """Map the distinct ids among `ids`."""
        encoded = np.array([text.encode() for text in set(ids)], dtype=np.bytes_)
        return cls(np.sort(encoded) if encoded.size else np.empty(0, dtype="S1"))

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def array(self) -> npt.NDArray[np.bytes_]:
        """The ids as sorted UTF-8 bytes, shape (n,)."""
        return self._ids

    def find(self, ids: Sequence[str]) -> Indexes:
        """Indexes of `ids`, -1 where unknown; int32, shape (len(ids),)."""
        if not len(self) or not len(ids):
            return np.full(len(ids), -1, dtype=np.int32)
        wanted = np.array([text.encode() for text in ids], dtype=np.bytes_)
        places = np.searchsorted(self._ids, wanted.astype(self._ids.dtype))
        places[places == len(self)] = 0
        return np.where(self._ids[places] == wanted, places, -1).astype(np.int32)

    def places_of(self, others: "IdMap") -> Indexes:
        """Indexes of all ids of another map, -1 where unknown; int32, shape (len(others),)."""
        return self.find(others.ids(np.arange(len(others))))

    def indexes(self, ids: Sequence[str]) -> Indexes:
        """Indexes of `ids`; raises UnknownIdError and names the first one it does not know."""
        found = self.find(ids)
        if (found < 0).any():
            unknown = ids[int(np.argmin(found))]
            raise UnknownIdError(f"unknown id {unknown!r}; the {len(self):,} known ids come from the training data")
        return found

    def index(self, one: str) -> int:
        return int(self.indexes([one])[0])

    def ids(self, indexes: npt.ArrayLike) -> list[str]:
        """Ids at `indexes`, each in [0, len)."""
        return [raw.decode() for raw in self._ids[np.asarray(indexes, dtype=np.int64)]]


class GrownIdMap(IdMap):
    """Ids that are `known`, at the indexes that they have, and `newer` ones behind them.

    An index of the known ids stays what it is; a newer id comes after all of them, whatever its letters.
    """

    def __init__(self, known: IdMap, newer: IdMap) -> None:
        width = max(known.array.dtype, newer.array.dtype)
        super().__init__(np.concatenate([known.array.astype(width), newer.array.astype(width)]))
        self._known, self._newer = known, newer

    def find(self, ids: Sequence[str]) -> Indexes:
        found, newer = self._known.find(ids), self._newer.find(ids)
        return np.where((found < 0) & (newer >= 0), newer + len(self._known), found).astype(np.int32)

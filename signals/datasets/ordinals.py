"""Which of its equals a row is, counted over a whole file in twelve bytes per distinct row."""

import numpy as np
import numpy.typing as npt
import pandas as pd


class Ordinals:
    """Numbers equal rows 0, 1, 2, ... in the order given, over any number of chunks.

    Rows are told apart by a 64-bit hash that does not change between runs, so that a second load of the same file
    numbers them alike.
    """

    def __init__(self) -> None:
        self._hashes: npt.NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
        self._counts: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)

    def of(self, rows: pd.DataFrame) -> npt.NDArray[np.int64]:
        hashes = pd.util.hash_pandas_object(rows, index=False).to_numpy(dtype=np.uint64)
        within = pd.Series(hashes).groupby(hashes).cumcount().to_numpy()
        distinct, inverse, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        earlier = self._count(distinct.astype(np.uint64), counts)
        return within + earlier[inverse]

    def _count(self, hashes: npt.NDArray[np.uint64], counts: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Adds sorted distinct hashes; returns how often each was seen before."""
        places = np.searchsorted(self._hashes, hashes)
        inside = places < len(self._hashes)
        seen = inside.copy()
        seen[inside] = self._hashes[places[inside]] == hashes[inside]
        earlier = np.zeros(len(hashes), dtype=np.int64)
        earlier[seen] = self._counts[places[seen]]
        self._counts[places[seen]] += counts[seen].astype(np.int32)
        self._hashes = np.insert(self._hashes, places[~seen], hashes[~seen])
        self._counts = np.insert(self._counts, places[~seen], counts[~seen].astype(np.int32))
        return earlier

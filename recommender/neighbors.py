"""The photos that are near to one, among very many: a graph of neighbours on disk, memory-mapped.

Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world
graphs" (2018), as usearch has it. tests/benchmarks/RESULTS.md compares it with others.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from usearch.index import Index

from recommender.dataset import Floats
from recommender.ids import Indexes
from recommender.selection import Progress, silent

BLOCK: Final = 10_000
DTYPE: Final = "i8"
"""Of the vectors in the graph; what it finds is compared exactly."""
CONNECTIVITY: Final = 16
EXPANSION: Final = 128
"""Candidates that are kept while a vector is added."""


class PhotoNeighbors:
    """Finds rows of the matrix that it was built from. Safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index

    @classmethod
    def build(cls, photos: Floats, rows: npt.NDArray[np.int64], path: Path, progress: Progress = silent) -> None:
        """Write the graph of `rows` of `photos`, whose lengths are 1, to `path`."""
        index = Index(
            ndim=photos.shape[1], metric="ip", dtype=DTYPE, connectivity=CONNECTIVITY, expansion_add=EXPANSION
        )
        for start in range(0, len(rows), BLOCK):
            progress(start / len(rows), f"neighbours of {len(rows):,} photos")
            block = rows[start : start + BLOCK]
            index.add(block, photos[block])
        index.save(str(path))

    @classmethod
    def mapped(cls, path: Path) -> "PhotoNeighbors":
        index = Index.restore(str(path), view=True)
        if index is None:
            raise FileNotFoundError(path)
        return cls(index)

    def rows(self, photo: Floats, n: int) -> npt.NDArray[np.int64]:
        """About the `n` nearest rows, nearest first."""
        return np.asarray(self._index.search(photo, n, threads=1).keys, dtype=np.int64)


@dataclass(frozen=True)
class NearItems:
    """``found`` among items: ``items[row]`` is the item of a row, -1 where it is of none; ``beside`` are not in it."""

    found: PhotoNeighbors
    items: Indexes
    beside: Indexes

    def nearest(self, photo: Floats, n: int) -> Indexes:
        items = self.items[self.found.rows(photo, n)]
        return np.concatenate([items[items >= 0], self.beside])

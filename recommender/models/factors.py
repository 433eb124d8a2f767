"""Factors of items whose inner product with a shopper's vector is a score, and what answers with them quickly."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.linalg.blas import sgemm

from recommender.dataset import Floats, Histories
from recommender.models.base import Arrays, Items, Lists, Scoring, Scorings, scales

BLOCK = 65_536
LEVELS = 127
"""Whole numbers on either side of 0 that a quantised factor is rounded to."""


@dataclass(frozen=True)
class Factors:
    """Item factors in the basis in which their Gram matrix is diagonal: turning them changes no inner product.

    Attributes
    ----------
    rows : float32, shape (n_items, size)
    energy : float64, shape (size,), the diagonal of ``rows.T @ rows``
    mean : float64, shape (size,), of the rows
    codes : int8, shape (n_items, size), the rows in whole steps of their own, so that a scan reads a quarter of them
    steps : float32, shape (n_items,), the step of each row
    """

    rows: Floats
    energy: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    codes: npt.NDArray[np.int8]
    steps: Floats

    @classmethod
    def turned(cls, factors: Floats) -> tuple[Self, npt.NDArray[np.float64]]:
        """Factors of any basis, shape (n_items, size), and the matrix, shape (size, size), that turned them."""
        blocks = (factors[start : start + BLOCK].astype(np.float64) for start in range(0, len(factors), BLOCK))
        _, basis = np.linalg.eigh(sum(block.T @ block for block in blocks))
        rows = factors @ basis.astype(np.float32)
        energy = np.square(rows).sum(axis=0, dtype=np.float64)
        largest = np.abs(rows).max(axis=1, initial=0)
        steps = np.where(largest > 0, largest / LEVELS, np.float32(1))
        codes = np.rint(rows / steps[:, None]).astype(np.int8)
        return cls(rows, energy, rows.mean(axis=0, dtype=np.float64), codes, steps), basis

    def arrays(self) -> Arrays:
        return {
            "factors": self.rows,
            "energy": self.energy,
            "mean": self.mean,
            "codes": self.codes,
            "steps": self.steps,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(*(arrays[name] for name in ("factors", "energy", "mean", "codes", "steps")))

    def __len__(self) -> int:
        return len(self.rows)

    def spread(self, vector: Floats) -> float:
        """The standard deviation of ``rows @ vector``, without computing it."""
        return float(self.spreads(vector[None])[0])

    def spreads(self, vectors: Floats) -> npt.NDArray[np.float64]:
        """As `spread` of each of the vectors, shape (n, size)."""
        second = np.square(vectors, dtype=np.float64) @ self.energy / len(self)
        return np.asarray(np.sqrt(np.maximum(second - np.square(vectors @ self.mean), 0.0)))


@dataclass(frozen=True)
class InnerProducts(Scoring):
    """Scores ``factors.rows @ vector``.

    Attributes
    ----------
    by_event : float32, shape (n_events, size), what each event adds to the vector
    vector : float32, shape (size,)
    """

    factors: Factors
    by_event: Floats
    vector: Floats
    spread: float

    @classmethod
    def of(cls, factors: Factors, by_event: Floats, constant: Floats | None = None) -> Self:
        """`constant`, shape (size,): the vector of who did nothing; zeros if it is None."""
        vector = by_event.sum(axis=0) if constant is None else by_event.sum(axis=0) + constant
        return cls(factors, by_event, vector, factors.spread(vector))

    def scores(self, items: Items) -> Floats:
        return self.factors.rows[items] @ self.vector

    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        """Add the inner products with the quantised factors."""
        from recommender.models.scan import scan  # noqa: PLC0415  # small catalogues are answered without the compiler

        scan(self.factors.codes, self.factors.steps, np.float32(scale) * self.vector, items, total)

    def contributions(self, items: Items) -> Floats:
        return self.factors.rows[items] @ self.by_event.T


@dataclass(frozen=True)
class InnerProductLists(Scorings):
    """Scores ``factors.rows @ vector`` of several histories.

    Attributes
    ----------
    shares : float32, shape (n_events,), how much of an event's item makes up the vector
    carried : linear, takes items' factors, shape (n, size), to what they add to a vector
    constant : float32, shape (size,), the vector of who did nothing; zeros if it is None
    """

    factors: Factors
    queries: Histories
    shares: Floats
    carried: Callable[[Floats], Floats]
    constant: Floats | None = None

    @cached_property
    def vectors(self) -> Floats:
        """float32, shape (n, size)."""
        events = (self.shares, self.queries.items, self.queries.indptr)
        made = self.carried(sp.csr_matrix(events, shape=(len(self.queries), len(self.factors))) @ self.factors.rows)
        return made if self.constant is None else made + self.constant

    def add_whole(self, weight: float, total: Floats) -> Floats:
        vectors = self.vectors
        spreads = self.factors.spreads(vectors).astype(np.float32)
        scaled = scales(weight, spreads)[:, None] * vectors
        sgemm(1.0, self.factors.rows.T, scaled.T, 1.0, total.T, trans_a=1, overwrite_c=1)
        return spreads

    def told(self, lists: Lists, newest: int) -> tuple[Floats, Floats]:
        from recommender.models.links import summarise  # noqa: PLC0415  # one history is answered without the compiler

        n_listed, vectors = len(lists.items), self.vectors
        scores, links = np.empty(n_listed, np.float32), np.empty((n_listed, newest + 2), np.float32)
        for row, vector in enumerate(vectors):
            listed, events = lists.of(row), self.queries.of(row)
            rows, by_event = (
                self.factors.rows[lists.items[listed]],
                self.carried(self.factors.rows[self.queries.items[events]]),
            )
            scores[listed] = rows @ vector
            summarise(rows @ (self.shares[events, None] * by_event).T, links[listed])
        return scores, links

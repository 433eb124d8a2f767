"""Factors of items whose inner product with a shopper's vector is a score, and what answers with them quickly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats
from recommender.models.base import Arrays, Items, Scoring

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
        second = float(np.square(vector, dtype=np.float64) @ self.energy) / len(self)
        return float(np.sqrt(max(second - float(vector @ self.mean) ** 2, 0.0)))


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

    @classmethod
    def add_whole(cls, scorings: Sequence[Self], scales: Floats, total: Floats) -> None:
        vectors = scales[:, None] * np.stack([one.vector for one in scorings])
        total += vectors @ scorings[0].factors.rows.T

    def contributions(self, items: Items) -> Floats:
        return self.factors.rows[items] @ self.by_event.T

"""ALS: implicit-feedback matrix factorisation, with shoppers folded in from their history.

Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets" (ICDM 2008), fitted by the
`implicit` package. A history of n events is folded in by an n x n solve instead of a factors x factors one
(Woodbury), so a new event or a new shopper needs no training.
"""

from itertools import product
from typing import Self

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from recommender.dataset import Dataset, Floats, Histories
from recommender.models.base import Arrays, Model, SignalConfig, weight_powers
from recommender.models.factors import Factors, InnerProductLists, InnerProducts

REFRESH_EPOCHS = 4
"""Epochs that bring factors of a day or a week ago up to date: nowhere worse than 15 from nothing by more than those
differ from seed to seed (tests/benchmarks/RESULTS.md)."""
NEW_FACTOR = 0.01
"""Size of the random factors that a new item begins with."""


class ALSConfig(SignalConfig):
    embedding_size: int = 256
    alpha: float = 20.0
    """Confidence of a pair of weight w: 1 + alpha * w."""
    reg: float = 1.0
    epochs: int = 15
    decay: float = 0.9
    """Weight of an event in the fold-in, for each step since."""


class ALS(Model[ALSConfig]):
    name = "als"
    Config = ALSConfig

    def __init__(self, config: ALSConfig, factors: Factors) -> None:
        super().__init__(config, len(factors))
        self._factors = factors
        self._damping = (1 / (factors.energy + config.reg)).astype(np.float32)

    @property
    def factors(self) -> Floats:
        """Of the items; float32, shape (n_items, embedding_size)."""
        return self._factors.rows

    @classmethod
    def fit(cls, dataset: Dataset, config: ALSConfig, *, rng: np.random.Generator) -> Self:
        return cls(config, _item_factors(dataset, config, config.epochs, rng))

    def refreshed(self, dataset: Dataset, places: npt.NDArray[np.int32], *, rng: np.random.Generator) -> Self:
        """A few epochs from the factors of before; they lead where many from nothing do."""
        start = NEW_FACTOR * rng.random((dataset.n_items, self.config.embedding_size), dtype=np.float32)
        start[places >= 0] = self.factors[places[places >= 0]]
        epochs = min(REFRESH_EPOCHS, self.config.epochs)
        return type(self)(self.config, _item_factors(dataset, self.config, epochs, rng, start))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[ALSConfig]:
        half_lives = (60, None) if dataset.timed else (None,)
        sizes = ((64, 1), (64, 5), (256, 20)) if dataset.timed else ((256, 20), (64, 1), (64, 5), (256, 5))
        decays = (0.8, 0.6) if dataset.timed else (0.6, 0.8, 0.5)
        return [
            ALSConfig(half_life_days=days, embedding_size=size, alpha=alpha, weight_power=power, decay=decay)
            for days, (size, alpha), power, decay in product(half_lives, sizes, weight_powers(dataset), decays)
        ]

    def arrays(self) -> Arrays:
        return self._factors.arrays()

    @classmethod
    def from_arrays(cls, config: ALSConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, Factors.from_arrays(arrays))

    def ask(self, query: Histories) -> InnerProducts:
        weights = query.strengths(self.config.decay, self.config.weight_power)
        distinct, place = np.unique(query.items, return_inverse=True)
        merged = np.bincount(place, weights, minlength=len(distinct)).astype(np.float32)
        part = np.divide(weights, merged[place], where=merged[place] > 0, out=np.zeros_like(weights))
        shares = self._shares(self.factors[distinct], merged)[place] * part
        by_event = self.factors[query.items] * self._damping * shares[:, None]
        return InnerProducts.of(self._factors, by_event)

    def ask_all(self, queries: Histories) -> InnerProductLists:
        weights = queries.strengths(self.config.decay, self.config.weight_power)
        merged = queries.matrix(self.n_items, self.config.decay, self.config.weight_power)
        pairs = np.repeat(np.arange(len(queries)), np.diff(merged.indptr)) * self.n_items + merged.indices
        place = np.searchsorted(pairs, queries.rows * self.n_items + queries.items)
        part = np.divide(weights, merged.data[place], where=merged.data[place] > 0, out=np.zeros_like(weights))
        shares = np.empty_like(merged.data)
        for row in range(len(queries)):
            events = slice(merged.indptr[row], merged.indptr[row + 1])
            shares[events] = self._shares(self.factors[merged.indices[events]], merged.data[events])
        return InnerProductLists(self._factors, queries, shares[place] * part, self._damped)

    def _scores(self, queries: Histories) -> Floats:
        return self.ask_all(queries).vectors @ self.factors.T

    def _damped(self, factors: Floats) -> Floats:
        return factors * self._damping

    def _shares(self, factors: Floats, weights: Floats) -> Floats:
        """How much of each item's damped factor makes up the shopper: (I + D F G^-1 F')^-1 (1 + alpha w).

        G is the Gram matrix of all factors, regularised, and diagonal; D is alpha w on the diagonal.

        Parameters
        ----------
        factors : F, of the shopper's distinct items, shape (n, embedding_size)
        weights : w, shape (n,)
        """
        extra, damped = self.config.alpha * weights, factors * self._damping
        if len(factors) <= factors.shape[1]:
            system = np.eye(len(factors), dtype=np.float32) + extra[:, None] * (damped @ factors.T)
            return np.linalg.solve(system, 1.0 + extra)
        gram = np.diag(1 / self._damping) + factors.T @ (extra[:, None] * factors)
        user = np.linalg.solve(gram, factors.T @ (1.0 + extra))
        return 1.0 + extra - extra * (factors @ user)


def _item_factors(
    dataset: Dataset, config: ALSConfig, epochs: int, rng: np.random.Generator, start: Floats | None = None
) -> Factors:
    """Item factors after `epochs` from `start`, float32, shape (n_items, embedding_size), or from random ones."""
    from implicit.als import AlternatingLeastSquares  # noqa: PLC0415  # answering does not need it

    confidence = dataset.preferences(config.half_life_days, config.weight_power)
    confidence.data = 1.0 + np.float32(config.alpha) * confidence.data
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=config.embedding_size,
            alpha=1.0,
            regularization=config.reg,
            iterations=epochs,
            random_state=int(rng.integers(2**31)),
        )
        model.item_factors = start
        model.fit(confidence, show_progress=False)
    factors, _ = Factors.turned(model.item_factors)
    return factors

"""Hybrid: products as the sum of their features, so that one without any history can be ranked.

Kula, "Metadata embeddings for user and item cold-start recommendations" (2015), fitted by LightFM with the WARP
loss. LightFM knows a shopper only by index; here a shopper is the weighted mean of their items' embeddings, carried
over to the space of the fitted shoppers by a ridge regression. A product's bias is one more factor of it, whose
counterpart is 1 for every shopper.
"""

from itertools import product
from typing import Self

import numpy as np
import scipy.sparse as sp

from recommender.dataset import Dataset, Floats, Histories
from recommender.models.base import Arrays, Model, SignalConfig, weight_powers
from recommender.models.factors import Factors, InnerProductLists, InnerProducts

LEAST_TOTAL = 1e-9


class HybridConfig(SignalConfig):
    embedding_size: int = 64
    epochs: int = 10
    learning_rate: float = 0.05
    item_reg: float = 1e-6
    decay: float = 0.9
    reg: float = 1.0
    """Of the ridge regression that carries histories over to shoppers."""


class Hybrid(Model[HybridConfig]):
    name = "hybrid"
    Config = HybridConfig
    untouched_at_zero = False

    def __init__(self, config: HybridConfig, factors: Factors, projection: Floats) -> None:
        super().__init__(config, len(factors))
        self._factors = factors
        self._projection = projection

    @classmethod
    def fit(cls, dataset: Dataset, config: HybridConfig, *, rng: np.random.Generator) -> Self:
        from lightfm import LightFM  # noqa: PLC0415  # a second of imports that answering does not need
        from sklearn.linear_model import Ridge  # noqa: PLC0415

        features = _item_features(dataset)
        model = LightFM(
            no_components=config.embedding_size,
            loss="warp",
            learning_rate=config.learning_rate,
            item_alpha=config.item_reg,
            random_state=int(rng.integers(2**31)),
        )
        pairs = dataset.preferences(config.half_life_days, config.weight_power).tocoo()
        model.fit(pairs, item_features=features, sample_weight=pairs, epochs=config.epochs, num_threads=1)
        biases, items = model.get_item_representations(features)
        means = _mean_embedding(dataset.histories, items, config)
        ridge = Ridge(alpha=config.reg).fit(means, model.user_embeddings)
        factors, basis = Factors.turned(np.column_stack([items, biases]))
        own = basis[:-1]
        carried = [own.T @ ridge.coef_.T @ own, np.append(ridge.intercept_, 1.0) @ basis]
        return cls(config, factors, np.vstack(carried).astype(np.float32))

    @classmethod
    def trials(cls, dataset: Dataset) -> list[HybridConfig]:
        if dataset.features is None:
            return []
        half_lives = (60, None) if dataset.timed else (None,)
        grid = product(half_lives, (64, 32), weight_powers(dataset), (0.8, 0.6, 0.9))
        return [
            HybridConfig(half_life_days=days, embedding_size=size, weight_power=power, decay=decay)
            for days, size, power, decay in grid
        ]

    def arrays(self) -> Arrays:
        return {**self._factors.arrays(), "projection": self._projection}

    @classmethod
    def from_arrays(cls, config: HybridConfig, arrays: Arrays, n_items: int) -> Self:
        del n_items
        return cls(config, Factors.from_arrays(arrays), arrays["projection"])

    def ask(self, query: Histories) -> InnerProducts:
        weights = query.strengths(self.config.decay, self.config.weight_power)
        shares = weights / max(float(weights.sum()), LEAST_TOTAL)
        by_event = shares[:, None] * (self._factors.rows[query.items] @ self._projection[:-1])
        return InnerProducts.of(self._factors, by_event, self._projection[-1])

    def ask_all(self, queries: Histories) -> InnerProductLists:
        shares = queries.shares(self.config.decay, self.config.weight_power)
        return InnerProductLists(self._factors, queries, shares, self._carried, self._projection[-1])

    def _carried(self, factors: Floats) -> Floats:
        return factors @ self._projection[:-1]

    def _scores(self, queries: Histories) -> Floats:
        means = _mean_embedding(queries, self._factors.rows, self.config)
        return (means @ self._projection[:-1] + self._projection[-1]) @ self._factors.rows.T


def _item_features(dataset: Dataset) -> sp.csr_matrix:
    """One indicator per product beside its features: what no feature explains, the product's own embedding can."""
    own = sp.eye_array(dataset.n_items, dtype=np.float32)
    if dataset.features is None:
        return sp.csr_matrix(own)
    return sp.csr_matrix(sp.hstack([own, dataset.features.matrix]), dtype=np.float32)


def _mean_embedding(histories: Histories, items: Floats, config: HybridConfig) -> Floats:
    matrix = histories.matrix(len(items), config.decay, config.weight_power)
    totals = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), LEAST_TOTAL)
    return np.asarray((matrix @ items) / totals[:, None], dtype=np.float32)

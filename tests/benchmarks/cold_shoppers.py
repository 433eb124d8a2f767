"""Shoppers without a history: does what is known of them, their country, tell what they buy first?

``python -m tests.benchmarks cold_shoppers``: customers of Online Retail who buy for the first time in the last 30 days,
asked for all that they buy then. LightFM with shoppers as the sum of themselves and their country, so that a new one is
the country alone, beside popularity and the popularity of the country. Configurations are chosen on who was new in the
30 days before.
"""

import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import scipy.sparse as sp
from lightfm import LightFM

from recommender.dataset import Dataset, Floats, Histories, histories_from_frame
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import Measured, measure
from recommender.evaluation.splits import Split, nothing_known
from recommender.ids import IdMap
from recommender.jobs.reading import Source, event_weight
from recommender.models.popularity import Popularity, PopularityConfig
from schemas import Columns
from signals.purchases import purchases
from tests.benchmarks.sources import NO_DATA, RETAIL, Rows, loaded

K: Final = 10
HALF_LIVES: Final = (None, 60, 30, 14, 7)
SMOOTHING: Final = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)
"""Purchases anywhere that count as much as those of the country."""
NOWHERE: Final = ""
"""Of customers who gave no number."""
SIZES: Final = (16, 64)
EPOCHS: Final = (10, 20)

Scores = Callable[["Window"], Floats]


class Window:
    """Who buys for the first time in 30 days, what they buy, their countries, and what was known before."""

    def __init__(self, source: Source, start: datetime, countries: Mapping[str, str]) -> None:
        self.dataset: Dataset = source.dataset(start)
        later = purchases(source.engine, start, start + source.window, known_at=start)
        known = set(self.dataset.users.ids(range(len(self.dataset.users))))
        later = later[later[Columns.USER].isin(countries) & ~later[Columns.USER].isin(known)]
        self.users = IdMap.from_ids(later[Columns.USER])
        truth = histories_from_frame(later, self.users, source.items, event_weight)
        asked = nothing_known(len(truth))
        self.questions = Split(asked, truth, nothing_known(len(truth)))
        self.countries = [NOWHERE, *sorted(set(countries.values()))]
        self.known = self._places(self.dataset.users, countries)
        self.new = self._places(self.users, countries)

    def _places(self, users: IdMap, countries: Mapping[str, str]) -> list[int]:
        return [self.countries.index(countries.get(user, NOWHERE)) for user in users.ids(range(len(users)))]


def run() -> Rows:
    if not RETAIL.exists():
        yield {"data": "online-retail", "skipped": NO_DATA}
        return
    with tempfile.TemporaryDirectory() as folder:
        source = loaded(RETAIL, RETAIL, "online-retail", Path(folder))
        lines = pd.read_parquet(RETAIL, columns=["CustomerID", "Country"]).dropna().drop_duplicates("CustomerID")
        countries = dict(zip(lines["CustomerID"].astype(int).astype(str), lines["Country"], strict=True))
        before = Window(source, source.split_at - source.window, countries)
        test = Window(source, source.split_at, countries)
    abroad = sum(test.countries[place] != "United Kingdom" for place in test.new)
    yield {"shoppers": len(test.users), "abroad": abroad, "pairs": len(test.questions.truth.items)}
    ways = {
        "popularity": _popularity(),
        "popularity of the country": _of_country(),
        "LightFM with the country": _lightfm(),
    }
    base: Measured | None = None
    for name, own in ways.items():
        chosen, scores = max(own.items(), key=lambda way: _ndcg(measure(_asked(way[1], before), before.questions)))
        measured = measure(_asked(scores, test), test.questions)
        base = base or measured
        yield {"model": name, "chosen": chosen, **_figures(measured, base)}


def _asked(scores: Scores, window: Window) -> Callable[[Histories], Floats]:
    """By block: a question is its row, for nothing else tells new shoppers apart."""
    every, place = scores(window), 0

    def score(block: Histories) -> Floats:
        nonlocal place
        place += len(block)
        return every[place - len(block) : place].copy()

    return score


def _popularity() -> dict[str, Scores]:
    def with_config(config: PopularityConfig) -> Scores:
        def scores(window: Window) -> Floats:
            model = Popularity.fit(window.dataset, config, rng=np.random.default_rng(0))
            return model.scores(window.questions.queries)

        return scores

    return {f"half-life {days} days": with_config(PopularityConfig(half_life_days=days)) for days in HALF_LIVES}


def _of_country() -> dict[str, Scores]:
    def with_smoothing(days: float | None, smoothing: float) -> Scores:
        def scores(window: Window) -> Floats:
            n_users, n_countries = len(window.known), len(window.countries)
            homes = sp.csr_matrix((np.ones(n_users), (window.known, np.arange(n_users))), shape=(n_countries, n_users))
            counts = np.asarray((homes @ window.dataset.preferences(days, 0.0)).todense())
            everywhere = counts.sum(axis=0)
            shares = counts + smoothing * everywhere / everywhere.sum()
            return shares[window.new].astype(np.float32)

        return scores

    ways = product(HALF_LIVES, SMOOTHING)
    return {f"half-life {days} days, smoothing {one:,.0f}": with_smoothing(days, one) for days, one in ways}


def _lightfm() -> dict[str, Scores]:
    def with_size(days: float | None, size: int, epochs: int) -> Scores:
        def scores(window: Window) -> Floats:
            n_users, n_countries = len(window.known), len(window.countries)
            home = sp.csr_matrix((np.ones(n_users), (np.arange(n_users), window.known)), shape=(n_users, n_countries))
            shoppers = sp.hstack([sp.identity(n_users), home], format="csr", dtype=np.float32)
            model = LightFM(no_components=size, loss="warp", random_state=0)
            pairs = window.dataset.preferences(days, 0.0).tocoo()
            model.fit(pairs, user_features=shoppers, sample_weight=pairs, epochs=epochs, num_threads=1)
            countries = model.user_embeddings[n_users:][window.new]
            return (countries @ model.item_embeddings.T + model.item_biases).astype(np.float32)

        return scores

    ways = product(HALF_LIVES, SIZES, EPOCHS)
    return {
        f"half-life {days} days, {size} wide, {epochs} epochs": with_size(days, size, epochs)
        for days, size, epochs in ways
    }


def _ndcg(measured: Measured) -> float:
    return float(measured.at(K).ndcg.mean())


def _figures(measured: Measured, base: Measured) -> dict[str, object]:
    ndcg, recall = measured.at(K).ndcg, measured.at(K).recall
    low, high = interval_of_mean(ndcg - base.at(K).ndcg, np.random.default_rng(0))
    return {
        f"recall@{K}": round(float(recall.mean()), 4),
        f"ndcg@{K}": round(float(ndcg.mean()), 4),
        "above popularity": [round(low, 4), round(high, 4)],
    }

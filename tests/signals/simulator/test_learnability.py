"""The next purchase can be learned: co-occurrence, written here in plain numpy, beats popularity by a margin."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from signals.simulator import SimulatedShop

K = 10
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Shoppers by items: touched and bought in the first four fifths of the events, newly bought in the rest."""

    touched: Matrix
    bought: Matrix
    target: Matrix

    def recall(self, scores: Matrix) -> float:
        judged = self.target.any(axis=1) & self.touched.any(axis=1)
        ranked = np.argsort(-np.where(self.bought > 0, -np.inf, scores)[judged], axis=1)[:, :K]
        hits = np.take_along_axis(self.target[judged], ranked, axis=1).sum(axis=1)
        return float((hits / np.minimum(self.target[judged].sum(axis=1), K)).mean())


@pytest.fixture(scope="module")
def split(default_shop: SimulatedShop) -> Split:
    return _split(default_shop, "purchase")


def _split(shop: SimulatedShop, target_kind: str) -> Split:
    events = shop.events.dropna(subset=["user_id", "item_id"])
    users, items = (pd.factorize(events[name], sort=True)[0] for name in ("user_id", "item_id"))
    late = (events["occurred_at"] >= events["occurred_at"].quantile(0.8)).to_numpy()
    kind = events["kind"].to_numpy()

    def matrix(rows: NDArray[np.bool_]) -> Matrix:
        filled = np.zeros((users.max() + 1, items.max() + 1))
        filled[users[rows], items[rows]] = 1.0
        return filled

    bought = matrix(~late & (kind == "purchase"))
    return Split(matrix(~late), bought, matrix(late & (kind == target_kind)) * (1 - bought))


def _popularity(touched: Matrix) -> Matrix:
    return np.broadcast_to(touched.sum(axis=0), touched.shape)


def _cooccurrence(touched: Matrix) -> Matrix:
    together = touched.T @ touched
    np.fill_diagonal(together, 0.0)
    norm = np.sqrt(touched.sum(axis=0) + 1)
    return np.asarray(touched @ (together / np.outer(norm, norm)))


def test_what_others_touched_along_with_it_predicts_the_next_purchase_better_than_popularity(split: Split) -> None:
    by_popularity = split.recall(_popularity(split.touched))
    assert split.recall(_cooccurrence(split.touched)) > 1.3 * by_popularity


def test_the_next_purchase_is_no_foregone_conclusion(split: Split) -> None:
    assert split.recall(_cooccurrence(split.touched) + split.touched) < 0.5


def test_the_next_product_looked_at_for_the_first_time_is_learned_too(default_shop: SimulatedShop) -> None:
    views = _split(default_shop, "view")
    unseen = Split(views.touched, views.touched, views.target * (1 - views.touched))
    assert unseen.recall(_cooccurrence(views.touched)) > 1.3 * unseen.recall(_popularity(views.touched))

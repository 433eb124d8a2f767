"""The shoppers: what they like, how that drifts, what they spend, how often they come, what they buy again."""

from dataclasses import dataclass

import numpy as np

from signals.simulator.assortment import ASSORTMENT
from signals.simulator.market import BoolArray, FloatArray, IntArray, Market

ACTIVITY_SPREAD = 0.9
LATE_JOINERS = 0.3
FLOOR_OF_INTEREST = 0.001


@dataclass(frozen=True)
class Shoppers:
    """One row per shopper; the tastes are logits. ``interest`` has two profiles: of the first and the last day.

    ``activity`` sums to 1; ``joined`` is in [0, 1), the part of the time range before the first visit;
    ``fit`` in [0, 1) is the place of the shopper's own size in a run of sizes.
    """

    interest: FloatArray
    style: FloatArray
    color: FloatArray
    brand: FloatArray
    latent: FloatArray
    budget: FloatArray
    thrift: FloatArray
    activity: FloatArray
    joined: FloatArray
    fit: FloatArray

    @property
    def n_shoppers(self) -> int:
        return len(self.activity)


def meet_shoppers(n_shoppers: int, market: Market, rng: np.random.Generator) -> Shoppers:
    """Draw the shoppers of a shop that sells ``market``."""
    first = rng.dirichlet(np.full(len(ASSORTMENT), 0.13), size=n_shoppers)
    fresh = rng.dirichlet(np.full(len(ASSORTMENT), 0.13), size=n_shoppers)
    mixes = np.stack([first, 0.65 * first + 0.35 * fresh], axis=1)
    activity = np.exp(rng.normal(0, ACTIVITY_SPREAD, n_shoppers))
    late = rng.random(n_shoppers) < LATE_JOINERS
    return Shoppers(
        interest=np.log(mixes + FLOOR_OF_INTEREST),
        style=rng.normal(0, 1.1, (n_shoppers, int(market.style.max()) + 1)),
        color=rng.normal(0, 0.6, (n_shoppers, int(market.color.max()) + 1)),
        brand=rng.normal(0, 1.0, (n_shoppers, int(market.brand.max()) + 1)),
        latent=rng.normal(0, 0.85, (n_shoppers, market.latent.shape[1])),
        budget=rng.normal(0, 0.8, n_shoppers),
        thrift=rng.gamma(2.0, 0.15, n_shoppers),
        activity=activity / activity.sum(),
        joined=np.where(late, rng.uniform(0, 0.75, n_shoppers), 0.0),
        fit=rng.random(n_shoppers),
    )


def appeal(shoppers: Shoppers, market: Market, rows: slice) -> FloatArray:
    """Log-odds of each item for the shoppers in ``rows``; shape (2 * shoppers, items), two profiles a shopper."""
    steady = (
        1.25 * market.log_popularity
        + shoppers.style[rows][:, market.style]
        + shoppers.color[rows][:, market.color]
        + shoppers.brand[rows][:, market.brand]
        + shoppers.latent[rows] @ market.latent.T
        - shoppers.thrift[rows, None] * (market.relative_price - shoppers.budget[rows, None]) ** 2
    )
    logits = shoppers.interest[rows][:, :, market.subcategory] + steady[:, None, :]
    return logits.reshape(-1, market.n_items)


class Chooser:
    """Draws items from rows of log-odds, any number of rows at a time."""

    def __init__(self, logits: FloatArray) -> None:
        n_rows, self._n_items = logits.shape
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.probabilities = odds / odds.sum(axis=1, keepdims=True)
        cumulative = np.cumsum(self.probabilities, axis=1)
        cumulative /= cumulative[:, -1:]
        self._edges = (cumulative + np.arange(n_rows)[:, None]).ravel()

    def draw(self, rows: IntArray, rng: np.random.Generator) -> IntArray:
        """One item for each of ``rows``."""
        found = np.searchsorted(self._edges, rows + rng.random(len(rows)), side="right")
        return np.clip(found - rows * self._n_items, 0, self._n_items - 1).astype(np.int64)


def choose_offers(items: IntArray, fit: FloatArray, market: Market, rng: np.random.Generator) -> IntArray:
    """The in-stock offer taken of each item: mostly the one in the shopper's own size. Items must be in stock."""
    place = np.where(rng.random(len(items)) < 0.85, fit, rng.random(len(items)))
    offers: IntArray = market.offer_start[items] + np.floor(place * market.offer_count[items]).astype(np.int64)
    return offers


def first_time(*columns: IntArray) -> BoolArray:
    """Whether each row is the first with its values."""
    keys = np.stack(columns, axis=1)
    first = np.zeros(len(keys), dtype=bool)
    if len(keys):
        first[np.unique(keys, axis=0, return_index=True)[1]] = True
    return first

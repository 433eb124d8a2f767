"""Browsing: which products a visit looks at, one after the other, and how it came to each."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from signals.simulator.market import FloatArray, IntArray, Market
from signals.simulator.shoppers import Chooser, Shoppers, appeal
from signals.simulator.visits import Visits

BLOCK_OF_SHOPPERS = 512


class Way(IntEnum):
    """How a shopper came to a product."""

    TASTE = 0
    SIMILAR = 1
    COMPLEMENT = 2
    CHANCE = 3


WAY_SHARES = (0.36, 0.38, 0.18, 0.08)


@dataclass(frozen=True)
class Views:
    """One row per product looked at, in the order of the visits. ``lift`` is its odds against an even choice."""

    visit: IntArray
    step: IntArray
    item: IntArray
    way: IntArray
    lift: FloatArray


def browse(visits: Visits, shoppers: Shoppers, market: Market, rng: np.random.Generator) -> Views:
    """Walk all visits; ``visits`` must be sorted by shopper. Memory: a block of shoppers by items at a time."""
    blocks = []
    for first in range(0, shoppers.n_shoppers, BLOCK_OF_SHOPPERS):
        start, stop = np.searchsorted(visits.shopper, [first, first + BLOCK_OF_SHOPPERS])
        chooser = Chooser(appeal(shoppers, market, slice(first, first + BLOCK_OF_SHOPPERS)))
        block = visits.take(slice(int(start), int(stop)))
        late_profile = (rng.random(len(block.shopper)) < block.lateness).astype(np.int64)
        rows = 2 * (block.shopper - first) + late_profile
        blocks.append(_walk(rows, block.n_views, int(start), _Guide(chooser, market, rng)))
    return Views(*(np.concatenate([getattr(block, field.name) for block in blocks]) for field in fields(Views)))


class _Guide:
    def __init__(self, chooser: Chooser, market: Market, rng: np.random.Generator) -> None:
        self._chooser = chooser
        self._market = market
        self._rng = rng

    def first(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        return self._chooser.draw(rows, self._rng), np.zeros(len(rows), dtype=np.int64)

    def next(self, rows: IntArray, current: IntArray) -> tuple[IntArray, IntArray]:
        way = self._rng.choice(len(WAY_SHARES), size=len(rows), p=WAY_SHARES)
        choices = (
            self._chooser.draw(rows, self._rng),
            self._preferred(rows, self._market.similar[current]),
            self._preferred(rows, self._market.complements[current]),
            self._rng.integers(self._market.n_items, size=len(rows)),
        )
        return np.choose(way, choices), way

    def lift(self, rows: IntArray, items: IntArray) -> FloatArray:
        lift: FloatArray = self._chooser.probabilities[rows, items] * self._market.n_items
        return lift

    def _preferred(self, rows: IntArray, near: IntArray) -> IntArray:
        """Of two of the nearest, drawn with a preference for the very nearest, the one more to the taste."""
        places = np.floor(near.shape[1] * self._rng.random((2, len(rows))) ** 1.7).astype(np.int64)
        one, other = (near[np.arange(len(rows)), place] for place in places)
        chances = self._chooser.probabilities
        return np.where(chances[rows, one] >= chances[rows, other], one, other)


def _walk(rows: IntArray, n_views: IntArray, offset: int, guide: _Guide) -> Views:
    items = np.zeros((len(rows), int(n_views.max(initial=1))), dtype=np.int64)
    ways = np.zeros_like(items)
    items[:, 0], ways[:, 0] = guide.first(rows)
    for step in range(1, items.shape[1]):
        going = np.flatnonzero(n_views > step)
        items[going, step], ways[going, step] = guide.next(rows[going], items[going, step - 1])
    visit, place = np.nonzero(np.arange(items.shape[1]) < n_views[:, None])
    item = items[visit, place]
    return Views(visit + offset, place, item, ways[visit, place], guide.lift(rows[visit], item))

"""Visits: who comes when, for how many products, logged in or not."""

from dataclasses import dataclass

import numpy as np

from signals.simulator.clock import Clock
from signals.simulator.market import BoolArray, FloatArray, IntArray
from signals.simulator.shoppers import Shoppers

MAX_VIEWS = 12
ANONYMOUS_SHARE = 0.12
JOINED_SHARE = 0.4


@dataclass(frozen=True)
class Visits:
    """One row per visit, sorted by shopper. ``lateness`` in [0, 1] is the place in the time range.

    ``rank`` numbers the visits in the order in which they are kept when there are more than wanted.
    """

    shopper: IntArray
    start: IntArray
    lateness: FloatArray
    n_views: IntArray
    anonymous: BoolArray
    joins: BoolArray
    rank: IntArray

    def take(self, rows: IntArray | slice) -> "Visits":
        return Visits(
            self.shopper[rows],
            self.start[rows],
            self.lateness[rows],
            self.n_views[rows],
            self.anonymous[rows],
            self.joins[rows],
            self.rank[rows],
        )


def plan_visits(n_visits: int, shoppers: Shoppers, clock: Clock, rng: np.random.Generator) -> Visits:
    """``n_visits`` visits, at least one logged-in one of every shopper, the others by their activity."""
    everyone = rng.permutation(shoppers.n_shoppers)
    others = rng.choice(shoppers.n_shoppers, size=max(n_visits - len(everyone), 0), p=shoppers.activity)
    shopper = np.concatenate([everyone, others])
    place = shoppers.joined[shopper] + (1 - shoppers.joined[shopper]) * rng.random(len(shopper))
    repeated = np.arange(len(shopper)) >= len(everyone)
    anonymous = repeated & (rng.random(len(shopper)) < ANONYMOUS_SHARE)
    visits = Visits(
        shopper=shopper,
        start=clock.at(place),
        lateness=place,
        n_views=np.minimum(rng.geometric(0.24, len(shopper)), MAX_VIEWS),
        anonymous=anonymous,
        joins=anonymous & (rng.random(len(shopper)) < JOINED_SHARE),
        rank=np.arange(len(shopper)),
    )
    return visits.take(np.lexsort((visits.start, visits.shopper)))

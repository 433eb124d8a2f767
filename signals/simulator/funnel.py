"""From looking to buying: searches, clicks, carts, orders and what is taken out again."""

from dataclasses import dataclass

import numpy as np

from schemas import EventKind
from signals.simulator.browsing import Views, Way
from signals.simulator.clock import MICROSECONDS
from signals.simulator.log import NONE, Log, entries
from signals.simulator.market import N_QUERIES, BoolArray, FloatArray, IntArray, Market
from signals.simulator.shoppers import Shoppers, choose_offers, first_time
from signals.simulator.visits import Visits

SEARCH_SHARE = 0.5
CLICK_SHARE = 0.5
WISH_SHARE = 0.05
REMOVED_SHARE = 0.12
BUYING_SHARE = 0.35
CHECKOUT_SHARE = 0.65


@dataclass(frozen=True)
class Funnel:
    """What visits did with what they viewed, as logs with the number of the visit in ``session``."""

    visits: Visits
    shoppers: Shoppers
    market: Market
    rng: np.random.Generator

    def logs(self, views: Views) -> list[Log]:
        at = self._view_times(views)
        carted = self._carted(views, at)
        kept = carted[self.rng.random(len(carted)) >= REMOVED_SHARE]
        removed = np.setdiff1d(carted, kept)
        offers = np.full(len(at), NONE, dtype=np.int64)
        fit = self.shoppers.fit[self.visits.shopper[views.visit[carted]]]
        offers[carted] = choose_offers(views.item[carted], fit, self.market, self.rng)
        last = np.zeros(len(self.visits.shopper), dtype=np.int64)
        np.maximum.at(last, views.visit, at)
        return [
            self._searches(views, at),
            self._on_items(EventKind.CLICK, views, at - self._seconds(1, 4, len(at)), self._came_by_a_list(views)),
            self._on_items(EventKind.VIEW, views, at, np.arange(len(at))),
            self._on_items(EventKind.WISHLIST, views, at + self._seconds(5, 14, len(at)), self._wished(views)),
            self._on_items(EventKind.ADD_TO_CART, views, at + self._seconds(15, 35, len(at)), carted, offers),
            self._on_items(EventKind.REMOVE_FROM_CART, views, last[views.visit] + 40 * MICROSECONDS, removed, offers),
            self._purchases(views, last, kept, offers),
            self._aliases(last),
        ]

    def _seconds(self, low: float, high: float, n: int) -> IntArray:
        return (self.rng.uniform(low, high, n) * MICROSECONDS).astype(np.int64)

    def _view_times(self, views: Views) -> IntArray:
        gaps = np.clip(self.rng.lognormal(4.6, 0.6, len(views.item)), 70, 400)
        gaps[views.step == 0] = 30
        total = np.cumsum(gaps)
        before = (total - gaps)[np.flatnonzero(views.step == 0)]
        elapsed = total - before[np.cumsum(views.step == 0) - 1]
        return self.visits.start[views.visit] + (elapsed * MICROSECONDS).astype(np.int64)

    def _carted(self, views: Views, at: IntArray) -> IntArray:
        """Rows put in the cart: likelier to the taste, beside its complement, and in a visit made to buy.

        Of a durable item a shopper takes one ever, of a consumable one per visit.
        """
        chance = np.where(views.way == Way.COMPLEMENT, 0.16, 0.03) + 0.27 * views.lift / (views.lift + 5)
        mood = np.where(self.rng.random(len(self.visits.shopper)) < BUYING_SHARE, 2.5, 0.25)
        eager = self.rng.random(len(views.item)) < np.minimum(chance * mood[views.visit], 0.9)
        wanted = self.market.in_stock[views.item] & eager
        rows = np.flatnonzero(wanted)
        rows = rows[np.argsort(at[rows], kind="stable")]
        owner = self.visits.shopper[views.visit[rows]]
        again = self.market.consumable[views.item[rows]]
        novel = first_time(owner, views.item[rows], np.where(again, views.visit[rows], NONE))
        return np.sort(rows[novel])

    def _came_by_a_list(self, views: Views) -> IntArray:
        return np.flatnonzero(self.rng.random(len(views.item)) < CLICK_SHARE)

    def _wished(self, views: Views) -> IntArray:
        return np.flatnonzero(self.rng.random(len(views.item)) < WISH_SHARE * np.minimum(views.lift, 3))

    def _who(self, visit: IntArray) -> dict[str, IntArray]:
        anonymous = self.visits.anonymous[visit]
        return {
            "shopper": np.where(anonymous, NONE, self.visits.shopper[visit]),
            "visitor": np.where(anonymous, visit, NONE),
        }

    def _searches(self, views: Views, at: IntArray) -> Log:
        searched = (views.way == Way.TASTE) & (self.rng.random(len(at)) < SEARCH_SHARE)
        visit, item = views.visit[searched], views.item[searched]
        query = item * N_QUERIES + self.rng.integers(N_QUERIES, size=len(item))
        when = at[searched] - self._seconds(8, 25, len(item))
        return entries(EventKind.SEARCH, at=when, session=visit, query=query, **self._who(visit))

    def _on_items(
        self, kind: EventKind, views: Views, at: IntArray, rows: IntArray, offers: IntArray | None = None
    ) -> Log:
        visit = views.visit[rows]
        offer = np.full(len(rows), NONE, dtype=np.int64) if offers is None else offers[rows]
        return entries(kind, at=at[rows], session=visit, item=views.item[rows], offer=offer, **self._who(visit))

    def _purchases(self, views: Views, last: IntArray, kept: IntArray, offers: IntArray) -> Log:
        pays = self.rng.random(len(last)) < CHECKOUT_SHARE
        paid_at = last + self._seconds(75, 420, len(last))
        rows = kept[pays[views.visit[kept]]]
        visit, item = views.visit[rows], views.item[rows]
        quantity = quantities(self.market.consumable[item], self.rng)
        return entries(
            EventKind.PURCHASE,
            at=paid_at[visit],
            session=visit,
            item=item,
            offer=offers[rows],
            quantity=quantity,
            order=visit,
            **self._who(visit),
        )

    def _aliases(self, last: IntArray) -> Log:
        visit = np.flatnonzero(self.visits.joins)
        when = last[visit] + self._seconds(430, 600, len(visit))
        shopper = self.visits.shopper[visit]
        return entries(EventKind.ALIAS, at=when, session=visit, shopper=shopper, visitor=visit)


def quantities(consumable: BoolArray, rng: np.random.Generator) -> IntArray:
    """How many of each line are bought: mostly one, of consumables sometimes up to three."""
    shares: FloatArray = rng.random(len(consumable))
    several = 1 + (shares > 0.7).astype(np.int64) + (shares > 0.92)
    return np.where(consumable, several, 1 + (shares > 0.96))

"""How shoppers react to a list: what they look at, what tires them, what they can pay, what they need again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from signals.simulator.market import BoolArray, FloatArray, IntArray
from signals.simulator.shoppers import Chooser, appeal, choose_offers
from signals.simulator.world import World

EXAMINED_DECAY = 0.8
LEAST_CLICKED, MOST_CLICKED, HALF_LIFT = 0.02, 0.6, 5.0
LEAST_BOUGHT, MOST_BOUGHT = 0.05, 0.4
KEPT_AFTER_PASSING = 0.8
FORGOTTEN_A_DAY = 0.15
OWNED_DURABLE = 0.05
JUST_BOUGHT, RUN_OUT, RENEWAL_DAYS = 0.1, 2.0, 22
ALLOWANCE, ALLOWANCE_DAYS = 90.0, 30
NEVER = -(10**6)
BLOCK_OF_SHOPPERS = 512


@dataclass(frozen=True)
class Reaction:
    """What came of the lists, shape (lists, places); ``offer`` is the one bought, where something was."""

    clicked: BoolArray
    bought: BoolArray
    offer: IntArray


class Minds:
    """What the shoppers like, and what they have seen, bought and spent; 12 bytes for each shopper and item.

    * A place is examined with probability ``rank ** -0.8``: position bias, as in the position-based click model.
    * Each time that an item was shown and passed over multiplies its chance by 0.8; a day takes 15 % of that back.
    * A durable item that is owned has 5 % of its chance; a consumable one 10 % just after a purchase, and 200 % when it
      has run out, after 22 days.
    * What a shopper can pay fills up over 30 days, and is spent by what they buy.
    """

    def __init__(self, world: World) -> None:
        n_shoppers, n_items = world.shoppers.n_shoppers, world.market.n_items
        self.today = 0
        self._world = world
        self._market = world.market
        self._liking = _liking(world)
        self._passed = np.zeros((n_shoppers, n_items), dtype=np.float32)
        self._bought_on = np.full((n_shoppers, n_items), NEVER, dtype=np.int32)
        self._allowance = ALLOWANCE * np.exp(0.5 * world.shoppers.budget)
        self._money = self._allowance.copy()

    def remember(self, shoppers: IntArray, items: IntArray, days: IntArray) -> None:
        """Purchases of before, pair by pair; ``days`` are negative: -1 is yesterday."""
        np.maximum.at(self._bought_on, (shoppers, items), days)

    def click_chances(self, shoppers: IntArray, items: IntArray) -> FloatArray:
        """The probability that each place is clicked; ``items`` and the result have the shape (lists, places)."""
        rows = shoppers[:, None]
        examined = np.arange(1, items.shape[1] + 1) ** -EXAMINED_DECAY
        attracted = LEAST_CLICKED + MOST_CLICKED * self._liking[rows, items]
        tired = KEPT_AFTER_PASSING ** self._passed[rows, items]
        return examined * np.minimum(attracted * tired * self._appetite(rows, items), 1.0)

    def react(self, shoppers: IntArray, items: IntArray, rng: np.random.Generator) -> Reaction:
        """Draw what happens, and remember it; no shopper may come twice in ``shoppers``."""
        rows = shoppers[:, None]
        clicked = rng.random(items.shape) < self.click_chances(shoppers, items)
        wanted = (LEAST_BOUGHT + MOST_BOUGHT * self._liking[rows, items]) * self._appetite(rows, items)
        wants = clicked & self._market.in_stock[items] & (rng.random(items.shape) < wanted)
        offer, price = self._offers(shoppers, items, rng, wants)
        bought = wants & (np.cumsum(price, axis=1) <= self._money[rows])
        self._passed[rows, items] = np.where(clicked, 0.0, self._passed[rows, items] + 1)
        self._money[shoppers] -= np.where(bought, price, 0.0).sum(axis=1)
        place, at = np.nonzero(bought)
        self._bought_on[shoppers[place], items[place, at]] = self.today
        return Reaction(clicked, bought, offer)

    def sleep(self) -> None:
        """A day goes by."""
        self.today += 1
        self._passed *= 1 - FORGOTTEN_A_DAY
        self._money = np.minimum(self._money + self._allowance / ALLOWANCE_DAYS, self._allowance)

    def _appetite(self, rows: IntArray, items: IntArray) -> FloatArray:
        bought_on = self._bought_on[rows, items]
        due = np.minimum((self.today - bought_on) / RENEWAL_DAYS, 1.0)
        again = JUST_BOUGHT + (RUN_OUT - JUST_BOUGHT) * due**2
        owned = np.where(self._market.consumable[items], again, OWNED_DURABLE)
        return np.where(bought_on == NEVER, 1.0, owned)

    def _offers(
        self, shoppers: IntArray, items: IntArray, rng: np.random.Generator, wants: BoolArray
    ) -> tuple[IntArray, FloatArray]:
        """The offer of each wanted place and its price; 0 where nothing is wanted."""
        row, place = np.nonzero(wants)
        offer, price = np.zeros(items.shape, dtype=np.int64), np.zeros(items.shape)
        fit = self._world.shoppers.fit[shoppers[row]]
        offer[row, place] = choose_offers(items[row, place], fit, self._market, rng)
        price[row, place] = self._market.prices[offer[row, place]]
        return offer, price


def _liking(world: World) -> NDArray[np.float32]:
    """How much each shopper likes each item, in [0, 1): half at five times an even choice."""
    n_shoppers, n_items = world.shoppers.n_shoppers, world.market.n_items
    liking = np.empty((n_shoppers, n_items), dtype=np.float32)
    for first in range(0, n_shoppers, BLOCK_OF_SHOPPERS):
        block = slice(first, first + BLOCK_OF_SHOPPERS)
        lift = Chooser(appeal(world.shoppers, world.market, block)).probabilities[1::2] * n_items
        liking[block] = lift / (lift + HALF_LIFT)
    return liking

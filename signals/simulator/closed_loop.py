"""The closed loop: a policy shows, the shoppers react, and the next day begins with what came of it."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from schemas import Columns, EventKind
from signals.simulator.clock import Clock
from signals.simulator.config import SimulatorConfig
from signals.simulator.loop_events import Day, event_table
from signals.simulator.market import FloatArray, IntArray
from signals.simulator.policies import Policy, Ranking
from signals.simulator.reactions import Minds
from signals.simulator.world import open_world

VISITS_A_DAY = 0.15
MOST_PAIRS = 200_000_000


class ClosedLoop:
    """The shoppers of ``simulate(config)`` from its end on, under a policy.

    The same config, seed and policy give the same days. Who comes when is the same under every policy.

    Parameters
    ----------
    visits_a_day : of the average shopper; nobody comes twice a day
    history : canonical events of before, of which the purchases count: what is owned, and what will run out

    Raises
    ------
    ValueError : more than 200 million pairs of shopper and product
    """

    def __init__(
        self,
        config: SimulatorConfig,
        *,
        seed: int = 0,
        visits_a_day: float = VISITS_A_DAY,
        history: pd.DataFrame | None = None,
    ) -> None:
        pairs = config.n_shoppers * config.n_products
        if pairs > MOST_PAIRS:
            raise ValueError(
                f"{config.n_shoppers:,} shoppers of {config.n_products:,} products are {pairs:,} pairs to remember; "
                f"at most {MOST_PAIRS:,}: pass fewer of either"
            )
        self.world = open_world(config)
        self.minds = Minds(self.world)
        self._config = config
        self.currency = config.currency
        self._seed = seed
        self._n_visits = 0
        self._comes = np.minimum(visits_a_day * self.world.shoppers.activity * config.n_shoppers, 1.0)
        if history is not None:
            self.minds.remember(*self._purchases(history))

    @property
    def item_ids(self) -> list[str]:
        """By number of the item."""
        return [product.item_id for product in self.world.market.products]

    def days(self, policy: Policy, n_days: int) -> Iterator[Day]:
        """The next ``n_days``; a policy that learns may do so between them."""
        for _ in range(n_days):
            yield self._day(policy)
            self.minds.sleep()

    def tables(self, policy: Policy, n_days: int) -> Iterator[pa.Table]:
        """The same days as canonical events, impressions among them: one table a day, in order of time."""
        for day in self.days(policy, n_days):
            yield event_table(day, self.world, self.currency)

    def visitors(self, n: int, rng: np.random.Generator) -> IntArray:
        """Shoppers of ``n`` independent visits, as a day brings them."""
        return rng.choice(len(self._comes), size=n, p=self._comes / self._comes.sum())

    def clicks(self, policy: Ranking) -> float:
        """Clicks a visit under the policy at this moment, exactly: the truth that off-policy estimates are about."""
        everyone = np.arange(len(self._comes))
        hands = policy.hands(everyone)
        each = [self.minds.click_chances(everyone, hands[:, :, place]).sum(axis=1) for place in range(hands.shape[2])]
        expected: FloatArray = policy.chances @ np.array(each)
        return float(np.average(expected, weights=self._comes))

    def _day(self, policy: Policy) -> Day:
        rng = np.random.default_rng([self._seed, self.minds.today])
        shoppers = rng.permutation(np.flatnonzero(rng.random(len(self._comes)) < self._comes))
        end = self._config.end + timedelta(days=self.minds.today + 1)
        at = np.sort(Clock(end, 1).at(rng.random(len(shoppers))))
        shown = policy(shoppers, np.random.default_rng([self._seed, self.minds.today, 1]))
        reaction = self.minds.react(shoppers, shown.items, np.random.default_rng([self._seed, self.minds.today, 2]))
        first, self._n_visits = self._n_visits, self._n_visits + len(shoppers)
        return Day(self.minds.today, first, shoppers, at, shown, reaction)

    def _purchases(self, history: pd.DataFrame) -> tuple[IntArray, IntArray, IntArray]:
        named = history[Columns.USER].str.startswith("shopper-", na=False)
        bought = history[named & (history[Columns.KIND] == EventKind.PURCHASE.value)]
        number = {item_id: index for index, item_id in enumerate(self.item_ids)}
        shoppers = np.asarray(bought[Columns.USER].str.rpartition("-")[2], dtype=np.int64)
        items = np.asarray(bought[Columns.ITEM].map(number), dtype=np.int64)
        days = np.asarray((bought[Columns.OCCURRED_AT] - self._config.end).dt.days, dtype=np.int64)
        return shoppers, items, days

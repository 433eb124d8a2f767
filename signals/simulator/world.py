"""The world of a config: its products and its shoppers, the same whenever it is opened."""

from dataclasses import dataclass

import numpy as np

from signals.simulator.config import SimulatorConfig
from signals.simulator.market import Market, open_market
from signals.simulator.products import make_products
from signals.simulator.shoppers import Shoppers, meet_shoppers


@dataclass(frozen=True)
class World:
    """``rng`` is what the shoppers' doings are drawn from. Shopper i is called ``shopper-i``, five digits at least."""

    market: Market
    shoppers: Shoppers
    rng: np.random.Generator


def open_world(config: SimulatorConfig) -> World:
    """The products and shoppers that ``config`` describes."""
    of_products, of_market, of_shoppers = (np.random.default_rng([config.seed, stream]) for stream in range(3))
    market = open_market(make_products(config.n_products, config.currency, of_products), of_market)
    return World(market, meet_shoppers(config.n_shoppers, market, of_shoppers), of_shoppers)

"""Habits: the consumables that shoppers buy again whenever theirs run out."""

import numpy as np

from schemas import EventKind
from signals.simulator.clock import DAY, MICROSECONDS, Clock
from signals.simulator.config import SimulatorConfig
from signals.simulator.funnel import quantities
from signals.simulator.log import Log, entries
from signals.simulator.market import IntArray, Market
from signals.simulator.shoppers import Chooser, Shoppers, appeal, choose_offers

HABITUAL_SHARE = 0.3
LARGEST_SHARE_OF_EVENTS = 0.2
EVENTS_PER_REBUY = 3
SHORTEST_DAYS, MEDIAN_DAYS, LONGEST_DAYS = 10, 22, 50
BLOCK_OF_SHOPPERS = 512


def habitual_shoppers(config: SimulatorConfig, rng: np.random.Generator) -> IntArray:
    """Who has a habit; few enough that rebuys stay a fraction of the events over a long time."""
    rebuys = config.days / MEDIAN_DAYS + 1
    affordable = LARGEST_SHARE_OF_EVENTS * config.n_events / (EVENTS_PER_REBUY * rebuys * config.n_shoppers)
    return np.flatnonzero(rng.random(config.n_shoppers) < min(HABITUAL_SHARE, affordable))


def habit_logs(
    habitual: IntArray, shoppers: Shoppers, market: Market, clock: Clock, rng: np.random.Generator
) -> list[Log]:
    """View, cart and purchase of every rebuy; their sessions are numbered downwards from -2."""
    if not (market.consumable & market.in_stock).any():
        return []
    owner, item, offer, start = _rebuys(habitual, shoppers, market, clock, rng)
    session = -2 - np.arange(len(owner))
    carted = start + (rng.uniform(15, 60, len(owner)) * MICROSECONDS).astype(np.int64)
    paid = carted + (rng.uniform(40, 200, len(owner)) * MICROSECONDS).astype(np.int64)
    line = {"session": session, "shopper": owner, "item": item}
    quantity = quantities(market.consumable[item], rng)
    return [
        entries(EventKind.VIEW, at=start, **line),
        entries(EventKind.ADD_TO_CART, at=carted, offer=offer, **line),
        entries(EventKind.PURCHASE, at=paid, offer=offer, quantity=quantity, order=session, **line),
    ]


def _rebuys(
    habitual: IntArray, shoppers: Shoppers, market: Market, clock: Clock, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Owner, item, offer and time of every rebuy."""
    favourite = _favourites(habitual, shoppers, market, rng)
    offer = choose_offers(favourite, shoppers.fit[habitual], market, rng)
    days = (clock.end - clock.start) // DAY
    interval = np.clip(rng.lognormal(np.log(MEDIAN_DAYS), 0.4, len(habitual)), SHORTEST_DAYS, LONGEST_DAYS)
    since = shoppers.joined[habitual] * days + rng.random(len(habitual)) * interval
    steps = np.arange(days // SHORTEST_DAYS + 1)
    due = since[:, None] + interval[:, None] * (steps + rng.normal(0, 0.08, (len(habitual), len(steps))))
    who, step = np.nonzero((due >= 0) & (due < days))
    nearby = np.floor(due[who, step]) + rng.random(len(who))
    return habitual[who], favourite[who], offer[who], clock.at(nearby / days)


def _favourites(habitual: IntArray, shoppers: Shoppers, market: Market, rng: np.random.Generator) -> IntArray:
    closed = np.where(market.consumable & market.in_stock, 0.0, -np.inf)
    chosen = np.empty(len(habitual), dtype=np.int64)
    for first in range(0, shoppers.n_shoppers, BLOCK_OF_SHOPPERS):
        block = slice(first, first + BLOCK_OF_SHOPPERS)
        inside = (habitual >= first) & (habitual < block.stop)
        chooser = Chooser(appeal(shoppers, market, block) + closed)
        chosen[inside] = chooser.draw(2 * (habitual[inside] - first), rng)
    return chosen

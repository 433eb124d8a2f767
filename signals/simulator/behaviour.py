"""Everything the shoppers do in the time range, as one log."""

from dataclasses import replace

import numpy as np

from schemas import EventKind
from signals.simulator.browsing import browse
from signals.simulator.clock import DAY, Clock
from signals.simulator.config import SimulatorConfig
from signals.simulator.funnel import Funnel
from signals.simulator.habits import habit_logs, habitual_shoppers
from signals.simulator.log import KIND_CODES, NONE, Log, entries, merged
from signals.simulator.market import IntArray
from signals.simulator.visits import plan_visits
from signals.simulator.world import World

FEWEST_EVENTS_PER_VISIT = 5.5
SPARE_VISITS = 20
REFUNDED_SHARE = 0.034


def behave(config: SimulatorConfig, world: World) -> Log:
    """The log of a whole shop in order of time, at least ``config.n_events`` long."""
    clock, market, shoppers, rng = Clock(config.end, config.days), world.market, world.shoppers, world.rng
    n_visits = round(config.n_events / FEWEST_EVENTS_PER_VISIT) + SPARE_VISITS
    visits = plan_visits(n_visits, shoppers, clock, rng)
    habits = habit_logs(habitual_shoppers(config, rng), shoppers, market, clock, rng)
    views = browse(visits, shoppers, market, rng)
    visited = merged(Funnel(visits, shoppers, market, rng).logs(views))
    wanted = config.n_events - sum(map(len, habits))
    log = merged([_first_visits(visited, visits.rank, wanted, config.n_shoppers), *habits])
    return _renumbered(merged([log, _refunds(log, clock, rng)]))


def _first_visits(log: Log, rank: IntArray, n_events: int, fewest: int) -> Log:
    """The events of the fewest visits, by rank, that make ``n_events``; of no fewer than ``fewest`` visits."""
    by_rank = np.bincount(rank[log.session], minlength=len(rank))
    n_kept = max(int(np.searchsorted(np.cumsum(by_rank), n_events)) + 1, fewest)
    return log.take(np.flatnonzero(rank[log.session] < n_kept))


def _refunds(log: Log, clock: Clock, rng: np.random.Generator) -> Log:
    """Some purchases are refunded after two to twelve days; what falls after the range has not happened yet."""
    bought = np.flatnonzero((log.kind == KIND_CODES[EventKind.PURCHASE]) & (rng.random(len(log)) < REFUNDED_SHARE))
    at = log.at[bought] + np.floor(rng.uniform(2, 12, len(bought)) * DAY).astype(np.int64)
    bought, at = bought[at < clock.end], at[at < clock.end]
    source = log.take(bought)
    none = np.full(len(at), NONE, dtype=np.int64)
    return replace(entries(EventKind.REFUND, at=at, session=none), **_order_lines(source))


def _order_lines(log: Log) -> dict[str, IntArray]:
    return {name: getattr(log, name) for name in ("shopper", "visitor", "item", "offer", "quantity", "order")}


def _renumbered(log: Log) -> Log:
    """Sessions, orders and visitors numbered from 1 in the order in which they appear."""
    return replace(log, **{name: _ordinals(getattr(log, name)) for name in ("session", "order", "visitor")})


def _ordinals(numbers: IntArray) -> IntArray:
    values, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(np.where(values == NONE, -1, first))
    ordinal = np.empty(len(values), dtype=np.int64)
    ordinal[order] = np.arange(len(values)) + (0 if (values == NONE).any() else 1)
    return np.where(numbers == NONE, NONE, ordinal[inverse])

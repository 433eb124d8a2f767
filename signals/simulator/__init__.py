"""A seeded shop with shoppers, for demonstrations and tests: believable, learnable, and nobody's data."""

from signals.simulator.closed_loop import ClosedLoop
from signals.simulator.config import SimulatorConfig
from signals.simulator.loop_events import Day
from signals.simulator.policies import Policy, Ranking, Shown
from signals.simulator.shop import SimulatedShop, simulate
from signals.simulator.statistics import Statistics, statistics

__all__ = [
    "ClosedLoop",
    "Day",
    "Policy",
    "Ranking",
    "Shown",
    "SimulatedShop",
    "SimulatorConfig",
    "Statistics",
    "simulate",
    "statistics",
]

"""A seeded shop with shoppers, for demonstrations and tests: believable, learnable, and nobody's data."""

from signals.simulator.config import SimulatorConfig
from signals.simulator.shop import SimulatedShop, simulate

__all__ = ["SimulatedShop", "SimulatorConfig", "simulate"]

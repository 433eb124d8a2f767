from datetime import UTC, datetime

import pandas as pd
import pytest

from signals.simulator import SimulatedShop, SimulatorConfig, simulate


@pytest.fixture(scope="session")
def small_config() -> SimulatorConfig:
    return SimulatorConfig(
        n_products=100, n_shoppers=300, n_events=9_000, days=60, end=datetime(2026, 5, 1, tzinfo=UTC)
    )


@pytest.fixture(scope="session")
def small_shop(small_config: SimulatorConfig) -> SimulatedShop:
    return simulate(small_config)


@pytest.fixture(scope="session")
def events(small_shop: SimulatedShop) -> pd.DataFrame:
    return small_shop.events


@pytest.fixture(scope="session")
def default_shop() -> SimulatedShop:
    return simulate(SimulatorConfig())

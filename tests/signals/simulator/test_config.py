from datetime import datetime

import pytest
from pydantic import ValidationError

from signals.simulator import SimulatorConfig


def test_a_config_survives_a_round_trip_through_json() -> None:
    config = SimulatorConfig(n_products=60, seed=9, currency="EUR")
    assert SimulatorConfig.model_validate_json(config.model_dump_json()) == config


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"n_product\b"):
        SimulatorConfig.model_validate({"n_product": 400})


def test_too_few_events_for_the_shoppers_is_refused_with_the_number_needed() -> None:
    with pytest.raises(ValidationError, match="n_events is 1000, too few for 300 shoppers: pass at least 3600"):
        SimulatorConfig(n_shoppers=300, n_events=1_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [("n_products", 49), ("n_shoppers", 0), ("days", 6), ("seed", -1), ("currency", "pounds")],
)
def test_a_value_out_of_range_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        SimulatorConfig.model_validate({field: value})


def test_an_end_without_an_offset_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        SimulatorConfig(end=datetime(2026, 1, 1))  # noqa: DTZ001

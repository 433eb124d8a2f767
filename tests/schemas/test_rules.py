"""What a rule may not be, and that rules survive being kept."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas import Rules

MUGS = {"category": "Mugs"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"boosts": [{"of": {}, "by": 1}]}, "it would match everything"),
        ({"boosts": [{"of": MUGS, "by": float("nan")}]}, "finite number"),
        ({"boosts": [{"of": MUGS, "by": 1_000}]}, "less than or equal to 100"),
        (
            {"promotion": {"of": MUGS, "at_least_percent": 30, "at_most_percent": 20}},
            "at_most_percent 20 is below at_least_percent 30",
        ),
        ({"promotion": {"of": MUGS, "at_least_percent": 101}}, "less than or equal to 100"),
        ({"promotion": {"of": MUGS, "at_least_percent": 12.5}}, "valid integer"),
        ({"diversity": {"balance": 1.5}}, "less than or equal to 1"),
        ({"diversity": {"per_brand": 0}}, "greater than or equal to 1"),
        ({"cap": {"shown": 0, "days": 7}}, "greater than or equal to 1"),
        ({"cap": {"shown": 3, "days": 0}}, "greater than 0"),
        ({"exploration": {"epsilon": -0.1}}, "greater than or equal to 0"),
        ({"exploration": {"epsilon": 0.1, "seed": -1}}, "greater than or equal to 0"),
        ({"tail": 0}, "greater than or equal to 1"),
        ({"boost": []}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rules.model_validate(values)


def test_rules_are_the_same_after_they_were_kept() -> None:
    rules = Rules.model_validate(
        {
            "boosts": [{"of": {"brand": "Loom", "attributes": {"color": "red"}}, "by": -0.5}],
            "promotion": {"of": {"items": ["mug"]}, "at_least_percent": 20},
            "diversity": {"balance": 0.7, "per_brand": 2},
            "cap": {"shown": 3, "days": 1.5},
            "exploration": {"epsilon": 0.1, "seed": 2**63 - 1},
        }
    )
    assert Rules.model_validate_json(rules.model_dump_json(exclude_defaults=True)) == rules
    assert Rules().model_dump_json(exclude_defaults=True) == "{}"

"""What an event has to say, and what it may not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.events import KINDS_WITHOUT_ITEM, Event, EventKind

VALID: dict[str, Any] = {
    "event_id": "1",
    "kind": "view",
    "user_id": "ann",
    "item_id": "mug",
    "occurred_at": "2024-01-01T01:00:00+01:00",
}


def test_times_become_utc() -> None:
    assert Event.model_validate(VALID).occurred_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert Event.model_validate(VALID).occurred_at.utcoffset() == UTC.utcoffset(None)


def test_an_event_is_immutable_and_round_trips() -> None:
    event = Event.model_validate(VALID)
    with pytest.raises(ValidationError, match="frozen"):
        event.user_id = "bob"
    assert Event.model_validate_json(event.model_dump_json()) == event


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"user_id": None}, "user_id or anonymous_id is needed"),
        ({"user_id": "anonymous:x"}, "may not start with 'anonymous:'"),
        ({"kind": "alias"}, "an alias needs both"),
        ({"item_id": None}, "a view needs an item_id"),
        ({"kind": "search"}, "a search needs a query"),
        ({"kind": "search", "query": ""}, "a search needs a query"),
        ({"unit_price": "1"}, "unit_price needs a currency"),
        ({"unit_price": 1.5, "currency": "GBP"}, "a float cannot hold money, got 1.5"),
        ({"unit_price": "0.00001", "currency": "GBP"}, "no more than 4 decimal places"),
        ({"occurred_at": "2024-01-01T00:00:00"}, "timezone"),
        ({"quantity": 0}, "greater than or equal to 1"),
        ({"kind": "bought"}, "Input should be 'impression'"),
        ({"colour": "red"}, "Extra inputs"),
        ({"event_id": ""}, "at least 1 character"),
        ({"event_id": "a\tb"}, "pattern"),
        ({"event_id": "x" * 257}, "at most 256"),
    ],
)
def test_a_broken_rule_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Event.model_validate(VALID | values)


@pytest.mark.parametrize("kind", sorted(set(EventKind) - KINDS_WITHOUT_ITEM))
def test_every_kind_but_search_and_alias_is_about_an_item(kind: EventKind) -> None:
    assert Event.model_validate(VALID | {"kind": kind}).item_id == "mug"
    with pytest.raises(ValidationError, match="needs an item_id"):
        Event.model_validate(VALID | {"kind": kind, "item_id": None})

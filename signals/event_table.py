"""Events as an Arrow table: the form in which they are checked and stored.

Columns are those of `schemas.Event`, as a database holds them: ``occurred_at`` in microseconds since 1970,
``unit_price`` in ten-thousandths, ``properties`` as JSON, everything else as it is.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from schemas.events import Event
from signals.column_types import from_amount_units, from_microseconds, to_amount_units, to_microseconds

EVENT_COLUMNS: Final = tuple(Event.model_fields)
WHOLE_NUMBERS: Final = frozenset({"occurred_at", "quantity", "unit_price", "position"})
EVENT_SCHEMA: Final = pa.schema(
    [(name, pa.int64() if name in WHOLE_NUMBERS else pa.string()) for name in EVENT_COLUMNS]
)


def event_table(events: Sequence[Event]) -> pa.Table:
    return pa.Table.from_pylist([_stored(event) for event in events], schema=EVENT_SCHEMA)


def event_values(table: pa.Table) -> list[dict[str, Any]]:
    """The fields of `schemas.Event` that each row has, as Python values."""
    return [
        {name: _READ[name](value) if name in _READ else value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]


def without_nul(value: str | None) -> str | None:
    """PostgreSQL's text holds every character but NUL."""
    return value.replace("\x00", "") if value else value


def as_json(properties: Any) -> str | None:
    """None for no properties at all."""
    return json.dumps(properties, allow_nan=False) if properties else None


def _stored(event: Event) -> dict[str, Any]:
    values = {name: getattr(event, name) for name in EVENT_COLUMNS}
    return values | {
        "kind": event.kind.value,
        "occurred_at": to_microseconds(event.occurred_at),
        "unit_price": None if event.unit_price is None else to_amount_units(event.unit_price),
        "query": without_nul(event.query),
        "properties": as_json(event.properties),
    }


_READ: Final[dict[str, Any]] = {
    "occurred_at": from_microseconds,
    "unit_price": from_amount_units,
    "properties": json.loads,
}

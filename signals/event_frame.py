"""Events as a frame: the form they are checked, stored and streamed in.

Columns are those of `schemas.Event`: ``occurred_at`` datetime64[us, UTC], ``quantity`` int64, ``unit_price`` Decimal,
``properties`` dict, everything else text; a missing value is None (or NaN in a text column).
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.events import Event, EventKind
from signals.column_types import from_amount_units, to_amount_units

EVENT_COLUMNS: Final = tuple(Event.model_fields)
TEXT_COLUMNS: Final = tuple(
    name
    for name in EVENT_COLUMNS
    if name not in {"occurred_at", "quantity", "unit_price", "position", "query", "properties"}
)

ObjectArray = npt.NDArray[np.object_]


def objects(series: "pd.Series[Any]") -> ObjectArray:
    """The values as Python objects, None where one is missing."""
    values: ObjectArray = series.to_numpy(dtype=object)
    return blanked(values, pd.isna(series).to_numpy()) if series.hasnans else values


def blanked(values: ObjectArray, where: npt.NDArray[np.bool_]) -> ObjectArray:
    """A copy with None where the mask is true."""
    result = values.copy()
    result[where] = None
    return result


def missing(size: int) -> ObjectArray:
    return np.full(size, None, dtype=object)


def utc_times(microseconds: npt.ArrayLike) -> pd.DatetimeIndex:
    """datetime64[us, UTC] from microseconds since 1970."""
    return pd.DatetimeIndex(np.asarray(microseconds, dtype=np.int64).view("datetime64[us]")).tz_localize("UTC")


def microseconds(times: "pd.Series[Any]") -> npt.NDArray[np.int64]:
    converted = pd.DatetimeIndex(times).tz_convert("UTC").tz_localize(None).as_unit("us")
    return converted.to_numpy().astype(np.int64)


def amount_units(amounts: Iterable[Decimal | None]) -> list[int | None]:
    known: dict[Decimal | None, int | None] = {None: None}
    result = []
    for amount in amounts:
        if amount not in known:
            known[amount] = None if amount is None else to_amount_units(amount)
        result.append(known[amount])
    return result


def amounts(units: Iterable[int | None]) -> ObjectArray:
    known: dict[int | None, Decimal | None] = {None: None}
    result = []
    for unit in units:
        if unit not in known:
            known[unit] = None if unit is None else from_amount_units(unit)
        result.append(known[unit])
    array = missing(len(result))
    array[:] = result
    return array


def without_nul(value: str | None) -> str | None:
    """PostgreSQL's text holds every character but NUL."""
    return value.replace("\x00", "") if value else value


def events_frame(events: Sequence[Event]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in EVENT_COLUMNS:
        values = [getattr(event, name) for event in events]
        if name == "occurred_at":
            columns[name] = pd.DatetimeIndex(values, tz="UTC").as_unit("us")
        elif name == "quantity":
            columns[name] = pd.Series(values, dtype="int64")
        else:
            columns[name] = pd.Series([_plain(value) for value in values], dtype=object)
    return pd.DataFrame(columns)


def _plain(value: Any) -> Any:
    if value == {}:
        return None
    return value.value if isinstance(value, EventKind) else value


def event_rows(frame: pd.DataFrame, recorded_at: int) -> list[tuple[Any, ...]]:
    """Rows for the table, in the order of `EVENT_COLUMNS` with ``recorded_at`` (microseconds) at the end."""
    columns = [_stored(name, frame[name]) for name in EVENT_COLUMNS]
    return list(zip(*columns, [recorded_at] * len(frame), strict=True))


def _stored(name: str, series: "pd.Series[Any]") -> list[Any]:
    if name == "occurred_at":
        return list(microseconds(series).tolist())
    if name == "unit_price":
        return amount_units(objects(series))
    if name == "properties":
        return [json.dumps(value, allow_nan=False) if value else None for value in objects(series)]
    if name == "query":
        return [without_nul(value) for value in objects(series)]
    return list(objects(series))

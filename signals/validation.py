"""Which rows of a frame are events, with exactly the meaning of `schemas.Event`, at the speed of columns.

Most rows are certainly valid, and columns show it. Whatever columns cannot vouch for (a price in words, a time without
an offset, a number as text) is put to the contract itself, row by row: it alone rejects, and its words are the reason.
So the columns only have to be right when they say yes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ValidationError

from schemas.catalog import Product
from schemas.events import Event
from signals.certainty import MAX_POSITION, Column, typed_columns
from signals.errors import InvalidRecordError
from signals.event_frame import EVENT_COLUMNS, events_frame, missing, objects
from signals.rows import LINE, Reject
from signals.texts import cleaned

MAX_STOCK: Final = 2**63 - 1
MAX_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True)
class Checked:
    """``events`` has the columns of `event_frame` and ``line``, in the order read."""

    events: pd.DataFrame
    rejects: tuple[Reject, ...]


def check_events(frame: pd.DataFrame) -> Checked:
    """Part the rows of a canonical frame into events and rejects. Any dtype; columns but ``line`` may be missing.

    An event more than a day ahead of this machine's clock is a reject.
    """
    columns = _columns(frame)
    lines = frame[LINE].to_numpy()
    typed, certain = typed_columns(columns)
    certain &= np.asarray(typed["occurred_at"] <= _latest(), dtype=bool)
    events, rejects = _ask_contract(columns, np.flatnonzero(~certain), lines)
    table = pd.DataFrame({name: _series(column, certain) for name, column in typed.items()})
    table[LINE] = lines[certain]
    if len(events):
        table = pd.concat([table, events]) if len(table) else events
        table = table.sort_values(LINE, kind="stable", ignore_index=True)
    return Checked(table, tuple(rejects))


def _series(column: Any, chosen: npt.NDArray[np.bool_]) -> "pd.Series[Any]":
    """The chosen values with the dtype they have: pandas would guess another one for text."""
    dtype = object if column.dtype == np.dtype(object) else None
    return pd.Series(column if chosen.all() else column[chosen], dtype=dtype)


def event_of(values: Event | Mapping[str, Any]) -> Event:
    """One event, or its fields, checked.

    Raises
    ------
    InvalidRecordError
        The fields break `schemas.Event`, hold what no database can store, or a time that only a broken clock can
        have shown; the message is the reason.
    """
    try:
        event = values if isinstance(values, Event) else Event.model_validate(values)
    except ValidationError as error:
        raise InvalidRecordError(reason_of(error)) from error
    except OverflowError as error:
        raise InvalidRecordError("occurred_at: outside the years 1 to 9999 in UTC") from error
    if event.occurred_at > _latest():
        raise InvalidRecordError("occurred_at: more than a day in the future")
    _require_storable(event)
    return event


def product_of(values: Product | Mapping[str, Any]) -> Product:
    """One product, or its fields, checked; raises `InvalidRecordError` as `event_of` does."""
    try:
        product = values if isinstance(values, Product) else Product.model_validate(values)
    except ValidationError as error:
        raise InvalidRecordError(reason_of(error)) from error
    if not cleaned(product.title).strip():
        raise InvalidRecordError("title: blank")
    if any((offer.quantity or 0) > MAX_STOCK for offer in product.offers()):
        raise InvalidRecordError(f"quantity: above {MAX_STOCK}")
    return product


def reason_of(error: ValidationError) -> str:
    """The first thing wrong: the field and the rule it breaks; without the value, so that equal reasons add up."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message


def _latest() -> datetime:
    return datetime.now(UTC) + MAX_AHEAD


def _require_storable(event: Event) -> None:
    if event.position is not None and event.position > MAX_POSITION:
        raise InvalidRecordError(f"position: above {MAX_POSITION}")
    try:
        json.dumps(event.properties, allow_nan=False)
    except ValueError as error:
        raise InvalidRecordError("properties: NaN and infinity are not JSON") from error


def _columns(frame: pd.DataFrame) -> dict[str, Column]:
    unknown = [name for name in frame.columns if name not in EVENT_COLUMNS and name != LINE]
    if unknown:
        raise InvalidRecordError(f"unknown column {unknown[0]!r}; allowed: {', '.join(EVENT_COLUMNS)}")
    return {name: _column(frame, name) for name in EVENT_COLUMNS}


def _column(frame: pd.DataFrame, name: str) -> Column:
    if name not in frame.columns:
        return missing(len(frame))
    if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(frame[name])
    return objects(frame[name])


def _ask_contract(
    columns: dict[str, Column], rows: npt.NDArray[np.intp], lines: npt.NDArray[Any]
) -> tuple[pd.DataFrame, list[Reject]]:
    events, kept, rejects = [], [], []
    for row in rows.tolist():
        values = {name: column[row] for name, column in columns.items() if not _is_missing(column[row])}
        try:
            events.append(event_of(values))
            kept.append(lines[row])
        except InvalidRecordError as error:
            rejects.append(Reject(int(lines[row]), str(error), values))
    frame = events_frame(events)
    frame[LINE] = kept
    return frame, rejects


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT

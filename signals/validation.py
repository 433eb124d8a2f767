"""Which rows of a frame are events, with exactly the meaning of `schemas.Event`, at the speed of columns.

Most rows are certainly valid, and columns show it. Whatever columns cannot vouch for (a price in words, a time without
an offset, a number as text) is put to the contract itself, row by row: it alone rejects, and its words are the reason.
So the columns only have to be right when they say yes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from schemas.catalog import Product
from schemas.events import Event
from signals.certainty import MAX_POSITION, Column, typed_columns
from signals.errors import InvalidRecordError
from signals.event_frame import objects
from signals.event_table import EVENT_COLUMNS, event_table
from signals.rows import LINE, Reject
from signals.texts import cleaned

MAX_STOCK: Final = 2**63 - 1


@dataclass(frozen=True)
class Checked:
    """``events``: a table of `signals.event_table.EVENT_SCHEMA` and ``line``, in the order read."""

    events: pa.Table
    rejects: tuple[Reject, ...]


def check_events(frame: pd.DataFrame) -> Checked:
    """Part the rows of a canonical frame into events and rejects. Any dtype; columns but ``line`` may be missing."""
    columns = _columns(frame)
    lines = frame[LINE].to_numpy(dtype=np.int64)
    typed, certain = typed_columns(columns)
    certainly = typed.append_column(LINE, pa.array(lines))
    if certain.all():
        return Checked(certainly, ())
    asked, rejects = _ask_contract(columns, np.flatnonzero(~certain), lines)
    events = pa.concat_tables([certainly.filter(pa.array(certain)), asked])
    return Checked(events.sort_by(LINE), tuple(rejects))


def event_of(values: Event | Mapping[str, Any]) -> Event:
    """One event, or its fields, checked.

    Raises
    ------
    InvalidRecordError
        The fields break `schemas.Event` or hold what no database can store; the message is the reason.
    """
    try:
        event = values if isinstance(values, Event) else Event.model_validate(values)
    except ValidationError as error:
        raise InvalidRecordError(reason_of(error)) from error
    except OverflowError as error:
        raise InvalidRecordError("occurred_at: outside the years 1 to 9999 in UTC") from error
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
        return pa.nulls(len(frame))
    column = frame[name]
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(column)
    if isinstance(column.dtype, pd.ArrowDtype | pd.StringDtype):
        made = pa.array(column, from_pandas=True)
        return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
    return objects(column)


def _ask_contract(
    columns: dict[str, Column], rows: npt.NDArray[np.intp], lines: npt.NDArray[np.int64]
) -> tuple[pa.Table, list[Reject]]:
    events, kept, rejects = [], [], []
    for row in rows.tolist():
        values = {name: value for name in columns if not _is_missing(value := _python(columns[name][row]))}
        try:
            events.append(event_of(values))
            kept.append(int(lines[row]))
        except InvalidRecordError as error:
            rejects.append(Reject(int(lines[row]), str(error), values))
    return event_table(events).append_column(LINE, pa.array(kept, type=pa.int64())), rejects


def _python(value: Any) -> Any:
    return value.as_py() if isinstance(value, pa.Scalar) else value


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NaT

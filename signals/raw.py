"""Reading many rows: driver values in batches, turned into a frame a column at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, Label, Select, type_coerce

from schemas.columns import Columns
from signals.event_frame import amounts, utc_times

BATCH_ROWS: Final = 50_000
IDS_PER_QUERY: Final = 10_000

Converter = Callable[[Sequence[Any]], Any]


def raw(column: ColumnElement[Any]) -> Label[int]:
    """A time or an amount as the integer it is stored as, under its own name."""
    return type_coerce(column, BigInteger()).label(getattr(column, "name", None))


def fetch(connection: Connection, statement: Select[Any]) -> pd.DataFrame:
    """The rows as a frame; times and amounts selected by `raw` become times and Decimals by their column's name."""
    result = connection.execute(statement)
    return _frame(list(result.keys()), result.all())


def fetch_many(connection: Connection, statement: Select[Any]) -> pd.DataFrame:
    """As `fetch`, without ever holding all rows as Python objects."""
    result = connection.execution_options(yield_per=BATCH_ROWS).execute(statement)
    names = list(result.keys())
    parts = [_frame(names, rows) for rows in result.partitions()]
    return pd.concat(parts, ignore_index=True) if parts else _frame(names, [])


def in_batches(ids: Iterable[str]) -> list[list[str]]:
    """The distinct ids, sorted, in lists short enough for one statement; one empty list if there are none."""
    ordered = sorted(set(ids))
    return [ordered[start : start + IDS_PER_QUERY] for start in range(0, len(ordered), IDS_PER_QUERY)] or [[]]


def _frame(names: list[str], rows: Sequence[Any]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pd.DataFrame({name: _converted(name, column) for name, column in zip(names, columns, strict=True)})


def _converted(name: str, values: Sequence[Any]) -> Any:
    return CONVERTERS.get(name, _text)(values)


_text: Converter = partial(pd.Series, dtype="str")
_object: Converter = partial(pd.Series, dtype=object)
_integer: Converter = partial(pd.Series, dtype="Int64")
_real: Converter = partial(np.array, dtype=np.float64)
_flag: Converter = partial(np.array, dtype=np.bool_)

CONVERTERS: Final[Mapping[str, Converter]] = {
    Columns.OCCURRED_AT: utc_times,
    Columns.FIRST_AT: utc_times,
    Columns.LAST_AT: utc_times,
    "recorded_at": utc_times,
    Columns.CREATED_AT: utc_times,
    "unit_price": amounts,
    Columns.PRICE: amounts,
    Columns.QUANTITY: _integer,
    "position": _integer,
    "id": _integer,
    Columns.WEIGHT: _real,
    Columns.SCORE: _real,
    "propensity": _real,
    "personalized": _flag,
    "cold_start": _flag,
    "properties": _object,
    Columns.CATEGORY: _object,
    Columns.ATTRIBUTES: _object,
    "product_attributes": _object,
}

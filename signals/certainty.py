"""What columns alone can say of events: these rows are certainly valid, and these are their values.

Sound, not complete: a row that is not certain may still be valid, and is for `schemas.Event` to judge.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.events import KINDS_WITHOUT_ITEM, MAX_QUANTITY, MAX_QUERY_LENGTH, Event, EventKind
from schemas.ids import ANONYMOUS_PREFIX, MAX_ID_LENGTH
from schemas.money import MAX_AMOUNT
from signals.event_frame import EVENT_COLUMNS, ObjectArray, blanked, missing

ID_COLUMNS: Final = (
    "event_id",
    "source",
    "user_id",
    "anonymous_id",
    "session_id",
    "item_id",
    "variant_id",
    "order_id",
    "request_id",
)
MAX_POSITION: Final = 2**31 - 1
CONTROL_CHARACTERS: Final = "[\\x00-\\x1f\\x7f]"
PLAIN_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
PLAIN_INTEGER: Final = re.compile(r"[0-9]{1,9}")
PLAIN_TIME: Final = (
    r"^[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"(Z|[+-](0\d|1[0-3]):[0-5]\d)$"
)
DEFAULT_SOURCE: Final = str(Event.model_fields["source"].default)
UNSURE: Final = object()

Mask = npt.NDArray[np.bool_]
Column = ObjectArray | pd.DatetimeIndex


def typed_columns(columns: dict[str, Column]) -> tuple[dict[str, Any], Mask]:
    """The columns as they are stored, and the rows for which every column is sure; the values of others are void."""
    size = len(columns["kind"])
    typed: dict[str, Any] = dict(columns)
    typed["source"] = np.where(pd.isna(columns["source"]), DEFAULT_SOURCE, columns["source"])
    typed["unit_price"], sure_price = _each(columns["unit_price"], _amount)
    typed["quantity"], sure_quantity = _each(columns["quantity"], _quantity)
    typed["position"], sure_position = _each(columns["position"], _position)
    typed["properties"], sure_properties = _each(columns["properties"], _properties)
    typed["occurred_at"], sure_time = _times(columns["occurred_at"])
    typed["quantity"] = typed["quantity"].astype(np.int64)
    certain = np.ones(size, dtype=bool)
    for sure in (sure_price, sure_quantity, sure_position, sure_properties, sure_time, _sure_texts(columns)):
        certain &= sure
    return typed, certain


def _sure_texts(columns: dict[str, Column]) -> Mask:
    present = {name: ~pd.isna(columns[name]) for name in EVENT_COLUMNS}
    texts = {name: _text(columns[name]) for name in (*ID_COLUMNS, "kind", "currency", "query")}
    sure: Mask = present["event_id"] & present["kind"] & (present["user_id"] | present["anonymous_id"])
    for name in ID_COLUMNS:
        sure &= ~present[name] | _true(_is_identifier(texts[name]))
    kinds = texts["kind"]
    without_item = _true(pc.is_in(kinds, pa.array([kind.value for kind in KINDS_WITHOUT_ITEM])))
    sure &= _true(pc.is_in(kinds, pa.array([kind.value for kind in EventKind])))
    sure &= ~_true(pc.starts_with(texts["user_id"], ANONYMOUS_PREFIX))
    sure &= without_item | present["item_id"]
    sure &= ~_true(pc.equal(kinds, EventKind.ALIAS)) | (present["user_id"] & present["anonymous_id"])
    sure &= ~_true(pc.equal(kinds, EventKind.SEARCH)) | _true(pc.greater(pc.utf8_length(texts["query"]), 0))
    sure &= ~present["query"] | _true(pc.less_equal(pc.utf8_length(texts["query"]), MAX_QUERY_LENGTH))
    sure &= ~present["currency"] | _true(pc.match_substring_regex(texts["currency"], "^[A-Z]{3}$"))
    sure &= ~present["unit_price"] | present["currency"]
    return sure


def _is_identifier(text: pa.Array) -> pa.Array:
    length = pc.utf8_length(text)
    fits = pc.and_(pc.greater(length, 0), pc.less_equal(length, MAX_ID_LENGTH))
    return pc.and_(fits, pc.invert(pc.match_substring_regex(text, CONTROL_CHARACTERS)))


def _text(column: Column) -> pa.Array:
    """The column as text; whatever is none, or has half a surrogate pair, is missing."""
    if isinstance(column, pd.DatetimeIndex):
        return pa.nulls(len(column), pa.string())
    try:
        return pa.array(column, type=pa.string())
    except (pa.ArrowException, UnicodeEncodeError, TypeError):
        plain = np.fromiter((type(value) is str and value.isascii() for value in column), bool, len(column))
        return pa.array(blanked(column, ~plain), type=pa.string())


def _true(mask: pa.Array) -> Mask:
    """True where the mask is; missing counts as false."""
    return np.asarray(mask.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def _each(column: Column, read: Callable[[Any], Any]) -> tuple[ObjectArray, Mask]:
    values = missing(len(column))
    if pd.isna(column).all():
        values[:] = read(None)
        return values, np.ones(len(column), dtype=bool)
    values[:] = [read(value) for value in column]
    unsure = np.fromiter((value is UNSURE for value in values), bool, len(values))
    values[unsure] = read(None)
    return values, ~unsure


def _amount(value: Any) -> Any:
    if value is None:
        return None
    return _known_amount(value) if type(value) in {str, int, Decimal} else UNSURE


@lru_cache(maxsize=65_536, typed=True)
def _known_amount(value: str | int | Decimal) -> Any:
    if isinstance(value, str):
        return Decimal(value) if PLAIN_AMOUNT.fullmatch(value) else UNSURE
    amount = Decimal(value)
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        return UNSURE
    return amount if PLAIN_AMOUNT.fullmatch(str(amount)) else UNSURE


def _quantity(value: Any) -> Any:
    return 1 if value is None else _whole(value, MAX_QUANTITY)


def _position(value: Any) -> Any:
    return None if value is None else _whole(value, MAX_POSITION)


def _whole(value: Any, high: int) -> Any:
    if type(value) is str and PLAIN_INTEGER.fullmatch(value):
        value = int(value)
    return value if type(value) is int and 1 <= value <= high else UNSURE


def _properties(value: Any) -> Any:
    if not value:
        return None if value is None or type(value) is dict else UNSURE
    if type(value) is not dict:
        return UNSURE
    plain = all(type(name) is str and type(item) in {str, int, bool} for name, item in value.items())
    return value if plain else UNSURE


def _times(column: Column) -> tuple[pd.DatetimeIndex, Mask]:
    if isinstance(column, pd.DatetimeIndex):
        times = column.tz_convert("UTC").as_unit("us")
        return times, ~np.asarray(times.isna(), dtype=bool)
    texts = _text(column)
    plain = _true(pc.match_substring_regex(texts, PLAIN_TIME))
    aware = np.fromiter((_is_aware(value) for value in column), bool, len(column))
    values = blanked(column, ~(plain | aware))
    read = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601", errors="coerce")
    index = pd.DatetimeIndex(read).as_unit("us")
    return index, ~np.asarray(index.isna(), dtype=bool)


def _is_aware(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None and 1 < value.year < 9999

"""What columns alone can say of events: these rows are certainly valid, and these are their values as stored.

Sound, not complete: a row that is not certain may still be valid, and is for `schemas.Event` to judge.
"""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.events import KINDS_WITHOUT_ITEM, MAX_QUANTITY, MAX_QUERY_LENGTH, Event, EventKind
from schemas.ids import ANONYMOUS_PREFIX, MAX_ID_LENGTH
from schemas.money import MAX_AMOUNT
from schemas.personal_data import MAY_BE_PERSONAL
from signals.column_types import to_amount_units
from signals.event_frame import ObjectArray, blanked
from signals.event_table import EVENT_SCHEMA, as_json

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
TEXT_COLUMNS: Final = (*ID_COLUMNS, "kind", "currency", "query")
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
UTC_MICROSECONDS: Final = pa.timestamp("us", tz="UTC")

Mask = npt.NDArray[np.bool_]
Column: TypeAlias = ObjectArray | pd.DatetimeIndex | pa.Array


def typed_columns(columns: dict[str, Column]) -> tuple[pa.Table, Mask]:
    """The events as they are stored, and the rows for which every column is sure; the values of others are void."""
    texts = {name: _text(columns[name]) for name in TEXT_COLUMNS}
    numbers: dict[str, tuple[pa.Array, Mask]] = {
        "occurred_at": _times(columns["occurred_at"]),
        "unit_price": _each(columns["unit_price"], _amount, pa.int64()),
        "quantity": _each(columns["quantity"], _quantity, pa.int64()),
        "position": _each(columns["position"], _position, pa.int64()),
        "properties": _each(columns["properties"], _properties, pa.string()),
    }
    certain = _sure_texts(texts, {name: _present(columns[name]) for name in columns})
    for _, sure in numbers.values():
        certain &= sure
    typed = {**texts, **{name: values for name, (values, _) in numbers.items()}}
    typed["source"] = pc.fill_null(texts["source"], DEFAULT_SOURCE)
    typed["query"] = pc.replace_substring(texts["query"], "\x00", "")
    return pa.table([typed[name] for name in EVENT_SCHEMA.names], schema=EVENT_SCHEMA), certain


def _sure_texts(texts: dict[str, pa.Array], present: dict[str, Mask]) -> Mask:
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
    sure &= ~_true(pc.match_substring_regex(texts["query"], MAY_BE_PERSONAL))
    sure &= ~present["currency"] | _true(pc.match_substring_regex(texts["currency"], "^[A-Z]{3}$"))
    sure &= ~present["unit_price"] | present["currency"]
    return sure


def _is_identifier(text: pa.Array) -> pa.Array:
    length = pc.utf8_length(text)
    fits = pc.and_(pc.greater(length, 0), pc.less_equal(length, MAX_ID_LENGTH))
    return pc.and_(fits, pc.invert(pc.match_substring_regex(text, CONTROL_CHARACTERS)))


def _present(column: Column) -> Mask:
    if isinstance(column, pa.Array):
        return _true(column.is_valid())
    return ~np.asarray(pd.isna(column), dtype=bool)


def _text(column: Column) -> pa.Array:
    """The column as text; whatever is none, or has half a surrogate pair, is missing."""
    if isinstance(column, pa.Array):
        is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        return column.cast(pa.string()) if is_text else pa.nulls(len(column), pa.string())
    if isinstance(column, pd.DatetimeIndex):
        return pa.nulls(len(column), pa.string())
    try:
        return pa.array(column, type=pa.string())
    except (pa.ArrowException, UnicodeEncodeError, TypeError):
        plain = np.fromiter((type(value) is str and value.isascii() for value in column), bool, len(column))
        return pa.array(blanked(column, ~plain), type=pa.string())


def _true(mask: pa.Array) -> Mask:
    """True where the mask is; missing counts as false."""
    return np.array(mask.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def _each(column: Column, read: Callable[[Any], Any], kind: pa.DataType) -> tuple[pa.Array, Mask]:
    """What ``read`` makes of each value, and where it was sure; of an Arrow column it sees each value once."""
    if not isinstance(column, pa.Array):
        return _read(column.tolist() if isinstance(column, np.ndarray) else list(column), read, kind)
    encoded = column.dictionary_encode()
    distinct, sure = _read([*encoded.dictionary.to_pylist(), None], read, kind)
    places = encoded.indices.fill_null(len(encoded.dictionary))
    return distinct.take(places), sure[places.to_numpy()]


def _read(values: list[Any], read: Callable[[Any], Any], kind: pa.DataType) -> tuple[pa.Array, Mask]:
    made = [read(value) for value in values]
    sure = np.fromiter((value is not UNSURE for value in made), bool, len(made))
    return pa.array([None if value is UNSURE else value for value in made], type=kind), sure


def _amount(value: Any) -> Any:
    if value is None:
        return None
    return _known_amount(value) if type(value) in {str, int, Decimal} else UNSURE


@lru_cache(maxsize=65_536, typed=True)
def _known_amount(value: str | int | Decimal) -> Any:
    if isinstance(value, str):
        return to_amount_units(Decimal(value)) if PLAIN_AMOUNT.fullmatch(value) else UNSURE
    amount = Decimal(value)
    if not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        return UNSURE
    return to_amount_units(amount) if PLAIN_AMOUNT.fullmatch(str(amount)) else UNSURE


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
    plain = all(
        type(name) is str and name.isascii() and (type(item) in {int, bool} or (type(item) is str and item.isascii()))
        for name, item in value.items()
    )
    return as_json(value) if plain else UNSURE


def _times(column: Column) -> tuple[pa.Array, Mask]:
    """Microseconds since 1970."""
    if isinstance(column, pa.Array) and pa.types.is_timestamp(column.type) and column.type.tz:
        times = column.cast(UTC_MICROSECONDS, safe=False)
    elif isinstance(column, pd.DatetimeIndex):
        times = pa.array(column.tz_convert("UTC").as_unit("us"))
    else:
        times = _parsed_times(column)
    return times.cast(pa.int64()), _true(times.is_valid())


def _parsed_times(column: ObjectArray | pa.Array) -> pa.Array:
    texts = _text(column)
    plain = pc.match_substring_regex(texts, PLAIN_TIME)
    if _true(plain).all():
        try:
            return texts.cast(UTC_MICROSECONDS)
        except pa.ArrowInvalid:
            pass  # a day that no month has: the slower reader tells which
    values = np.array(column.to_pylist(), dtype=object) if isinstance(column, pa.Array) else column
    aware = np.fromiter((_is_aware(value) for value in values), bool, len(values))
    read = pd.to_datetime(
        pd.Series(blanked(values, ~(_true(plain) | aware)), dtype=object), utc=True, format="ISO8601", errors="coerce"
    )
    return pa.array(pd.DatetimeIndex(read).as_unit("us"))


def _is_aware(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None and 1 < value.year < 9999

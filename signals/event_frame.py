"""The values of frames: text, times and amounts of money, from what adapters read and what a database stores."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from signals.column_types import from_amount_units

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

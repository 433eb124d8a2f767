"""Counts over a long file: chunks are summed up now and then, so that memory does not grow with the file."""

from collections.abc import Callable
from typing import Final

import pandas as pd

MAX_PARTS: Final = 16


class Tally:
    """``summed`` makes one frame of many; of its own results it makes what it would make of all rows at once."""

    def __init__(self, summed: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        self._summed = summed
        self._parts: list[pd.DataFrame] = []

    def add(self, rows: pd.DataFrame) -> None:
        self._parts.append(self._summed(rows))
        if len(self._parts) == MAX_PARTS:
            self._parts = [self.frame()]

    def frame(self) -> pd.DataFrame:
        return self._summed(pd.concat(self._parts))

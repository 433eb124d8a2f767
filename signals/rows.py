"""What an adapter hands over: a chunk of rows that could be read, and the rows that could not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

LINE: Final = "line"
CHUNK_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Record:
    """One source row. ``line`` is its line in a text file (a CSV header is line 1), its row number in Parquet."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """One source row that is not stored, and why."""

    line: int
    reason: str
    row: Any


@dataclass(frozen=True)
class Chunk:
    """``frame``: canonical columns (those missing hold nothing) and ``line``."""

    frame: pd.DataFrame
    rejects: tuple[Reject, ...]


def in_chunks(rows: Iterable[Record | Reject], size: int = CHUNK_ROWS) -> Iterator[tuple[list[Record], list[Reject]]]:
    records: list[Record] = []
    rejects: list[Reject] = []
    for row in rows:
        if isinstance(row, Record):
            records.append(row)
        else:
            rejects.append(row)
        if len(records) + len(rejects) >= size:
            yield records, rejects
            records, rejects = [], []
    if records or rejects:
        yield records, rejects

"""The files of a batch: recommendations of shoppers in Parquet, part by part, and what says that they are whole."""

import hashlib
import os
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from schemas.base import Contract, UtcDatetime

FORMAT: Final = "shop-recommender batch"
ITEM: Final = pa.struct([("item_id", pa.string()), ("score", pa.float32())])
QUOTED: Final = pa.struct([("variant_id", pa.string()), ("amount", pa.string()), ("currency", pa.string())])
SCHEMA: Final = pa.schema(
    [
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("cold_start", pa.bool_(), nullable=False),
        pa.field("items", pa.list_(ITEM), nullable=False),
        pa.field("copy_text", pa.string()),
        pa.field("quoted", pa.list_(QUOTED)),
    ]
)
"""One row for each shopper, ascending by ``user_id``; ``items`` best first; ``quoted``: what the copy says of the
first items, in their order, as it was at the run's time."""


class Plan(Contract):
    """What makes a run the run it is: what is the same goes on where it broke off, what differs is another run.

    ``shoppers`` says whom it is for: "all", or a file or query with the checksum of the ids that it gave.
    """

    format: str = FORMAT
    run_id: str
    as_of: UtcDatetime
    model_version: str
    shoppers: str
    k: int
    settings: dict[str, Any] = Field(default_factory=dict)
    parts: int
    part_size: int

    @property
    def identity(self) -> dict[str, Any]:
        """All that must be the same for a run to be resumed."""
        return self.model_dump(mode="json", include={"model_version", "shoppers", "k", "settings"})


class Part(Contract):
    """One finished part: ``counts`` has shoppers, cold_start, items, short (lists) and copies by what became of them.

    After an erasure ``shoppers`` is counted anew; the others are those of the making.
    """

    sha256: str
    size: int
    counts: dict[str, int]


class BatchManifest(Contract):
    """A finished run: the plan, what it did in all, the versions of libraries, and every part."""

    plan: Plan
    counts: dict[str, int]
    libraries: dict[str, str]
    seconds: float
    parts: dict[str, Part]


def part_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parquet(table: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file; the same rows give the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def write_durably(path: Path, data: bytes) -> None:
    """The file appears whole or not at all, and survives a power cut."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)

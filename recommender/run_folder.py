"""The folder of a shop's batches: which run of it is in use, and the one that is under way.

A folder holds one folder per finished run, ``current.json``, which names the one in use, and ``.unfinished``, the run
that is under way or broke off. A part is written under another name and renamed; what stands beside it says that it is
finished, with its checksum. Readers of the run in use never see another one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

from recommender.errors import BatchError
from recommender.parts import BatchManifest, Part, Plan, checksum, parquet, part_name, write_durably
from schemas.base import Contract

KEPT_RUNS: Final = 2
CURRENT: Final = "current.json"
MANIFEST: Final = "manifest.json"
PLAN: Final = "plan.json"
UNFINISHED: Final = ".unfinished"
SHOPPERS: Final = "shoppers.parquet"
LOCK: Final = ".lock"
Read = TypeVar("Read", bound=Contract)


class RunFolder:
    """The folder of one shop's batches, one writer at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unfinished = folder / UNFINISHED

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Raises BatchError where another process writes a run into this folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise BatchError(f"{str(self.folder)!r} cannot be written to: {error}; pass another --out") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BatchError(f"another batch is being written to {str(self.folder)!r}; wait for it to end") from None
        else:
            yield
        finally:
            os.close(lock)

    def plan(self) -> Plan | None:
        """The plan of the unfinished run; None where there is none."""
        path = self.unfinished / PLAN
        if not path.exists():
            return None
        return _read(path, Plan)

    def begin(self, plan: Plan, parts: Sequence[Sequence[str]]) -> None:
        """Lay out a new run; what an earlier one left unfinished is discarded."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self.unfinished.mkdir(parents=True)
        numbers = [number for number, users in enumerate(parts) for _ in users]
        table = pa.table({"part": pa.array(numbers, pa.int32()), "user_id": [one for users in parts for one in users]})
        pq.write_table(table, self.unfinished / SHOPPERS)
        write_durably(self.unfinished / PLAN, plan.model_dump_json(indent=2).encode())

    def shoppers(self) -> dict[int, list[str]]:
        """The ids of each part of the unfinished run."""
        table, found = pq.read_table(self.unfinished / SHOPPERS), dict[int, list[str]]()
        for number, user in zip(table["part"].to_pylist(), table["user_id"].to_pylist(), strict=True):
            found.setdefault(number, []).append(user)
        return found

    def finished(self, number: int) -> Part | None:
        """A part of the unfinished run, if all of it is there as it was written."""
        path = self.unfinished / part_name(number)
        with suppress(OSError, ValidationError):
            part = Part.model_validate_json(path.with_suffix(".json").read_bytes())
            return part if checksum(path.read_bytes()) == part.sha256 else None
        return None

    def add(self, number: int, data: bytes, counts: Mapping[str, int]) -> None:
        """Store a part of the unfinished run."""
        _store(self.unfinished / part_name(number), data, counts)

    def finish(self, manifest: BatchManifest) -> Path:
        """Make the unfinished run the one in use, at once, and remove those before the last."""
        run = self.folder / manifest.plan.run_id
        text = manifest.model_dump_json(indent=2).encode()
        write_durably(self.unfinished / MANIFEST, text)
        for name in manifest.parts:
            (self.unfinished / name).with_suffix(".json").unlink(missing_ok=True)
        for name in (SHOPPERS, PLAN):
            (self.unfinished / name).unlink(missing_ok=True)
        self.unfinished.rename(run)
        write_durably(self.folder / CURRENT, json.dumps({"run": run.name}).encode())
        for old in self.runs()[:-KEPT_RUNS]:
            shutil.rmtree(self.folder / old, ignore_errors=True)
        return run

    def runs(self) -> list[str]:
        """The finished runs, oldest first."""
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{MANIFEST}"))

    def manifest(self, run: str | None = None) -> BatchManifest:
        """Of a finished run, None: the one in use. Raises BatchError where there is none, or it is damaged."""
        return _read(self.folder / (run or self.current()) / MANIFEST, BatchManifest)

    def current(self) -> str:
        """The run in use; raises BatchError where there is none yet."""
        try:
            return str(json.loads((self.folder / CURRENT).read_bytes())["run"])
        except (OSError, ValueError, KeyError) as error:
            raise BatchError(
                f"there is no finished batch in {str(self.folder)!r}; run `recommender batch --out {self.folder}`"
            ) from error

    def forget(self, user_ids: Iterable[str]) -> int:
        """Take shoppers out of all runs, the unfinished one too; returns how many rows went."""
        gone, removed = pa.array(sorted(set(user_ids)), pa.string()), 0
        for folder in (*(self.folder / run for run in self.runs()), self.unfinished):
            _without(folder / SHOPPERS, gone)
            changed = {path.name: _without(path, gone) for path in sorted(folder.glob("part-*.parquet"))}
            removed += sum(changed.values())
            _recount(folder, {name: count for name, count in changed.items() if count})
        return removed


def _store(path: Path, data: bytes, counts: Mapping[str, int]) -> None:
    write_durably(path, data)
    part = Part(sha256=checksum(data), size=len(data), counts=dict(counts))
    write_durably(path.with_suffix(".json"), part.model_dump_json().encode())


def _without(path: Path, gone: pa.Array) -> int:
    """Write a file anew without the rows of these shoppers; returns how many there were."""
    if not path.exists() or not _may_hold(path, gone):
        return 0
    table = pq.read_table(path)
    kept = table.filter(pc.invert(pc.is_in(table["user_id"], gone)))
    if len(kept) < len(table):
        write_durably(path, parquet(kept))
    return len(table) - len(kept)


def _may_hold(path: Path, gone: pa.Array) -> bool:
    """Whether the statistics of a file leave room for one of these ids."""
    footer, wanted = pq.read_metadata(path), gone.to_pylist()
    for group in range(footer.num_row_groups):
        columns = (footer.row_group(group).column(place) for place in range(footer.num_columns))
        known = next(column.statistics for column in columns if column.path_in_schema == "user_id")
        if known is None or not known.has_min_max or any(known.min <= one <= known.max for one in wanted):
            return True
    return False


def _recount(folder: Path, removed: Mapping[str, int]) -> None:
    """Say anew what the changed parts of a run are."""
    for name, count in removed.items():
        data, beside = (folder / name).read_bytes(), (folder / name).with_suffix(".json")
        if beside.exists():
            before = Part.model_validate_json(beside.read_bytes())
            beside.write_bytes(_less(before, data, count).model_dump_json().encode())
    if removed and (folder / MANIFEST).exists():
        manifest = _read(folder / MANIFEST, BatchManifest)
        changed = {name: _less(manifest.parts[name], (folder / name).read_bytes(), n) for name, n in removed.items()}
        shoppers = manifest.counts["shoppers"] - sum(removed.values())
        update = {"parts": manifest.parts | changed, "counts": manifest.counts | {"shoppers": shoppers}}
        write_durably(folder / MANIFEST, manifest.model_copy(update=update).model_dump_json(indent=2).encode())


def _less(part: Part, data: bytes, count: int) -> Part:
    counts = part.counts | {"shoppers": part.counts["shoppers"] - count}
    return Part(sha256=checksum(data), size=len(data), counts=counts)


def _read(path: Path, kind: type[Read]) -> Read:
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BatchError(f"{str(path)!r} is missing or damaged; run the batch anew with --anew") from error

"""A batch from beginning to end: planned, made part by part, resumed where it broke off, and finished at once."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.catalog import CatalogColumns
from recommender.errors import BatchError, NotEnoughDataError, UnknownIdError
from recommender.jobs.batch.job import Done, Job, Shelf, Task, Work, require_batch
from recommender.jobs.batch.publishing import registered
from recommender.jobs.batch.work import PartMaker
from recommender.jobs.versions import libraries
from recommender.parts import BatchManifest, Part, Plan, checksum, part_name
from recommender.run_folder import RunFolder
from recommender.selection import Progress, silent
from recommender.shop.requests import ANYTHING_IN_STOCK, NO_RULES
from schemas import Constraints, Rules
from signals.aggregation import update_interactions
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.prepared import erased_among, forget_runs, register_run
from signals.shopper_lists import all_shoppers, is_query, shoppers_of_file, shoppers_of_query
from signals.urls import parse

ALL: Final = "all"
PART_SIZE: Final = 2_000
"""Shoppers of a part. The same at every run: what is computed together may differ in the last bit from what is not."""
COPY_PART_SIZE: Final = 200
"""Where copy is written too, which takes much longer."""

MakeParts = Callable[[Callable[[Job], Work], Job, Iterable[Task]], Iterator[Done]]
"""An engine: makes the parts of a job anywhere, and yields them in any order."""


@dataclass(frozen=True)
class BatchRequest:
    """What a batch is asked for.

    ``shoppers``: "all", a file with one id a line, or an SQL SELECT of ids. ``writer`` names what writes the copy, None
    for no copy. ``anew`` discards a run that broke off.
    """

    database: str
    artifacts: Path
    out: Path
    shoppers: str = ALL
    k: int = 20
    constraints: Constraints = ANYTHING_IN_STOCK
    rules: Rules = NO_RULES
    writer: str | None = None
    anew: bool = False
    shoppers_of_part: int | None = None

    def __post_init__(self) -> None:
        require_batch(self.k, self.rules)

    @property
    def part_size(self) -> int:
        return self.shoppers_of_part or (PART_SIZE if self.writer is None else COPY_PART_SIZE)

    @property
    def settings(self) -> dict[str, Any]:
        """What changes the rows, beside `k`, the shoppers and the artifacts."""
        constraints, rules = (
            one.model_dump(mode="json", exclude_defaults=True) for one in (self.constraints, self.rules)
        )
        return {"constraints": constraints, "rules": rules, "writer": self.writer, "part_size": self.part_size}


def run_batch(request: BatchRequest, make_parts: MakeParts, *, progress: Progress = silent) -> BatchManifest:
    """Recommendations for many shoppers, as of one moment, in a new run of the folder `request.out`.

    The same shoppers, artifacts, catalogue, events and versions give the same items in the same order, whichever engine
    makes the parts. A run that broke off goes on with what is missing; a shopper who is erased meanwhile is left out.

    Raises
    ------
    BatchError : the folder is in use, or a run with other inputs broke off in it
    BadRequestError, UnknownIdError : `k`, constraints or rules that cannot be followed
    ArtifactError : no artifacts, or none that may be used
    NotEnoughDataError, SignalsError : nobody to make it for, or nothing to recommend
    """
    started, engine, folder = (
        time.perf_counter(),
        open_database(request.database, must_exist=True),
        RunFolder(request.out),
    )
    with folder.alone():
        plan = _planned(engine, request, folder)
        job = job_of(engine, request, plan.model_version, plan.as_of)
        register_run(engine, registered(plan, request.out))
        shoppers = folder.shoppers()
        _make_missing(make_parts, job, folder, shoppers, progress)
        folder.forget(erased_among(engine, (user for users in shoppers.values() for user in users), plan.as_of))
        manifest = _manifest(folder, plan, time.perf_counter() - started)
        folder.finish(manifest)
        forget_runs(engine, str(request.out.resolve()), folder.runs())
    engine.dispose()
    return manifest


def _planned(engine: Engine, request: BatchRequest, folder: RunFolder) -> Plan:
    """The plan of the run that broke off, if it is the same, or a new one."""
    unknown = CatalogStore(engine).unknown(request.constraints.exclude)
    if unknown:
        raise UnknownIdError(f"unknown excluded item {unknown[0]!r}; the catalogue does not have it")
    found = None if request.anew else folder.plan()
    manifest = ArtifactStore(request.artifacts).manifest()
    manifest.require_answerable(datetime.now(UTC))
    whom, listed = whom_of(engine, request.shoppers)
    as_of = datetime.now(UTC)
    plan = Plan(
        run_id=f"{as_of:%Y%m%dT%H%M%S%f}",
        as_of=as_of,
        model_version=manifest.version,
        shoppers=whom,
        k=request.k,
        settings=request.settings,
        parts=0,
        part_size=request.part_size,
    )
    if found is not None:
        _require_same(found, plan, folder)
        return found
    ids = sorted(listed())
    if not ids:
        raise NotEnoughDataError("there are no shoppers with behaviour; load events with `recommender ingest` first")
    parts = [ids[start : start + request.part_size] for start in range(0, len(ids), request.part_size)]
    plan = plan.model_copy(update={"parts": len(parts)})
    folder.begin(plan, parts)
    return plan


def whom_of(engine: Engine, given: str) -> tuple[str, Callable[[], Iterable[str]]]:
    """What names the shoppers in a plan, and their ids."""
    if given == ALL:
        return ALL, lambda: _everybody(engine)
    if is_query(given):
        return f"query {given.strip()}", lambda: shoppers_of_query(engine, given)
    ids = shoppers_of_file(Path(given))
    return f"file {checksum(chr(10).join(ids).encode())}", lambda: ids


def _everybody(engine: Engine) -> Iterator[str]:
    update_interactions(engine)
    for page in all_shoppers(engine):
        yield from page


def _require_same(found: Plan, wanted: Plan, folder: RunFolder) -> None:
    before, now = found.identity, wanted.identity
    differing = [name for name in now if now[name] != before[name]]
    if differing:
        name = differing[0]
        raise BatchError(
            f"a run with other inputs broke off in {str(folder.folder)!r}: its {name.replace('_', ' ')} is "
            f"{before[name]!r}, now {now[name]!r}; finish it with the inputs of before, discard it with --anew, or "
            "pass another --out"
        )


def job_of(engine: Engine, request: BatchRequest, version: str, as_of: datetime) -> Job:
    """What is to be made with these artifacts, of the catalogue and the events as of a moment."""
    items, catalog = ArtifactStore(request.artifacts).load(version).items, CatalogStore(engine)
    excluded = items.find(request.constraints.exclude)
    columns = CatalogColumns(catalog.rows(as_of=as_of), items)
    shelf = Shelf.of(columns, request.constraints, excluded[excluded >= 0])
    return Job(
        database=parse(request.database).render_as_string(hide_password=False),
        artifacts=request.artifacts.resolve(),
        version=version,
        as_of=as_of,
        k=request.k,
        shelf=shelf,
        constraints=request.constraints,
        rules=request.rules,
        writer=request.writer,
    )


def _make_missing(
    make_parts: MakeParts, job: Job, folder: RunFolder, shoppers: Mapping[int, list[str]], progress: Progress
) -> None:
    missing = [Task(number, tuple(users)) for number, users in shoppers.items() if folder.finished(number) is None]
    total = sum(len(users) for users in shoppers.values())
    made = before = total - sum(len(task.user_ids) for task in missing)
    sizes, started = {task.number: len(task.user_ids) for task in missing}, time.perf_counter()
    progress(made / total, f"{made:,} of {total:,} shoppers")
    for done in make_parts(PartMaker, job, missing) if missing else ():
        folder.add(done.number, done.data, done.counts)
        made += sizes[done.number]
        rate = (made - before) / (time.perf_counter() - started)
        left = (total - made) / rate
        progress(
            made / total, f"{made:,} of {total:,} shoppers, {rate:,.0f}/s, {left // 60:.0f}:{left % 60:02.0f} left"
        )


def _manifest(folder: RunFolder, plan: Plan, seconds: float) -> BatchManifest:
    parts = dict[str, Part]()
    for number in range(plan.parts):
        part = folder.finished(number)
        if part is None:
            raise BatchError(f"part {number} of {str(folder.folder)!r} is damaged; run the same command again")
        parts[part_name(number)] = part
    counts = Counter[str]()
    for part in parts.values():
        counts.update(part.counts)
    return BatchManifest(plan=plan, counts=dict(counts), libraries=libraries(), seconds=round(seconds, 1), parts=parts)

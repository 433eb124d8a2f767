"""A finished run into the database, for storefronts to serve: loaded beside the one in use, then switched to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine

from recommender.parts import BatchManifest, Plan
from recommender.run_folder import RunFolder
from recommender.selection import Progress, silent
from signals.prepared import BatchRun, PreparedRow, load_part, publish_run, register_run


def publish(engine: Engine, out: Path, *, progress: Progress = silent) -> BatchManifest:
    """Serve the run in use of the folder `out` from the database; a second time changes nothing.

    Raises
    ------
    BatchError : there is no finished run
    """
    folder = RunFolder(out)
    manifest = folder.manifest()
    plan = manifest.plan
    register_run(engine, registered(plan, out))
    for place, name in enumerate(manifest.parts):
        progress(place / len(manifest.parts), "publishing")
        load_part(engine, plan.run_id, rows_of(out / plan.run_id / name))
    publish_run(engine, plan.run_id)
    return manifest


def registered(plan: Plan, out: Path) -> BatchRun:
    """What the database is told of a run."""
    constraints = dict(plan.settings["constraints"])
    return BatchRun(plan.run_id, str(out.resolve()), plan.k, plan.model_version, plan.as_of, constraints)


def rows_of(path: Path) -> list[PreparedRow]:
    """The rows of a part."""
    return list(_rows(path))


def _rows(path: Path) -> Iterator[PreparedRow]:
    for row in pq.read_table(path).to_pylist():
        items = tuple((item["item_id"], item["score"]) for item in row["items"])
        quoted = tuple(_quoted(one) for one in row["quoted"] or ())
        yield PreparedRow(row["user_id"], row["cold_start"], items, row["copy_text"], quoted)


def _quoted(one: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return one["variant_id"], one["amount"], one["currency"]

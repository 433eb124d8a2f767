"""What batches prepared: the runs, and for each shopper the row that a storefront serves of the run in use.

A run is loaded part by part and comes into use in one transaction, which readers see before or after, never half.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, select, update

from signals.bulk import insert_new, upsert
from signals.connections import reading, writing
from signals.erased_events import key_of, mark_of
from signals.errors import UnknownRunError
from signals.privacy import erasures_in
from signals.raw import in_batches
from signals.tables import batch_runs, prepared

COLUMNS: Final = ("run_id", "user_id", "cold_start", "items", "copy_text", "quoted")


@dataclass(frozen=True)
class BatchRun:
    """A run, the folder that its parts are in, and the `schemas.Constraints` of its items, as JSON."""

    run_id: str
    folder: str
    k: int
    model_version: str
    as_of: datetime
    constraints: dict[str, Any]


@dataclass(frozen=True)
class PreparedRow:
    """One shopper's row. ``items``: (item id, score), best first.

    ``quoted``: (variant id, amount, currency) of each item that the copy quotes, in the order of the items.
    """

    user_id: str
    cold_start: bool
    items: tuple[tuple[str, float], ...]
    copy_text: str | None = None
    quoted: tuple[tuple[str, str | None, str | None], ...] = ()


def register_run(engine: Engine, run: BatchRun) -> None:
    """Make a run known, so that an erasure finds its folder; again, nothing."""
    with writing(engine) as connection:
        known = connection.scalar(select(batch_runs.c.run_id).where(batch_runs.c.run_id == run.run_id))
        if known is None:
            upsert(connection, batch_runs, [{**vars(run), "is_served": False}])


def batch_folders(engine: Engine) -> list[str]:
    """The folders that runs were written to."""
    with reading(engine) as connection:
        return list(connection.scalars(select(batch_runs.c.folder).distinct().order_by(batch_runs.c.folder)))


def erased_among(engine: Engine, user_ids: Iterable[str], since: datetime) -> set[str]:
    """Those of the ids that were erased at that time or later."""
    with reading(engine) as connection:
        return erased_in(connection, user_ids, since)


def erased_in(connection: Connection, user_ids: Iterable[str], since: datetime) -> set[str]:
    """As `erased_among`, within a transaction."""
    marks = {erasure.mark for erasure in erasures_in(connection, since)}
    if not marks:
        return set()
    key = key_of(connection)
    return {user for user in user_ids if mark_of(key, user).hex() in marks}


def load_part(engine: Engine, run_id: str, rows: Sequence[PreparedRow]) -> int:
    """Store rows of a run that is not served yet, but for shoppers erased since its time; returns how many are new."""
    with writing(engine) as connection:
        erased = erased_in(connection, (row.user_id for row in rows), _as_of(connection, run_id))
        values = [
            (run_id, row.user_id, row.cold_start, json.dumps(row.items), row.copy_text, json.dumps(row.quoted))
            for row in rows
            if row.user_id not in erased
        ]
        return insert_new(connection, prepared, COLUMNS, values)


def publish_run(engine: Engine, run_id: str) -> None:
    """Serve this run, all of it loaded, from now on, in one transaction; afterwards earlier rows are deleted."""
    with writing(engine) as connection:
        _as_of(connection, run_id)
        connection.execute(update(batch_runs).values(is_served=batch_runs.c.run_id == run_id))
    with writing(engine) as connection:
        earlier = select(batch_runs.c.run_id).where(~batch_runs.c.is_served, batch_runs.c.run_id < run_id)
        connection.execute(delete(prepared).where(prepared.c.run_id.in_(earlier)))


def served_row(engine: Engine, user_id: str) -> tuple[BatchRun, PreparedRow] | None:
    """The shopper's row of the run in use; None where no run is, or it has none for them."""
    run = [batch_runs.c[field.name] for field in fields(BatchRun)]
    columns = (prepared.c.cold_start, prepared.c["items"], prepared.c.copy_text, prepared.c.quoted)
    own = select(*run, *columns).join(prepared).where(batch_runs.c.is_served, prepared.c.user_id == user_id)
    with reading(engine) as connection:
        found: Any = connection.execute(own).one_or_none()
    if found is None:
        return None
    values = found[len(run) :]
    items = tuple((item, float(score)) for item, score in values[1])
    quoted = tuple(tuple(one) for one in values[3] or ())
    return BatchRun(*found[: len(run)]), PreparedRow(user_id, values[0], items, values[2], quoted)


def forget_runs(engine: Engine, folder: str, kept: Iterable[str]) -> None:
    """Strike out the runs of a folder that are no longer in it and are not served."""
    gone = select(batch_runs.c.run_id).where(batch_runs.c.folder == folder, ~batch_runs.c.is_served)
    with writing(engine) as connection:
        for batch in in_batches(set(connection.scalars(gone)) - set(kept)):
            connection.execute(delete(prepared).where(prepared.c.run_id.in_(batch)))
            connection.execute(delete(batch_runs).where(batch_runs.c.run_id.in_(batch)))


def _as_of(connection: Connection, run_id: str) -> datetime:
    as_of = connection.scalar(select(batch_runs.c.as_of).where(batch_runs.c.run_id == run_id))
    if as_of is None:
        raise UnknownRunError(f"there is no batch run {run_id!r} in this database; run `recommender batch` first")
    return as_of

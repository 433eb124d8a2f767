"""Lists that were sent rather than asked for, kept as shown: caps count them, and clicks name them."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from signals.bulk import insert_new
from signals.column_types import to_microseconds
from signals.connections import writing
from signals.impressions import IMPRESSION_COLUMNS, REQUEST_COLUMNS
from signals.prepared import BatchRun, PreparedRow, erased_in
from signals.tables import impressions, requests

NAMESPACE: Final = uuid.UUID("5f0f9f52-4a5e-4a41-9d0c-6b1f6f0b2a51")
"""Of the ids of sent lists, so that one that is recorded twice is one."""


def sent_id(run_id: str, user_id: str) -> str:
    """The request id of a list that a run sent to a shopper; links in a mail carry it."""
    return uuid.uuid5(NAMESPACE, f"{run_id}\x1f{user_id}").hex


def record_sent(engine: Engine, run: BatchRun, rows: Sequence[PreparedRow], endpoint: str) -> int:
    """Keep these lists as shown now; returns how many were not kept before."""
    now, as_of = to_microseconds(datetime.now(UTC)), to_microseconds(run.as_of)
    with writing(engine) as connection:
        erased = erased_in(connection, (row.user_id for row in rows), run.as_of)
        lists, items = [], []
        for row in rows:
            if row.user_id in erased:
                continue
            request_id = sent_id(run.run_id, row.user_id)
            asked = (request_id, row.user_id, None, endpoint, run.k, None, None, run.model_version)
            lists.append((*asked, not row.cold_start, row.cold_start, as_of, now))
            items += [(request_id, rank, item, score, 1.0) for rank, (item, score) in enumerate(row.items, start=1)]
        new = insert_new(connection, requests, REQUEST_COLUMNS, lists)
        insert_new(connection, impressions, IMPRESSION_COLUMNS, items)
    return new

"""Visits: the events of one shopper that belong together."""

from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, case, func, or_, select

from schemas.columns import Columns
from signals.column_types import MICROSECOND
from signals.connections import reading
from signals.raw import fetch_many, raw
from signals.shoppers import ALIAS, before, latest_aliases, with_shoppers
from signals.tables import events

GAP: Final = timedelta(minutes=30)


def sessions(engine: Engine, as_of: datetime, gap: timedelta = GAP) -> pd.DataFrame:
    """One row per session of every shopper, from the events before ``as_of`` that no rule has flagged.

    A session is what the client says: the events of a shopper with one ``session_id``. Events without one make sessions
    of their own, a new one wherever more than ``gap`` passed since the shopper's last such event.

    Returns
    -------
    DataFrame
        user_id (`schemas.ids.shopper_id` after aliases), session_id (None without one of the client's), first_at,
        last_at and n_events (int64); by user and first_at.
    """
    joined, shopper = with_shoppers(latest_aliases(as_of))
    when = raw(events.c.occurred_at).element
    of_one: dict[str, Any] = {
        "partition_by": (shopper.element, events.c.session_id),
        "order_by": (events.c.occurred_at, events.c.source, events.c.event_id),
    }
    last = func.lag(when).over(**of_one).label("last")
    columns = (shopper, events.c.session_id, when.label("at"), last, events.c.source, events.c.event_id)
    statement = before(select(*columns).select_from(joined), as_of)
    seen = statement.where(events.c.kind != ALIAS, events.c.flag.is_(None)).subquery("seen")
    is_new = seen.c.session_id.is_(None) & or_(seen.c.last.is_(None), seen.c.at - seen.c.last > gap // MICROSECOND)
    number = func.sum(case((is_new, 1), else_=0)).over(
        partition_by=(seen.c.user_id, seen.c.session_id), order_by=(seen.c.at, seen.c.source, seen.c.event_id)
    )
    numbered = select(seen.c.user_id, seen.c.session_id, seen.c.at, number.label("number")).subquery("numbered")
    key = (numbered.c.user_id, numbered.c.session_id, numbered.c.number)
    grouped = select(
        numbered.c.user_id,
        numbered.c.session_id,
        func.min(numbered.c.at).label(Columns.FIRST_AT),
        func.max(numbered.c.at).label(Columns.LAST_AT),
        func.count().label("n_events"),
    ).group_by(*key)
    with reading(engine) as connection:
        frame = fetch_many(connection, grouped)
    frame = frame.astype({"n_events": "int64"})
    return frame.sort_values([Columns.USER, Columns.FIRST_AT, "session_id"], ignore_index=True)

"""What shoppers bought, purchase by purchase: the truth that a ranking is measured against."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Engine, select

from schemas.events import EventKind
from signals.column_types import to_microseconds
from signals.connections import reading
from signals.raw import fetch_many, raw
from signals.shoppers import before, is_counted, latest_aliases, with_shoppers
from signals.tables import events


def purchases(
    engine: Engine, since: datetime | None, until: datetime, *, known_at: datetime | None = None
) -> pd.DataFrame:
    """Purchases with ``since <= occurred_at < until``, in order of time; refunds take nothing away here.

    Parameters
    ----------
    since
        None: from the first event on.
    known_at
        Anonymous ids count for the users they were aliased to before this time (None: ``until``).

    Returns
    -------
    DataFrame
        user_id, item_id, kind, occurred_at.
    """
    source, shopper = with_shoppers(latest_aliases(known_at or until))
    columns = (shopper, events.c.item_id, events.c.kind, raw(events.c.occurred_at))
    statement = before(select(*columns).select_from(source), until)
    statement = statement.where(events.c.kind == EventKind.PURCHASE, is_counted())
    if since is not None:
        statement = statement.where(raw(events.c.occurred_at) >= to_microseconds(since))
    with reading(engine) as connection:
        return fetch_many(connection, statement.order_by(events.c.occurred_at, events.c.id))

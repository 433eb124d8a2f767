"""What came of the lists that were shown: clicks and purchases, credited to the list they belong to."""

from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine, Select, select

from schemas.columns import Columns
from schemas.events import EventKind
from signals.column_types import to_microseconds
from signals.connections import reading
from signals.raw import fetch_many, raw
from signals.shoppers import is_counted
from signals.tables import events, impressions, requests

WINDOW: Final = timedelta(hours=24)
RESPONSES: Final = {"clicked": EventKind.CLICK, "bought": EventKind.PURCHASE}
PLACE: Final = [Columns.REQUEST, Columns.ITEM]
VISIT: Final = [Columns.SESSION, Columns.ITEM]


def shown(engine: Engine, since: datetime | None = None, until: datetime | None = None) -> pd.DataFrame:
    """One row per item of every list with ``since <= created_at < until``, and whether it was clicked and bought.

    A click or a purchase belongs to the list that its ``request_id`` names; without one, to the latest list that showed
    the item in the same session within the 24 hours before.

    Returns
    -------
    DataFrame
        request_id, endpoint, user_id, session_id, personalized and cold_start (bool), model_version, created_at,
        position (from 1), item_id, score, propensity, clicked and bought (bool); by created_at, request and position.
    """
    with reading(engine) as connection:
        lists = fetch_many(connection, _within(_lists(), requests.c.created_at, since, until))
        end = None if until is None else until + WINDOW
        responses = fetch_many(connection, _within(_responses(), events.c.occurred_at, since, end))
    lists = lists.sort_values([Columns.CREATED_AT, Columns.REQUEST, Columns.POSITION], ignore_index=True)
    for name, kind in RESPONSES.items():
        of_kind = responses[responses[Columns.KIND] == kind.value]
        lists[name] = _named(lists, of_kind) | _in_session(lists, of_kind)
    return lists


def _lists() -> Select[Any]:
    columns = ("request_id", "endpoint", "user_id", "session_id", "personalized", "cold_start", "model_version")
    return select(
        *(requests.c[name] for name in columns),
        raw(requests.c.created_at),
        *(impressions.c[name] for name in ("position", "item_id", "score", "propensity")),
    ).join_from(requests, impressions)


def _responses() -> Select[Any]:
    columns = (events.c.kind, events.c.item_id, events.c.request_id, events.c.session_id, raw(events.c.occurred_at))
    return select(*columns).where(events.c.kind.in_([kind.value for kind in RESPONSES.values()]), is_counted())


def _within(statement: Select[Any], when: Any, since: datetime | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        statement = statement.where(raw(when) >= to_microseconds(since))
    return statement if until is None else statement.where(raw(when) < to_microseconds(until))


def _named(lists: pd.DataFrame, responses: pd.DataFrame) -> pd.Series:
    """Whether a response names the list."""
    named = pd.MultiIndex.from_frame(responses[PLACE].dropna())
    return pd.Series(pd.MultiIndex.from_frame(lists[PLACE]).isin(named), index=lists.index)


def _in_session(lists: pd.DataFrame, responses: pd.DataFrame) -> pd.Series:
    """Whether a response that names no list followed this one, as the latest of its session with the item."""
    found = pd.Series(data=False, index=lists.index)
    unnamed = responses[responses[Columns.REQUEST].isna()].dropna(subset=VISIT).sort_values(Columns.OCCURRED_AT)
    if len(unnamed):
        visits = lists[[*VISIT, Columns.CREATED_AT]].dropna().rename_axis("row").reset_index()
        latest = pd.merge_asof(
            unnamed, visits, left_on=Columns.OCCURRED_AT, right_on=Columns.CREATED_AT, by=VISIT, tolerance=WINDOW
        )
        found.loc[latest["row"].dropna().astype("int64")] = True
    return found

"""What shoppers did: days, funnels, visits and cohorts, all from one frame of events."""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from schemas import Columns, EventKind
from schemas.ids import ANONYMOUS_PREFIX
from signals.event_table import EVENT_COLUMNS
from signals.events import EventStore

ANONYMOUS: Final = "anonymous_id"
NONE: Final = pd.DataFrame(columns=list(EVENT_COLUMNS), dtype="str").astype(
    {Columns.OCCURRED_AT: "datetime64[us, UTC]"}
)
VISITING: Final = tuple(kind for kind in EventKind if kind not in (EventKind.ALIAS, EventKind.REFUND))
STAGES: Final = {
    "visited": VISITING,
    "viewed": (EventKind.VIEW, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE),
    "put in the cart": (EventKind.ADD_TO_CART, EventKind.PURCHASE),
    "bought": (EventKind.PURCHASE,),
}


def events(engine: Engine, since: datetime | None = None, until: datetime | None = None) -> pd.DataFrame:
    """All events with ``since <= occurred_at < until``, flagged ones too, in order of time.

    Returns
    -------
    DataFrame
        The canonical columns; ``user_id`` is ``anonymous:...`` where no user is named, ``kind`` is categorical.
    """
    parts = list(EventStore(engine).stream(since, until))
    frame = pd.concat(parts, ignore_index=True) if parts else NONE
    anonymous = ANONYMOUS_PREFIX + frame[ANONYMOUS]
    return frame.assign(
        **{Columns.USER: frame[Columns.USER].fillna(anonymous), Columns.KIND: frame[Columns.KIND].astype("category")}
    )


def daily(events: pd.DataFrame) -> pd.DataFrame:
    """One row per day and kind: day, kind, n_events, n_shoppers."""
    return counted(
        events.assign(**{Columns.DAY: events[Columns.OCCURRED_AT].dt.floor("D")}), [Columns.DAY, Columns.KIND]
    )


def sessions(events: pd.DataFrame) -> pd.DataFrame:
    """One row per visit: user_id, session_id, first_at, last_at, n_events, n_items, bought (bool), minutes.

    A visit is the client's session; what has no session_id is one visit a shopper and day. Aliases and refunds are
    no visits.
    """
    own = events[events[Columns.KIND].isin([kind.value for kind in VISITING])]
    grouped = own.assign(bought=own[Columns.KIND] == EventKind.PURCHASE.value).groupby([Columns.USER, _visit(own)])
    table = grouped.agg(
        **{
            Columns.FIRST_AT: (Columns.OCCURRED_AT, "min"),
            Columns.LAST_AT: (Columns.OCCURRED_AT, "max"),
            Columns.EVENTS: (Columns.OCCURRED_AT, "size"),
            "n_items": (Columns.ITEM, "nunique"),
            "bought": ("bought", "any"),
        }
    ).reset_index()
    return table.assign(minutes=(table[Columns.LAST_AT] - table[Columns.FIRST_AT]).dt.total_seconds() / 60)


def funnel(events: pd.DataFrame) -> pd.DataFrame:
    """Visits that came as far as each stage: stage, n_sessions, share (of all visits), of_before."""
    visits = events[Columns.USER].str.cat(_visit(events), sep="\n")
    counts = [visits[events[Columns.KIND].isin([kind.value for kind in kinds])].nunique() for kinds in STAGES.values()]
    before = np.maximum([counts[0], *counts[:-1]], 1)
    share = np.array(counts) / max(counts[0], 1)
    return pd.DataFrame({"stage": list(STAGES), "n_sessions": counts, "share": share, "of_before": counts / before})


def cohorts(events: pd.DataFrame) -> pd.DataFrame:
    """Shoppers by the week of their first event, and which share of them comes in each week after it.

    Returns
    -------
    DataFrame
        cohort (the Monday), week (0: the first), n_shoppers, share; one row per cohort and week within the events.
    """
    week = events[Columns.OCCURRED_AT].dt.tz_localize(None).dt.to_period("W").dt.start_time
    active = pd.DataFrame({Columns.USER: events[Columns.USER], "at": week}).drop_duplicates()
    first = active.groupby(Columns.USER)["at"].transform("min")
    active = active.assign(cohort=first, week=(active["at"] - first).dt.days // 7)
    counts = active.groupby(["cohort", "week"]).size().unstack(fill_value=0)
    tidy = counts.reset_index().melt("cohort", var_name="week", value_name=Columns.SHOPPERS).astype({"week": "int64"})
    tidy = tidy.sort_values(["cohort", "week"], ignore_index=True)
    within = tidy["cohort"] + pd.to_timedelta(7 * tidy["week"], unit="D") <= active["at"].max()
    size = tidy["cohort"].map(counts[0])
    return tidy.assign(share=tidy[Columns.SHOPPERS] / size)[within].reset_index(drop=True)


def popularity(events: pd.DataFrame) -> pd.DataFrame:
    """Products by how often anything was done with them: item_id, n_events, n_shoppers, rank (1 = most), share."""
    own = events[events[Columns.KIND] != EventKind.IMPRESSION.value].dropna(subset=[Columns.ITEM])
    table = counted(own, [Columns.ITEM])
    table = table.sort_values([Columns.EVENTS, Columns.ITEM], ascending=[False, True], ignore_index=True)
    return table.assign(rank=np.arange(1, len(table) + 1), share=table[Columns.EVENTS] / max(len(own), 1))


def counted(events: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """n_events and n_shoppers for each combination of the columns `by`."""
    table = events.groupby(by, observed=True)[Columns.USER].agg(["size", "nunique"])
    return table.rename(columns={"size": Columns.EVENTS, "nunique": Columns.SHOPPERS}).reset_index()


def _visit(events: pd.DataFrame) -> pd.Series:
    return events[Columns.SESSION].fillna(events[Columns.OCCURRED_AT].dt.strftime("%Y-%m-%d"))

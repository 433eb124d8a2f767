"""What a log of events looks like in a few figures, so that a simulated shop can be held beside real ones."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas import Columns, EventKind

GAP: Final = pd.Timedelta(minutes=30)
TOP_SHARES: Final = (0.01, 0.1)


@dataclass(frozen=True)
class Statistics:
    """Impressions count for none of these.

    Attributes
    ----------
    session_events, session_events_90 : events of the mean session, and of the one that 90 % are no longer than
    session_items : distinct products of the mean session
    one_event_sessions : share of sessions
    returning : share of shoppers who came for more than one session
    repeat_rate : share of purchases, one a shopper, product and day, of what the shopper had bought on an earlier day
    top_1, top_10 : share of the events that the most popular 1 % and 10 % of the products have; of those with any
    gini : of the products' events, 0 where all have as many
    slope : of log events on log rank, by least squares; -1 is Zipf's law
    """

    events: int
    shoppers: int
    items: int
    session_events: float
    session_events_90: float
    session_items: float
    one_event_sessions: float
    returning: float
    repeat_rate: float
    top_1: float
    top_10: float
    gini: float
    slope: float


def statistics(events: pd.DataFrame) -> Statistics:
    """The figures of canonical events, in any order.

    Parameters
    ----------
    events : user_id, item_id, kind and occurred_at; session_id if there is one. Events without a user or an item
        count for nothing; without session_id a session ends where more than 30 minutes pass.
    """
    own = events[events[Columns.KIND] != EventKind.IMPRESSION.value].dropna(subset=[Columns.USER, Columns.ITEM])
    session = _sessions(own)
    sizes, kinds_of_items = own.groupby(session).size(), own.groupby(session)[Columns.ITEM].nunique()
    visits = session.groupby(own[Columns.USER]).nunique()
    counts = np.sort(own[Columns.ITEM].value_counts().to_numpy().astype(np.float64))[::-1]
    return Statistics(
        events=len(own),
        shoppers=own[Columns.USER].nunique(),
        items=len(counts),
        session_events=float(sizes.mean()),
        session_events_90=float(sizes.quantile(0.9)),
        session_items=float(kinds_of_items.mean()),
        one_event_sessions=float((sizes == 1).mean()),
        returning=float((visits > 1).mean()),
        repeat_rate=repeat_rate(own),
        top_1=_top(counts, TOP_SHARES[0]),
        top_10=_top(counts, TOP_SHARES[1]),
        gini=gini(counts),
        slope=float(np.polyfit(np.log(np.arange(1, len(counts) + 1)), np.log(counts), 1)[0]),
    )


def repeat_rate(events: pd.DataFrame) -> float:
    """Share of purchases of what the shopper had bought on an earlier day; 0 where nothing was bought."""
    bought = events[events[Columns.KIND] == EventKind.PURCHASE.value]
    days = bought[[Columns.USER, Columns.ITEM]].assign(day=bought[Columns.OCCURRED_AT].dt.floor("D")).drop_duplicates()
    return float(1 - len(days[[Columns.USER, Columns.ITEM]].drop_duplicates()) / len(days)) if len(days) else 0.0


def gini(counts: npt.NDArray[np.float64]) -> float:
    """The Gini coefficient of counts, at least one of them above 0: 0 where they are equal."""
    ascending = np.sort(counts)
    ranks = np.arange(1, len(ascending) + 1)
    return float((2 * ranks - len(ascending) - 1) @ ascending / (len(ascending) * ascending.sum()))


def _top(counts: npt.NDArray[np.float64], share: float) -> float:
    n = max(round(share * len(counts)), 1)
    return float(counts[:n].sum() / counts.sum())


def _sessions(events: pd.DataFrame) -> pd.Series:
    """The number of each event's session, by the index of the event."""
    if Columns.SESSION in events and events[Columns.SESSION].notna().any():
        keys = events[Columns.USER].str.cat(events[Columns.SESSION], sep="\n", na_rep="")
        return pd.Series(pd.factorize(keys)[0], index=events.index)
    ordered = events.sort_values([Columns.USER, Columns.OCCURRED_AT])
    new = (ordered[Columns.USER] != ordered[Columns.USER].shift()) | (ordered[Columns.OCCURRED_AT].diff() > GAP)
    return new.cumsum().reindex(events.index)

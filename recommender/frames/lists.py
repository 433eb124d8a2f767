"""What was shown and what came of it: click rates with their intervals, exposure, and logs for off-policy estimates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Engine

from recommender.evaluation.off_policy import DEVIATIONS, LoggedLists
from schemas import Columns
from signals.attribution import shown

PROBE: Final = "report-probe"
"""The session of what a report asks to see how the shop answers; no list of a shopper's."""


def lists(engine: Engine, since: datetime | None = None, until: datetime | None = None) -> pd.DataFrame:
    """One row per item shown, with clicks and purchases credited to it: `signals.attribution.shown`."""
    frame = shown(engine, since, until)
    return frame[frame[Columns.SESSION] != PROBE].reset_index(drop=True)


def rates(lists: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Clicks and purchases for each item shown, with 95 % intervals by Wilson (1927).

    Returns
    -------
    DataFrame
        The columns of `by`, shown, clicked, bought, ctr, ctr_low, ctr_high, cvr, cvr_low, cvr_high; ``cvr`` are
        purchases per item shown.
    """
    grouped = lists.groupby(list(by), observed=True, dropna=False)
    table = grouped.agg(
        shown=(Columns.ITEM, "size"), clicked=("clicked", "sum"), bought=("bought", "sum")
    ).reset_index()
    for rate, count in (("ctr", "clicked"), ("cvr", "bought")):
        table[rate] = table[count] / table["shown"]
        table[f"{rate}_low"], table[f"{rate}_high"] = wilson(np.asarray(table[count]), np.asarray(table["shown"]))
    return table


def wilson(
    hits: npt.NDArray[np.int64], tries: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Low and high end of the 95 % score interval of each share, `tries` above 0."""
    share, square = hits / tries, DEVIATIONS**2
    center = (share + square / (2 * tries)) / (1 + square / tries)
    reach = DEVIATIONS * np.sqrt(share * (1 - share) / tries + square / (4 * tries**2)) / (1 + square / tries)
    return center - reach, center + reach


def exposure(lists: pd.DataFrame, catalog: pd.DataFrame) -> pd.DataFrame:
    """How often each product was shown, the most shown first: item_id, title, n_lists, share, cumulative."""
    counts = lists[Columns.ITEM].value_counts()
    table = catalog[[Columns.ITEM, Columns.TITLE]].assign(
        n_lists=catalog[Columns.ITEM].map(counts).fillna(0).astype(int)
    )
    table = table.sort_values(["n_lists", Columns.ITEM], ascending=[False, True], ignore_index=True)
    share = table["n_lists"] / max(int(table["n_lists"].sum()), 1)
    return table.assign(share=share, cumulative=share.cumsum())


def logged(lists: pd.DataFrame, targets: "pd.Series[float]", reward: str = "clicked") -> LoggedLists:
    """Lists of one length, as off-policy estimators want them.

    Parameters
    ----------
    lists : as `lists` gives them; only those of the most frequent length are taken
    targets : the probability that the judged policy shows each row's item at its place; by the index of `lists`
    reward : "clicked" or "bought"
    """
    sizes = lists.groupby(Columns.REQUEST)[Columns.POSITION].transform("size")
    k = int(sizes.mode().iloc[0])
    whole = lists[sizes == k].sort_values([Columns.REQUEST, Columns.POSITION])
    values = (whole[reward], whole[Columns.PROPENSITY], targets.loc[whole.index])
    rewards, propensities, wanted = (np.asarray(part, dtype=np.float64).reshape(-1, k) for part in values)
    shoppers = pd.factorize(whole[Columns.USER].to_numpy().reshape(-1, k)[:, 0])[0]
    return LoggedLists(rewards, propensities, wanted, shoppers=shoppers.astype(np.int64))

"""One later purchase of each RetailRocket visitor: all behaviours against purchases alone, and against item neighbours.

The protocol of the public set: fit on its events, rank the whole catalogue, take out whatever the visitor has had an
event with, find the one purchase; a visitor whose purchase is of an item without events counts as a miss. To choose by,
the same question is made from the events: each visitor's last purchase of an item new to their purchases, asked with
what they did before it with other items.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.preprocessing import normalize

from recommender.dataset import Dataset, histories_from_frame
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import Measured, Scorer, measure
from recommender.evaluation.splits import Split, by_time
from recommender.ids import IdMap
from recommender.jobs.evaluate import Evaluation, K, evaluate_splits
from recommender.jobs.reading import event_weight
from schemas import Columns, EventKind
from tests.conftest import DEFAULT_DATA

KINDS = {"view": EventKind.VIEW.value, "cart": EventKind.ADD_TO_CART.value, "buy": EventKind.PURCHASE.value}
PAIR = [Columns.USER, Columns.ITEM]
Gains = npt.NDArray[np.float64]


def run() -> Iterator[dict[str, object]]:
    folder = Path(os.environ.get("RECOMMENDER_DATA", DEFAULT_DATA)) / "retailrocket_events"
    if not folder.is_dir():
        yield {"skipped": "no public data; name its folder in RECOMMENDER_DATA"}
        return
    task = Task.read(folder)
    found = {}
    for name, kinds in (("all behaviours", set(KINDS.values())), ("purchases alone", {KINDS["buy"]})):
        measured = task.evaluate(kinds)
        found[name] = task.gains(measured.measured["blend"])
        yield {"signals": name, **measured.as_json(), **_mean(found[name])}
    start = time.perf_counter()
    neighbors = measure(_cosine(task.later(set(KINDS.values()))), task.test(set(KINDS.values())), K)
    found["neighbours"] = task.gains(neighbors)
    yield {
        "signals": "all behaviours",
        "model": "cosine item neighbours",
        **_mean(found["neighbours"]),
        "seconds": time.perf_counter() - start,
    }
    for other in ("purchases alone", "neighbours"):
        gains = found["all behaviours"] - found[other]
        yield {
            "blend of all behaviours less": other,
            f"ndcg@{K}": gains.mean(),
            "interval": interval_of_mean(gains, np.random.default_rng(0)),
            "ratio": found["all behaviours"].mean() / found[other].mean(),
        }


class Task:
    """The events, the purchases to find, and the questions to choose by."""

    def __init__(self, events: pd.DataFrame, sought: pd.DataFrame) -> None:
        self.events, self.sought = events, sought
        self.items = IdMap.from_ids(events[Columns.ITEM])
        bought = events[events[Columns.KIND] == KINDS["buy"]].drop_duplicates(PAIR).groupby(Columns.USER).tail(1)
        last = events.merge(bought[[*PAIR, Columns.OCCURRED_AT]], on=Columns.USER, suffixes=("", "_sought"))
        is_earlier = last[Columns.OCCURRED_AT] <= last[f"{Columns.OCCURRED_AT}_sought"]
        self.earlier = last.loc[is_earlier & (last[Columns.ITEM] != last[f"{Columns.ITEM}_sought"]), events.columns]
        self.chosen_by = bought[PAIR]

    @classmethod
    def read(cls, folder: Path) -> "Task":
        names = {"user": Columns.USER, "item": Columns.ITEM, "event": Columns.KIND, "ts": Columns.OCCURRED_AT}
        events = pd.read_csv(folder / "events.csv.gz", dtype={"user": str, "item": str}).rename(columns=names)
        events[Columns.KIND] = events[Columns.KIND].map(KINDS)
        events[Columns.OCCURRED_AT] = pd.to_datetime(events[Columns.OCCURRED_AT], unit="s", utc=True)
        sought = pd.read_csv(folder / "test_purchases.csv.gz", dtype=str).rename(columns=names)
        return cls(events, sought)

    def evaluate(self, kinds: set[str]) -> Evaluation:
        early, later = self._dataset(self.earlier, kinds), self.later(kinds)
        validation = self._split(early, self.earlier, self.chosen_by)
        return evaluate_splits(early, validation, later, self.test(kinds))

    def later(self, kinds: set[str]) -> Dataset:
        return self._dataset(self.events, kinds)

    def test(self, kinds: set[str]) -> Split:
        return self._split(self.later(kinds), self.events, self.sought)

    def gains(self, measured: Measured) -> Gains:
        """NDCG@10 of each visitor, 0 where the purchase is of an item without events; shape (n_visitors,).

        The others come first, in one order whatever the signals: each of them bought something before.
        """
        found = np.zeros(len(self.sought))
        found[: measured.n_queries] = measured.at(K).ndcg
        return found

    def _dataset(self, events: pd.DataFrame, kinds: set[str]) -> Dataset:
        as_of = int(self.events[Columns.OCCURRED_AT].max().timestamp() + 1) * 1_000_000
        kept = events[events[Columns.KIND].isin(kinds)].sort_values([Columns.USER, Columns.OCCURRED_AT], kind="stable")
        weighed = kept.assign(**{Columns.WEIGHT: event_weight(kept[Columns.KIND])})
        pairs = weighed.groupby(PAIR, as_index=False).agg(
            **{Columns.WEIGHT: (Columns.WEIGHT, "sum"), Columns.LAST_AT: (Columns.OCCURRED_AT, "max")}
        )
        return Dataset.from_frames(kept, pairs, self.items, event_weight, as_of)

    def _split(self, dataset: Dataset, known: pd.DataFrame, sought: pd.DataFrame) -> Split:
        at_no_time = sought.assign(**{Columns.KIND: KINDS["buy"], Columns.OCCURRED_AT: pd.Timestamp(0, tz="UTC")})
        truth, taken_out = (
            histories_from_frame(frame, dataset.users, self.items, event_weight) for frame in (at_no_time, known)
        )
        return by_time(dataset.histories, truth, taken_out)


def _cosine(dataset: Dataset) -> Scorer:
    """Item neighbours by the cosine of who had an event with them."""
    seen = dataset.interactions.copy()
    seen.data[:] = 1
    columns = normalize(seen, axis=0)
    similarity = (columns.T @ columns).tocsr()
    similarity.setdiag(0)
    return lambda queries: (queries.matrix(dataset.n_items, weight_power=0) @ similarity).toarray()


def _mean(gains: Gains) -> dict[str, object]:
    return {f"ndcg@{K}": gains.mean(), f"ndcg@{K}_interval": interval_of_mean(gains, np.random.default_rng(0))}

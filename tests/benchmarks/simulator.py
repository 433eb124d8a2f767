"""The simulated shop beside real ones, policies compared in the closed loop, and how fast it runs."""

import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from schemas import Columns, EventKind
from signals.formats import EVENT_FORMATS
from signals.simulator import ClosedLoop, Ranking, SimulatorConfig, simulate, statistics
from tests.benchmarks.sources import DATA, NO_DATA, RETAIL

Rows = Iterator[dict[str, object]]

RETAILROCKET = DATA / "retailrocket_events" / "events.csv.gz"
LARGE = SimulatorConfig(n_products=450, n_shoppers=100_000, n_events=1_200_000)
ENOUGH = 10_000_000
DAYS = 30


def run() -> Rows:
    yield from _large()
    config = SimulatorConfig()
    history = simulate(config).events
    yield {"shop": "simulated", **_figures(history)}
    yield from _policies(config, history)
    for name, path in (("online-retail", RETAIL), ("retailrocket", RETAILROCKET)):
        yield {"shop": name, **(_figures(_read(name, path)) if path.is_file() else {"skipped": NO_DATA})}


def _large() -> Rows:
    """Events of the closed loop until there are 10 million, made and thrown away day by day."""
    began = time.perf_counter()
    loop = ClosedLoop(LARGE)
    policy = Ranking(loop.world.market.log_popularity, epsilon=0.1)
    opened, kinds, days = time.perf_counter() - began, Counter[str](), 0
    while kinds.total() < ENOUGH:
        (table,) = loop.tables(policy, 1)
        kinds.update({one["values"]: one["counts"] for one in table[Columns.KIND].value_counts().to_pylist()})
        days += 1
    yield {
        "shoppers": LARGE.n_shoppers,
        "days": days,
        "events": kinds.total(),
        "impressions": kinds[EventKind.IMPRESSION.value],
        "open_seconds": round(opened, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _policies(config: SimulatorConfig, history: pd.DataFrame) -> Rows:
    """A month of each policy, all from the same history with the same visits, and what its log looks like."""
    for name in ("random", "popularity", "together"):
        loop = ClosedLoop(config, history=history)
        policy = Ranking(_scores(name, loop, history), epsilon=0.1)
        at_first = loop.clicks(policy)
        events = pd.concat([table.to_pandas() for table in loop.tables(policy, DAYS)], ignore_index=True)
        visits, kinds = events[Columns.REQUEST].nunique(), events[Columns.KIND].value_counts()
        yield {
            "shop": f"closed loop, {name}",
            "clicks_at_first": round(at_first, 3),
            "clicks_a_visit": round(kinds[EventKind.CLICK.value] / visits, 3),
            "clicks_at_last": round(loop.clicks(policy), 3),
            "purchases_a_visit": round(kinds[EventKind.PURCHASE.value] / visits, 3),
            **_figures(events),
        }


def _scores(name: str, loop: ClosedLoop, history: pd.DataFrame) -> np.ndarray:
    """By chance, by how often an item was looked at, or by what is looked at along with the shopper's own."""
    n_shoppers, n_items = loop.world.shoppers.n_shoppers, loop.world.market.n_items
    if name == "random":
        return np.random.default_rng(0).random((n_shoppers, n_items))
    number = {item_id: index for index, item_id in enumerate(loop.item_ids)}
    known = history.dropna(subset=[Columns.USER, Columns.ITEM])
    touched = np.zeros((n_shoppers, n_items), dtype=np.float32)
    rows = known[Columns.USER].str.rpartition("-")[2].astype("int64").to_numpy()
    touched[rows, known[Columns.ITEM].map(number).to_numpy(dtype=np.int64)] = 1
    if name == "popularity":
        return touched.sum(axis=0)
    together = touched.T @ touched
    np.fill_diagonal(together, 0)
    norm = np.sqrt(touched.sum(axis=0) + 1)
    return touched @ (together / np.outer(norm, norm))


def _read(name: str, path: Path) -> pd.DataFrame:
    return pd.concat([chunk.frame for chunk in EVENT_FORMATS[name](path)], ignore_index=True)


def _figures(events: pd.DataFrame) -> dict[str, object]:
    events = events.assign(**{Columns.OCCURRED_AT: pd.to_datetime(events[Columns.OCCURRED_AT], utc=True)})
    return {name: round(value, 3) for name, value in asdict(statistics(events)).items()}

"""What the questions of a conversation are worth: does whoever answers them see what they want sooner?

Simulated shoppers who have a product in mind: what they bought in the last weeks, which the shop has not seen. They ask
for its kind, or for any ideas; they answer a question by the product's row, and say "something else" where there is
none or the row has no answer. A dialogue ends when the product is shown, and after five turns. The template writes.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender import selection
from recommender.catalog import CatalogColumns
from recommender.conversation import asking
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.jobs.reading import Source
from recommender.jobs.train import train
from recommender.shop import Shop
from schemas import Columns, ProductRow
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

Row = dict[str, object]
HELD_OUT: Final = timedelta(days=14)
TURNS: Final = 5
VALIDATION, TEST = 80, 250
NEVER: Final = float("inf")
THRESHOLDS: Final = (0.1, 0.2, 0.35)
SOMETHING_ELSE: Final = "something else"
ANY_IDEAS: Final = "any ideas?"


@dataclass(frozen=True)
class Wanted:
    """Who wants which product, and how they begin."""

    user_id: str
    row: ProductRow
    opening: str

    def answer(self, field: str) -> str:
        row = self.row
        values = {CATEGORY: row.category[-1:], BRAND: (row.brand,) if row.brand else (), **row.attributes}.get(field)
        return values[0].lower() if values else SOMETHING_ELSE


@dataclass(frozen=True)
class Talked:
    """Of each dialogue the turn that showed the product, TURNS + 1 where none did, and how many questions it had."""

    turns: npt.NDArray[np.int64]
    questions: npt.NDArray[np.int64]

    def shown_by(self, turn: int) -> npt.NDArray[np.float64]:
        return (self.turns <= turn).astype(np.float64)

    @property
    def success(self) -> float:
        """The share of dialogues that showed the product by a turn, over all turns: soon is better than late."""
        return float(np.mean([self.shown_by(turn).mean() for turn in range(1, TURNS + 1)]))


def run() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured(Path(folder))


def _measured(folder: Path) -> Iterator[Row]:
    wanted = _shop(folder)
    validation, test = wanted[:VALIDATION], wanted[VALIDATION : VALIDATION + TEST]
    with Shop.open(f"sqlite:///{folder / 'shop.db'}", folder / "artifacts", "none") as shop:
        for least in (NEVER, *THRESHOLDS):
            talked = _talk(shop, validation, least)
            yield {"shoppers": "validation", "least_gain": least, **_row(talked), "mean_success": talked.success}
        start = time.process_time()
        off, on = _talk(shop, test, NEVER), _talk(shop, test, asking.LEAST_GAIN)
        yield {"shoppers": "test", "questions": "off", **_row(off)}
        yield {"shoppers": "test", "questions": "on", "least_gain": asking.LEAST_GAIN, **_row(on)}
        yield {"processor_seconds": time.process_time() - start}
        said_kind = np.array([one.opening != ANY_IDEAS for one in test])
        for opening, those in (("all", said_kind | True), ("a kind", said_kind), (ANY_IDEAS, ~said_kind)):
            gains = {turn: (on.shown_by(turn) - off.shown_by(turn))[those] for turn in range(1, TURNS + 1)}
            rises = {f"shown@{turn}": _mean(rise) for turn, rise in gains.items()}
            yield {"opening": opening, "dialogues": int(those.sum()), "questions": "on - off", **rises}


def _shop(folder: Path) -> list[Wanted]:
    """A trained shop of what was before the held-out weeks in `folder`; and who buys what in these, in any order."""
    simulate(SimulatorConfig()).write(folder)
    frame = pd.read_parquet(folder / "events.parquet")
    cut = frame[Columns.OCCURRED_AT].max() - HELD_OUT
    before = frame[frame[Columns.OCCURRED_AT] < cut]
    before.to_parquet(folder / "before.parquet", index=False)
    engine = open_database(f"sqlite:///{folder / 'shop.db'}")
    load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
    ingest_events(engine, folder / "before.parquet", "canonical", rejected=folder / "events.rejected")
    with patch.object(selection, "grown", return_value=None):  # the blend's order will do, and takes seconds
        train(engine, folder / "artifacts", trials=1, encoder=None)
    bought = frame[frame[Columns.KIND] == "purchase"]
    pairs = bought.groupby([Columns.USER, Columns.ITEM], as_index=False)[Columns.OCCURRED_AT].min()
    new = pairs[(pairs[Columns.OCCURRED_AT] >= cut) & pairs[Columns.USER].isin(before[Columns.USER])]
    source, rng = Source.of(engine), np.random.default_rng(0)
    columns = CatalogColumns(source.catalog, source.items)
    chosen = new.sample(frac=1, random_state=0).drop_duplicates(Columns.USER)
    rows = columns.quoted(source.items.indexes(chosen[Columns.ITEM].tolist()).tolist(), datetime.now(UTC))
    engine.dispose()
    openings = [row.category[-1].lower() if rng.random() < 0.5 else ANY_IDEAS for row in rows]
    told = zip(chosen[Columns.USER], rows, openings, strict=True)
    return [Wanted(user_id, row, opening) for user_id, row, opening in told if row.in_stock]


def _talk(shop: Shop, wanted: Sequence[Wanted], least_gain: float) -> Talked:
    with patch.object(asking, "LEAST_GAIN", least_gain):
        ended = [_dialogue(shop, one, f"{one.user_id} {least_gain}") for one in wanted]
    turns, questions = np.array(ended).T
    return Talked(turns, questions)


def _dialogue(shop: Shop, wanted: Wanted, session_id: str) -> tuple[int, int]:
    """The turn that showed the product, TURNS + 1 where none did, and how many questions were asked."""
    said, questions = wanted.opening, 0
    for turn in range(1, TURNS + 1):
        reply = shop.chat([{"role": "user", "content": said}], user_id=wanted.user_id, session_id=session_id)
        if wanted.row.item_id in [item.item_id for item in reply.items]:
            return turn, questions
        questions += reply.question is not None
        said = SOMETHING_ELSE if reply.question is None else wanted.answer(reply.question.field)
    return TURNS + 1, questions


def _row(talked: Talked) -> Row:
    shown = {f"shown@{turn}": _mean(talked.shown_by(turn)) for turn in range(1, TURNS + 1)}
    return {"dialogues": len(talked.turns), **shown, "questions_each": round(float(talked.questions.mean()), 2)}


def _mean(values: npt.NDArray[np.float64]) -> str:
    """With its 95 % interval over the shoppers."""
    low, high = interval_of_mean(values, np.random.default_rng(0))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"

"""From SQL to what models are fitted and measured on, as of any moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from recommender.dataset import Dataset, Floats, ItemVectors, histories_from_frame
from recommender.errors import NotEnoughDataError
from recommender.evaluation.splits import Split, by_time, nothing_known
from recommender.features import item_features
from recommender.ids import IdMap
from schemas import Columns
from signals.aggregation import update_interactions
from signals.catalog import CatalogStore
from signals.events import EventStore
from signals.interactions import histories, interactions
from signals.purchases import purchases
from signals.weights import EventWeights

WEIGHTS = EventWeights()
LONGEST_WINDOW = timedelta(days=30)
WINDOWS_IN_RANGE = 6
STRAY_SHARE = 0.0005


@dataclass(frozen=True)
class Source:
    """The behaviour and the catalogue of one shop; every read is as of a moment, older events only."""

    engine: Engine
    items: IdMap
    catalog: pd.DataFrame
    first_at: datetime
    last_at: datetime
    """The newest event but for the newest 0.05 %: a few late ones do not move the windows."""
    end: datetime
    """Just after the very newest event."""
    flagged: Mapping[str, int]
    """How many events each rule has set aside: nothing is learned from them."""
    embeddings: ItemVectors | None = None
    """Of ``items``; None where the products were not embedded."""

    @classmethod
    def of(cls, engine: Engine) -> "Source":
        """Raises NotEnoughDataError where there are no products or no events."""
        update_interactions(engine)
        store = EventStore(engine)
        catalog, times = CatalogStore(engine).rows(), store.time_range()
        if catalog.empty:
            raise NotEnoughDataError("the catalogue is empty; load it with `recommender catalog load FILE`")
        if times is None:
            raise NotEnoughDataError("there are no events; load some with `recommender ingest FILE`")
        usual = store.newest(skip=int(store.count() * STRAY_SHARE)) or times[1]
        end = times[1] + timedelta(microseconds=1)
        flagged = {flag.value: count for flag, count in store.count_flagged().items()}
        return cls(engine, IdMap.from_ids(catalog[Columns.ITEM]), catalog, times[0], usual, end, flagged)

    @property
    def window(self) -> timedelta:
        """How much is held out: a sixth of the time range in whole days, 30 days at most, 1 at least."""
        days = (self.last_at - self.first_at).days // WINDOWS_IN_RANGE
        return min(LONGEST_WINDOW, timedelta(days=max(days, 1)))

    @property
    def split_at(self) -> datetime:
        """The start of the last window: midnight (UTC) of the last day less the window."""
        last_day = self.last_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return last_day - self.window

    def dataset(self, as_of: datetime) -> Dataset:
        """Everything older than `as_of`, to fit on."""
        features = item_features(self.catalog, self.items)
        return Dataset.from_frames(
            histories(self.engine, as_of, weights=WEIGHTS),
            interactions(self.engine, as_of, weights=WEIGHTS),
            self.items,
            event_weight,
            _microseconds(as_of),
            features,
            self.embeddings,
        )

    def split(self, dataset: Dataset, start: datetime, stop: datetime, *, repeats: bool = False) -> Split:
        """Shoppers of `dataset` (as of `start`) who bought something in [start, stop) that they never bought before.

        Nothing later than `start` decides what was known then: neither refunds nor aliases. With `repeats` what had
        been bought before counts as well, and nothing is known.
        """
        later = purchases(self.engine, start, stop, known_at=start)
        truth = histories_from_frame(later, dataset.users, self.items, event_weight)
        known = nothing_known(len(dataset.users))
        if not repeats:
            earlier = purchases(self.engine, None, start)
            known = histories_from_frame(earlier, dataset.users, self.items, event_weight)
        split = by_time(dataset.histories, truth, known)
        if not len(split):
            raise NotEnoughDataError(
                f"no shopper with a history bought anything {'' if repeats else 'new '}"
                f"between {start:%Y-%m-%d} and {stop:%Y-%m-%d}; "
                "load more events, or pass an earlier --split-at"
            )
        return split


def event_weight(kinds: pd.Series) -> Floats:
    """What one event of each kind is worth; float32, shape (len(kinds),)."""
    worth = WEIGHTS.model_dump()
    return np.array([worth.get(kind, 0.0) for kind in kinds.tolist()], dtype=np.float32)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)

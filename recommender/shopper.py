"""A shopper as the ranking sees them: recent deeds as a query, and what they own already."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recommender.dataset import Histories
from recommender.explain import Deed
from recommender.ids import IdMap, Indexes
from schemas import Columns, EventKind


@dataclass(frozen=True)
class Shopper:
    """``query`` and ``deeds`` are the same events, oldest first; ``bought`` are item indexes."""

    query: Histories
    deeds: tuple[Deed, ...]
    bought: Indexes

    @classmethod
    def unknown(cls) -> "Shopper":
        return cls(Histories.from_lists([[]]), (), np.empty(0, dtype=np.int32))

    @classmethod
    def of(cls, item: int) -> "Shopper":
        """Somebody of whom one item is known: the query behind "similar to this"."""
        return cls(Histories.from_lists([[item]]), (), np.empty(0, dtype=np.int32))

    @classmethod
    def from_history(
        cls,
        history: pd.DataFrame,
        bought: pd.DataFrame,
        weights: Mapping[str, float],
        items: IdMap,
        titles: Mapping[str, str],
    ) -> "Shopper":
        """From `history`, newest first (item_id, kind, occurred_at), and `bought`, which has every purchase.

        Events without weight and events on items that `items` does not know are left out.
        """
        rows = history.iloc[::-1]
        index = items.find([str(item) for item in rows[Columns.ITEM].tolist()])
        worth = np.array([weights.get(kind, 0.0) for kind in rows[Columns.KIND].tolist()], dtype=np.float32)
        kept = rows[(index >= 0) & (worth > 0)]
        index, worth = index[(index >= 0) & (worth > 0)], worth[(index >= 0) & (worth > 0)]
        deeds = tuple(
            Deed(str(item), titles.get(item), EventKind(kind), at.to_pydatetime())
            for item, kind, at in zip(kept[Columns.ITEM], kept[Columns.KIND], kept[Columns.OCCURRED_AT], strict=True)
        )
        times = np.array([int(deed.occurred_at.timestamp() * 1_000_000) for deed in deeds], dtype=np.int64)
        indptr = np.array([0, len(index)], dtype=np.int64)
        return cls(Histories(indptr, index, times, worth), deeds, _bought(bought, items))


def _bought(events: pd.DataFrame, items: IdMap) -> Indexes:
    purchases = events[events[Columns.KIND] == EventKind.PURCHASE]
    index = np.unique(items.find([str(item) for item in purchases[Columns.ITEM].tolist()]))
    return index[index >= 0]

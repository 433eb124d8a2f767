"""A shopper as the ranking sees them: recent deeds as a query, and what they own already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from recommender.dataset import Histories
from recommender.explain import Deed
from recommender.ids import IdMap, Indexes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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
    def from_events(
        cls, events: Sequence[Deed], bought: Iterable[str], weights: Mapping[str, float], items: IdMap
    ) -> "Shopper":
        """From deeds, oldest first, and the ids of everything ever bought.

        Deeds of a kind without weight, and on items that `items` does not know, are left out.
        """
        index = items.find([deed.item_id for deed in events])
        kept = [(deed, at) for deed, at in zip(events, index, strict=True) if at >= 0 and weights.get(deed.kind, 0) > 0]
        deeds = tuple(deed for deed, _ in kept)
        query = Histories(
            indptr=np.array([0, len(kept)], dtype=np.int64),
            items=np.array([at for _, at in kept], dtype=np.int32),
            times=np.array([(deed.occurred_at - EPOCH) // MICROSECOND for deed in deeds], dtype=np.int64),
            weights=np.array([weights[deed.kind] for deed in deeds], dtype=np.float32),
        )
        owned = items.find(sorted(bought))
        return cls(query, deeds, owned[owned >= 0])

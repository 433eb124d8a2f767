"""A shopper as the ranking sees them: recent deeds as a query, and what they own already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from recommender.dataset import Histories
from recommender.explain import Deed
from recommender.ids import IdMap, Indexes
from schemas import EventKind
from signals.weights import EventWeights

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NOTHING = np.empty(0, dtype=np.int32)
WEIGHTS = EventWeights().model_dump()


@dataclass(frozen=True)
class Shopper:
    """``query`` and ``deeds`` are the same events, oldest first; ``bought`` and ``disliked`` are item indexes."""

    query: Histories
    deeds: tuple[Deed, ...]
    bought: Indexes
    disliked: Indexes

    @classmethod
    def unknown(cls) -> "Shopper":
        return cls(Histories.from_lists([[]]), (), NOTHING, NOTHING)

    @classmethod
    def of(cls, item: int) -> "Shopper":
        """Somebody of whom one item is known: the query behind "similar to this"."""
        return cls(Histories.from_lists([[item]]), (), NOTHING, NOTHING)

    def doing(self, deeds: Sequence[Deed], items: IdMap) -> "Shopper":
        """The same shopper, who did this as well; items of which there are deeds already change nothing."""
        known = {deed.item_id for deed in self.deeds}
        index = items.find([deed.item_id for deed in deeds])
        new = [(deed, at) for deed, at in zip(deeds, index, strict=True) if at >= 0 and deed.item_id not in known]
        if not new:
            return self
        query = Histories(
            indptr=np.array([0, len(self.deeds) + len(new)], dtype=np.int64),
            items=np.append(self.query.items, np.array([at for _, at in new], dtype=np.int32)),
            times=np.append(self.query.times, np.array([_micros(deed) for deed, _ in new], dtype=np.int64)),
            weights=np.append(self.query.weights, np.array([WEIGHTS[deed.kind] for deed, _ in new], dtype=np.float32)),
        )
        return replace(self, query=query, deeds=(*self.deeds, *(deed for deed, _ in new)))

    @classmethod
    def from_events(
        cls, events: Sequence[Deed], bought: Mapping[str, int], weights: Mapping[str, float], items: IdMap
    ) -> "Shopper":
        """From deeds, oldest first, and how many of each item ever bought were kept.

        What was taken back is no deed: a purchase wholly sent back, a cart emptied again, anything about an item that
        was disliked since. Deeds of a kind without weight, and on items that `items` does not know, are left out.
        """
        standing, disliked = _standing(events, bought)
        index = items.find([deed.item_id for deed in standing])
        kept = [(deed, at) for deed, at in zip(standing, index, strict=True) if at >= 0 and weights[deed.kind] > 0]
        deeds = tuple(deed for deed, _ in kept)
        query = Histories(
            indptr=np.array([0, len(kept)], dtype=np.int64),
            items=np.array([at for _, at in kept], dtype=np.int32),
            times=np.array([_micros(deed) for deed in deeds], dtype=np.int64),
            weights=np.array([weights[deed.kind] for deed in deeds], dtype=np.float32),
        )
        known = [items.find(sorted(ids)) for ids in (bought, disliked)]
        return cls(query, deeds, *(found[found >= 0] for found in known))


def _micros(deed: Deed) -> int:
    return (deed.occurred_at - EPOCH) // MICROSECOND


def _standing(events: Sequence[Deed], bought: Mapping[str, int]) -> tuple[list[Deed], set[str]]:
    """The deeds that were not taken back, and the items disliked last."""
    standing: list[Deed] = []
    disliked: set[str] = set()
    for deed in events:
        if deed.kind is EventKind.DISLIKE:
            disliked.add(deed.item_id)
            standing = [one for one in standing if one.item_id != deed.item_id]
        elif deed.kind is EventKind.REMOVE_FROM_CART:
            carted = (deed.item_id, EventKind.ADD_TO_CART)
            standing = [one for one in standing if (one.item_id, one.kind) != carted]
        elif deed.kind is not EventKind.PURCHASE or bought.get(deed.item_id, 0) > 0:
            standing.append(deed)
            if deed.kind is EventKind.LIKE:
                disliked.discard(deed.item_id)
    return standing, disliked

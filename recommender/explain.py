"""Why an item is where it is: the parts of its own score, in the words of the shopper's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from recommender.blend import Blend
from recommender.dataset import Floats, Histories
from schemas import EventKind, Reason, ReasonKind

REASONS_PER_ITEM = 2
LEAST_SHARE = 0.05
_STRONGEST_FIRST = (
    EventKind.PURCHASE,
    EventKind.LIKE,
    EventKind.ADD_TO_CART,
    EventKind.WISHLIST,
    EventKind.CLICK,
    EventKind.DWELL,
    EventKind.VIEW,
)


@dataclass(frozen=True)
class Deed:
    """One event of the shopper as a reason quotes it."""

    item_id: str
    title: str | None
    kind: EventKind
    occurred_at: datetime


POPULAR = Reason(kind=ReasonKind.POPULAR, contribution=1.0)


def reasons(
    blend: Blend, query: Histories, deeds: Sequence[Deed], items: npt.NDArray[np.int32]
) -> list[tuple[Reason, ...]]:
    """For each of `items` what adds most to its blended score: the shopper's own items, and popularity.

    A contribution is the share of the score, where the positive parts and what cannot be attributed are the whole.
    A score that only says "popular" has that one reason; one that nothing can be said of has none.

    Parameters
    ----------
    query : one history
    deeds : its events, in the same order
    """
    if not deeds:
        return [(POPULAR,)] * len(items)
    parts = blend.parts(query, items)
    return [_best(*row, deeds) for row in zip(parts.history, parts.popularity, parts.total, strict=True)]


def _best(history: Floats, popularity: float, total: float, deeds: Sequence[Deed]) -> tuple[Reason, ...]:
    by_item: dict[str, float] = {}
    for deed, value in zip(deeds, history, strict=True):
        by_item[deed.item_id] = by_item.get(deed.item_id, 0.0) + float(value)
    said = sum(value for value in by_item.values() if value > 0) + max(float(popularity), 0.0)
    whole = said + max(float(total - history.sum() - popularity), 0.0)
    ranked = sorted(by_item.items(), key=lambda pair: (-pair[1], pair[0]))[:REASONS_PER_ITEM]
    found = [_reason(item, value / whole, deeds) for item, value in ranked if value > LEAST_SHARE * whole > 0]
    if popularity > LEAST_SHARE * whole > 0:
        found.append(Reason(kind=ReasonKind.POPULAR, contribution=float(popularity) / whole))
    return tuple(sorted(found, key=lambda reason: -reason.contribution)[:REASONS_PER_ITEM])


def _reason(item_id: str, share: float, deeds: Sequence[Deed]) -> Reason:
    own = [deed for deed in deeds if deed.item_id == item_id]
    strongest = min(own, key=lambda deed: (_STRONGEST_FIRST.index(deed.kind), -deed.occurred_at.timestamp()))
    return Reason(
        kind=ReasonKind.HISTORY,
        contribution=share,
        item_id=item_id,
        title=strongest.title,
        event_kind=strongest.kind,
        occurred_at=strongest.occurred_at,
    )

"""Why an item is where it is, in the words of the shopper's history.

`reasons` takes the blend's scores apart, which costs next to nothing, for every item of a list. `influences` asks for
one item what its final score would be without each item of the history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from recommender.blend import Asked
from recommender.dataset import Floats, Histories
from recommender.models.base import Items
from recommender.ranking import Ranker
from schemas import EventKind, Influence, Reason, ReasonKind

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


def reasons(asked: Asked, deeds: Sequence[Deed], items: Items) -> list[tuple[Reason, ...]]:
    """For each of `items` what adds most to its blended score: the shopper's own items, and popularity.

    A contribution is the share of the score, where the positive parts and what cannot be attributed are the whole.
    A score that only says "popular" has that one reason; one that nothing can be said of has none.

    Parameters
    ----------
    asked : the blend, asked with one history
    deeds : the events of that history, in the same order
    """
    if not deeds:
        return [(POPULAR,)] * len(items)
    parts = asked.parts(items)
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


def influences(ranker: Ranker, query: Histories, deeds: Sequence[Deed], item: int) -> tuple[float, list[Influence]]:
    """The score of `item`, and for each item of the history the score without it, the most missed first.

    Parameters
    ----------
    query : one history
    deeds : its events, in the same order
    """
    own = np.array([deed.item_id for deed in deeds])
    found = []
    for item_id in dict.fromkeys(deed.item_id for deed in deeds):
        weightiest = _weightiest([deed for deed in deeds if deed.item_id == item_id])
        found.append(
            Influence(
                item_id=item_id,
                title=weightiest.title,
                event_kind=weightiest.kind,
                occurred_at=weightiest.occurred_at,
                score_without=ranker.score(query.keep(own != item_id), item),
            )
        )
    return ranker.score(query, item), sorted(found, key=lambda one: (one.score_without, one.item_id))


def _weightiest(deeds: Sequence[Deed]) -> Deed:
    return min(deeds, key=lambda deed: (_STRONGEST_FIRST.index(deed.kind), -deed.occurred_at.timestamp()))


def _reason(item_id: str, share: float, deeds: Sequence[Deed]) -> Reason:
    strongest = _weightiest([deed for deed in deeds if deed.item_id == item_id])
    return Reason(
        kind=ReasonKind.HISTORY,
        contribution=share,
        item_id=item_id,
        title=strongest.title,
        event_kind=strongest.kind,
        occurred_at=strongest.occurred_at,
    )

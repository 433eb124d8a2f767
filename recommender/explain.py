"""Why an item is where it is, in the words of the shopper's history.

`reasons` takes the blend's scores apart, which costs next to nothing, for every item of a list. `influences` asks for
one item what its final score would be without each item of the history.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from recommender.blend import Asked
from recommender.dataset import Histories
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
    own, place = np.unique([deed.item_id for deed in deeds], return_inverse=True)
    by_item = np.zeros((len(own), len(items)))
    np.add.at(by_item, place, parts.history.T)
    unsaid = parts.total - parts.history.sum(axis=1) - parts.popularity
    said = zip(by_item.T, parts.popularity.tolist(), unsaid.tolist(), strict=True)
    return [_best(own.tolist(), *one, deeds) for one in said]


def _best(
    own: Sequence[str], by_item: npt.NDArray[np.float64], popularity: float, unsaid: float, deeds: Sequence[Deed]
) -> tuple[Reason, ...]:
    """The reasons of one item; `by_item` is what each item of the shopper's `own`, in ascending order, adds to it."""
    whole = float(np.maximum(by_item, 0.0).sum()) + max(popularity, 0.0) + max(unsaid, 0.0)
    strongest = np.argsort(-by_item, kind="stable")[:REASONS_PER_ITEM]
    ranked = [(own[place], float(by_item[place])) for place in strongest]
    found = [_reason(item, value / whole, deeds) for item, value in ranked if value > LEAST_SHARE * whole > 0]
    if popularity > LEAST_SHARE * whole > 0:
        found.append(Reason(kind=ReasonKind.POPULAR, contribution=popularity / whole))
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

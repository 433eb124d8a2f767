"""Many shoppers as the ranking sees them: what `recommender.shop.shopper` makes of one's events, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.dataset import Histories
from recommender.explain import Deed
from recommender.ids import IdMap
from recommender.shop.requests import WEIGHTS
from recommender.shop.shopper import EPOCH, MICROSECOND, Shopper
from schemas import EventKind
from signals.recent import RecentEvents

Places = npt.NDArray[np.int64]
KINDS: Final = tuple(EventKind)
KIND_WEIGHTS: Final = np.array([WEIGHTS.get(kind, 0.0) for kind in KINDS], dtype=np.float32)
PURCHASE, CART, REMOVE, LIKE, DISLIKE = map(
    KINDS.index,
    (EventKind.PURCHASE, EventKind.ADD_TO_CART, EventKind.REMOVE_FROM_CART, EventKind.LIKE, EventKind.DISLIKE),
)


@dataclass(frozen=True)
class Shoppers:
    """As `Shopper`, of each of n shoppers.

    Attributes
    ----------
    queries : the deeds of each, oldest first
    kinds : shape (n_events,), the place in `KINDS` of each deed's kind
    bought, disliked : of each, item indexes, ascending; as histories, of which the items alone count
    """

    queries: Histories
    kinds: Places
    bought: Histories
    disliked: Histories

    @classmethod
    def of(cls, n: int, trade: RecentEvents, recent: RecentEvents, items: IdMap) -> Self:
        """From the events of `HISTORY_PARTS`, whose shoppers are places below `n`; those on unknown items say nothing.

        As in `Shopper.from_events`, what was taken back is no deed.
        """
        bought, kept = _netted(trade, items)
        shopper, item, kind, time = _oldest_first(recent, items)
        pairs, pair = np.unique(shopper * len(items) + item, return_inverse=True)
        disliked, removed, liked = (_last(pair, kind == one, len(pairs)) for one in (DISLIKE, REMOVE, LIKE))
        place, standing = np.arange(len(pair)), KIND_WEIGHTS[kind] > 0
        standing &= place > disliked[pair]
        standing &= (kind != CART) | (place > removed[pair])
        standing &= (kind != PURCHASE) | np.isin(pairs, kept)[pair]
        queries = Histories(
            np.searchsorted(shopper[standing], np.arange(n + 1)),
            item[standing].astype(np.int32),
            time[standing],
            KIND_WEIGHTS[kind[standing]],
        )
        out = (_listed(keys, n, len(items)) for keys in (bought, pairs[disliked > liked]))
        return cls(queries, kind[standing], *out)

    def one(self, place: int, titles: Mapping[str, str], items: IdMap) -> Shopper:
        """A shopper, with deeds as reasons quote them."""
        query, events = self.queries.block(place, place + 1), self.queries.of(place)
        deeds = [
            Deed(item_id, titles.get(item_id), KINDS[kind], _moment(time))
            for item_id, kind, time in zip(items.ids(query.items), self.kinds[events], query.times, strict=True)
        ]
        bought, disliked = (some.items[some.of(place)] for some in (self.bought, self.disliked))
        return Shopper(query, tuple(deeds), bought, disliked)


def _netted(trade: RecentEvents, items: IdMap) -> tuple[Places, Places]:
    """The pairs of a shopper and an item that was ever bought or sent back, and those of which something was kept."""
    index, known = _indexes(trade.item_id, items)
    pairs, pair = np.unique(trade.shopper[known] * len(items) + index[known], return_inverse=True)
    signs = np.where(trade.kind[known] == EventKind.PURCHASE, 1, -1)
    return pairs, pairs[np.bincount(pair, signs * trade.quantity[known], minlength=len(pairs)) > 0]


def _oldest_first(recent: RecentEvents, items: IdMap) -> tuple[Places, Places, Places, Places]:
    """Shopper, item index, place of the kind and time of the events on items that are known, by shopper and time."""
    index, known = _indexes(recent.item_id, items)
    newest_last = np.flatnonzero(known)[::-1]
    order = newest_last[np.argsort(recent.shopper[newest_last], kind="stable")]
    codes, distinct = pd.factorize(recent.kind[order])
    kinds = np.array([KINDS.index(one) for one in distinct], dtype=np.int64)
    return recent.shopper[order], index[order], kinds[codes], recent.occurred_at[order]


def _indexes(item_ids: npt.NDArray[np.object_], items: IdMap) -> tuple[Places, npt.NDArray[np.bool_]]:
    """The index of each item, and whether there is one."""
    codes, distinct = pd.factorize(item_ids)
    found = np.append(items.find(distinct.tolist()), -1).astype(np.int64)[codes]
    return found, found >= 0


def _last(pair: Places, mask: npt.NDArray[np.bool_], n: int) -> Places:
    """The last place at which `mask` holds for each pair, -1 where there is none."""
    found = np.full(n, -1, dtype=np.int64)
    places = np.flatnonzero(mask)
    found[pair[places]] = places
    return found


def _listed(pairs: Places, n: int, n_items: int) -> Histories:
    """Ascending pairs of a shopper and an item as lists of items."""
    return Histories.from_pairs(pairs // n_items, (pairs % n_items).astype(np.int32), n)


def _moment(microseconds: int) -> datetime:
    return EPOCH + int(microseconds) * MICROSECOND

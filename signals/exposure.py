"""What a shopper was shown again and again and passed over."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from schemas.events import EventKind
from schemas.ids import ANONYMOUS_PREFIX
from signals.column_types import to_microseconds
from signals.connections import reading
from signals.raw import in_batches, raw
from signals.shoppers import anonymous_ids_of, belongs
from signals.tables import events, impressions, requests

RESPONSES: Final = (
    EventKind.CLICK,
    EventKind.VIEW,
    EventKind.DWELL,
    EventKind.WISHLIST,
    EventKind.LIKE,
    EventKind.ADD_TO_CART,
    EventKind.PURCHASE,
)


def ignored_items(engine: Engine, user_id: str, *, shown: int, since: datetime) -> tuple[str, ...]:
    """The items that at least `shown` lists since then showed the shopper, who has not responded to them since then.

    A response is an event of `RESPONSES` on the item, whichever list it came from. Both count under the shopper's own
    id and under the anonymous ids that are theirs by now. Lists that `ImpressionLog` has not written yet are not seen.

    Parameters
    ----------
    user_id
        As `schemas.ids.shopper_id` gives it.

    Returns
    -------
    tuple of str
        Item ids, ascending.
    """
    with reading(engine) as connection:
        anonymous = [] if user_id.startswith(ANONYMOUS_PREFIX) else anonymous_ids_of(connection, user_id, None)
        often = _often_shown(connection, [user_id, *(ANONYMOUS_PREFIX + one for one in anonymous)], shown, since)
        if not often:
            return ()
        responded = select(events.c.item_id).where(
            belongs(user_id, anonymous),
            raw(events.c.occurred_at) >= to_microseconds(since),
            events.c.kind.in_(RESPONSES),
            events.c.flag.is_(None),
        )
        return tuple(sorted(often - set(connection.scalars(responded.distinct()))))


def _often_shown(connection: Connection, ids: Iterable[str], shown: int, since: datetime) -> set[str]:
    batches, counts = in_batches(ids), Counter[str]()
    least = shown if len(batches) == 1 else 1
    for batch in batches:
        lists = select(impressions.c.item_id, func.count()).join(requests).group_by(impressions.c.item_id)
        recent = lists.where(requests.c.user_id.in_(batch), raw(requests.c.created_at) >= to_microseconds(since))
        for item, count in connection.execute(recent.having(func.count() >= least)):
            counts[item] += count
    return {item for item, count in counts.items() if count >= shown}

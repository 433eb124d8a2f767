"""Who has shown an interest in a product and not bought it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Engine, select

from schemas.events import EventKind
from signals.column_types import from_microseconds, to_microseconds
from signals.connections import reading
from signals.raw import in_batches, raw
from signals.tables import interactions

STRONGEST_FIRST: Final = (
    EventKind.WISHLIST,
    EventKind.ADD_TO_CART,
    EventKind.LIKE,
    EventKind.CLICK,
    EventKind.VIEW,
)
TRADE: Final = (EventKind.PURCHASE, EventKind.REFUND)


class Interest(NamedTuple):
    """``kind`` is the strongest that the shopper did with the product, ``last_at`` when they last did any of these."""

    user_id: str
    item_id: str
    kind: EventKind
    last_at: datetime


def interests(engine: Engine, item_ids: Iterable[str], since: datetime | None = None) -> list[Interest]:
    """By shopper and product: who looked at, carted, liked or wished for one of these and keeps none that they bought.

    From the table of interactions as it is (`signals.aggregation.update_interactions` brings it up to date).

    Parameters
    ----------
    since
        Only those who did so at this time or later; None: ever.
    """
    least = -(2**63) if since is None else to_microseconds(since)
    found: list[Interest] = []
    columns = (interactions.c.user_id, interactions.c.item_id, interactions.c.kind, interactions.c.quantity)
    kinds = [*STRONGEST_FIRST, *TRADE]
    with reading(engine) as connection:
        for batch in in_batches(item_ids):
            chosen = select(*columns, raw(interactions.c.last_at)).where(
                interactions.c.item_id.in_(batch), interactions.c.kind.in_(kinds)
            )
            pairs: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
            for user, item, kind, quantity, last_at in connection.execute(chosen):
                pairs.setdefault((user, item), {})[kind] = (quantity, last_at)
            found += (one for pair, did in pairs.items() if (one := _interest(*pair, did, least)) is not None)
    return sorted(found)


def _interest(user: str, item: str, did: dict[str, tuple[int, int]], least: int) -> Interest | None:
    kept = did.get(EventKind.PURCHASE, (0, 0))[0] - did.get(EventKind.REFUND, (0, 0))[0]
    shown = [kind for kind in STRONGEST_FIRST if kind in did]
    if kept > 0 or not shown:
        return None
    last_at = max(did[kind][1] for kind in shown)
    return Interest(user, item, shown[0], from_microseconds(last_at)) if last_at >= least else None

"""Events folded into one weight per shopper and item, and kept apart as histories in the order of time.

Both see the events with ``occurred_at < as_of``, and only what they say: the order in which events arrived, and how
often each was sent, make no difference.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import CTE, ColumnElement, Double, Engine, Select, and_, case, cast, func, literal, or_, select

from schemas.columns import Columns
from schemas.events import EventKind
from signals.column_types import to_microseconds
from signals.connections import reading
from signals.errors import InvalidRecordError
from signals.raw import fetch_many, in_batches, raw
from signals.shoppers import before, latest_aliases, with_shoppers
from signals.tables import events
from signals.weights import EventWeights

DEFAULT_WEIGHTS: Final = EventWeights()
MICROSECONDS_PER_DAY: Final = 86_400_000_000
MAX_HALVINGS: Final = 1_000.0
"""Beyond it a weight is nothing, and PostgreSQL calls the power an underflow."""


def interactions(
    engine: Engine, as_of: datetime, weights: EventWeights = DEFAULT_WEIGHTS, half_life_days: float | None = None
) -> pd.DataFrame:
    """One row per shopper and item, aggregated in SQL.

    An event weighs ``weight of its kind * 0.5 ** (age / half life)``. Purchases count by the part of the quantity that
    was kept: ``sum(purchases) * max(0, 1 - refunded / bought)``; a refund of what was not bought counts for nothing.
    Everything else is added up. Pairs that come to 0 or less are left out.

    Parameters
    ----------
    as_of
        Only events before this time; ages are measured to it.
    half_life_days
        None: no decay.

    Returns
    -------
    DataFrame
        user_id (`schemas.ids.shopper_id` after aliases), item_id, weight (float64, above 0), first_at and last_at of
        the events that weigh something; by user and item.
    """
    if half_life_days is not None and not half_life_days > 0:
        raise InvalidRecordError(f"half_life_days is above 0, or None for no decay; got {half_life_days}")
    pairs = _pairs(as_of, weights, half_life_days)
    kept = 1.0 - cast(pairs.c.refunded, Double()) / cast(pairs.c.bought, Double())
    purchases = case((pairs.c.bought <= pairs.c.refunded, 0.0), else_=pairs.c.purchases * kept)
    total = (pairs.c.others + purchases).label(Columns.WEIGHT)
    chosen = select(pairs.c.user_id, pairs.c.item_id, total, pairs.c.first_at, pairs.c.last_at).where(total > 0)
    with reading(engine) as connection:
        frame = fetch_many(connection, chosen)
    return frame.sort_values([Columns.USER, Columns.ITEM], ignore_index=True)


def histories(
    engine: Engine, as_of: datetime, users: Iterable[str] | None = None, weights: EventWeights = DEFAULT_WEIGHTS
) -> pd.DataFrame:
    """What every shopper did with products, in the order of time.

    Kinds of weight 0 are left out, those of negative weight are in (``kind`` tells). So are purchases, unless the
    shopper has given back all that was ever bought of the item by ``as_of``; refunds themselves are not listed.

    Parameters
    ----------
    users
        Only these shoppers (ids after aliases); None: all.

    Returns
    -------
    DataFrame
        user_id, item_id, kind (categorical), occurred_at; by user, time and event identity.
    """
    joined, shopper = with_shoppers(latest_aliases(as_of))
    identity = (events.c.source, events.c.event_id)
    columns = (shopper, events.c.item_id, events.c.kind, raw(events.c.occurred_at), events.c.quantity)
    kinds = [*_weighing(weights), EventKind.REFUND.value]
    statement = before(select(*columns).select_from(joined), as_of)
    statement = statement.where(events.c.item_id.is_not(None), events.c.kind.in_(kinds))
    statement = statement.order_by(shopper, events.c.occurred_at, *identity)
    with reading(engine) as connection:
        if users is None:
            return _without_refunded(fetch_many(connection, statement))
        parts = [fetch_many(connection, statement.where(shopper.element.in_(ids))) for ids in in_batches(users)]
    return _without_refunded(pd.concat(parts, ignore_index=True))


def _pairs(as_of: datetime, weights: EventWeights, half_life_days: float | None) -> CTE:
    joined, shopper = with_shoppers(latest_aliases(as_of))
    kinds = _weighing(weights)
    signed = _weight_of_kind(kinds) * _decay(as_of, half_life_days)
    is_purchase = events.c.kind == EventKind.PURCHASE.value
    is_refund = events.c.kind == EventKind.REFUND.value
    when = raw(events.c.occurred_at).element
    columns = (
        shopper,
        events.c.item_id,
        func.sum(case((is_purchase, 0.0), else_=signed)).label("others"),
        func.sum(case((is_purchase, signed), else_=0.0)).label("purchases"),
        func.sum(case((is_purchase, events.c.quantity), else_=0)).label("bought"),
        func.sum(case((is_refund, events.c.quantity), else_=0)).label("refunded"),
        func.min(case((~is_refund, when))).label(Columns.FIRST_AT),
        func.max(case((~is_refund, when))).label(Columns.LAST_AT),
    )
    counted = or_(events.c.kind.in_(list(kinds)), is_refund)
    statement: Select[Any] = before(select(*columns).select_from(joined), as_of)
    return (
        statement.where(and_(events.c.item_id.is_not(None), counted)).group_by(shopper, events.c.item_id).cte("pairs")
    )


def _weighing(weights: EventWeights) -> dict[str, float]:
    return {kind: weight for kind, weight in weights.model_dump().items() if weight != 0}


def _weight_of_kind(kinds: dict[str, float]) -> ColumnElement[float]:
    if not kinds:
        return literal(0.0, Double())
    return case(*((events.c.kind == kind, weight) for kind, weight in kinds.items()), else_=0.0)


def _decay(as_of: datetime, half_life_days: float | None) -> ColumnElement[float]:
    if half_life_days is None:
        return literal(1.0, Double())
    age: ColumnElement[float] = cast(to_microseconds(as_of) - raw(events.c.occurred_at).element, Double())
    halvings = age / (half_life_days * MICROSECONDS_PER_DAY)
    return func.pow(cast(0.5, Double()), case((halvings > MAX_HALVINGS, MAX_HALVINGS), else_=halvings))


def _without_refunded(frame: pd.DataFrame) -> pd.DataFrame:
    pair = [Columns.USER, Columns.ITEM]
    quantity = frame[Columns.QUANTITY].astype("int64")
    is_purchase = frame[Columns.KIND] == EventKind.PURCHASE.value
    is_refund = frame[Columns.KIND] == EventKind.REFUND.value
    kept = (quantity * is_purchase - quantity * is_refund).groupby([frame[name] for name in pair]).transform("sum")
    listed = frame[~is_refund & ~(is_purchase & (kept <= 0))].reset_index(drop=True)
    listed[Columns.KIND] = listed[Columns.KIND].astype("category")
    return listed[[*pair, Columns.KIND, Columns.OCCURRED_AT]]

"""Events folded into one weight per shopper and item, and kept apart as histories in the order of time.

Both see the events with ``occurred_at < as_of``, and only what they say: the order in which events arrived, and how
often each was sent, make no difference. Events that a rule has flagged (`signals.flags`) are left out.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, Final

import pandas as pd
from sqlalchemy import CTE, ColumnElement, Double, Engine, Label, Select, case, cast, func, literal, or_, select

from schemas.columns import Columns
from schemas.events import EventKind
from signals.aggregation import covers
from signals.column_types import to_microseconds
from signals.connections import reading
from signals.errors import InvalidRecordError
from signals.raw import fetch_many, in_batches, raw
from signals.shoppers import before, is_counted, latest_aliases, stored_by, with_shoppers
from signals.tables import events
from signals.tables import interactions as kept_interactions
from signals.weights import EventWeights

DEFAULT_WEIGHTS: Final = EventWeights()
MICROSECONDS_PER_DAY: Final = 86_400_000_000
MAX_HALVINGS: Final = 1_000.0
"""Beyond it a weight is nothing, and PostgreSQL calls the power an underflow."""


def interactions(
    engine: Engine, as_of: datetime, weights: EventWeights = DEFAULT_WEIGHTS, half_life_days: float | None = None
) -> pd.DataFrame:
    """One row per shopper and item, aggregated in SQL; from `signals.aggregation`'s table where that says the same.

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
    with reading(engine) as connection:
        kept = half_life_days is None and covers(connection, as_of)
        pairs = _pairs(_kept_counts() if kept else _counts(as_of, half_life_days), _weighing(weights))
        share_kept = 1.0 - cast(pairs.c.refunded, Double()) / cast(pairs.c.bought, Double())
        purchases = case((pairs.c.bought <= pairs.c.refunded, 0.0), else_=pairs.c.purchases * share_kept)
        total = (pairs.c.others + purchases).label(Columns.WEIGHT)
        chosen = select(pairs.c.user_id, pairs.c.item_id, total, pairs.c.first_at, pairs.c.last_at).where(total > 0)
        frame = fetch_many(connection, chosen)
    return frame.sort_values([Columns.USER, Columns.ITEM], ignore_index=True)


def histories(
    engine: Engine,
    as_of: datetime,
    users: Iterable[str] | None = None,
    weights: EventWeights = DEFAULT_WEIGHTS,
    *,
    recorded_by: datetime | None = None,
) -> pd.DataFrame:
    """What every shopper did with products, in the order of time.

    Kinds of weight 0 are left out, those of negative weight are in (``kind`` tells). So are purchases, unless the
    shopper has given back all that was ever bought of the item by ``as_of``; refunds themselves are not listed.

    Parameters
    ----------
    users
        Only these shoppers (ids after aliases); None: all.
    recorded_by
        Only events that were stored by this time; None: all.

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
    statement = statement.where(is_counted(), events.c.kind.in_(kinds))
    if recorded_by is not None:
        statement = statement.where(stored_by(recorded_by))
    statement = statement.order_by(shopper, events.c.occurred_at, *identity)
    with reading(engine) as connection:
        if users is None:
            return _without_refunded(fetch_many(connection, statement))
        parts = [fetch_many(connection, statement.where(shopper.element.in_(ids))) for ids in in_batches(users)]
    return _without_refunded(pd.concat(parts, ignore_index=True))


def _kept_counts() -> CTE:
    """What `signals.aggregation` keeps."""
    table = kept_interactions.c
    mass: Label[float] = cast(table["count"], Double()).label("mass")
    times = (raw(table.first_at), raw(table.last_at))
    return select(table.user_id, table.item_id, table.kind, mass, table.quantity, *times).cte("counts")


def _counts(as_of: datetime, half_life_days: float | None) -> CTE:
    """The same of the events themselves; ``mass`` counts each by its age."""
    joined, shopper = with_shoppers(latest_aliases(as_of))
    key = (shopper, events.c.item_id, events.c.kind)
    when = raw(events.c.occurred_at).element
    columns = (
        func.sum(_decay(as_of, half_life_days)).label("mass"),
        func.sum(events.c.quantity).label(Columns.QUANTITY),
        func.min(when).label(Columns.FIRST_AT),
        func.max(when).label(Columns.LAST_AT),
    )
    statement: Select[Any] = before(select(*key, *columns).select_from(joined), as_of)
    return statement.where(is_counted()).group_by(*key).cte("counts")


def _pairs(counts: CTE, kinds: dict[str, float]) -> CTE:
    is_refund = counts.c.kind == EventKind.REFUND.value
    purchase, refund = EventKind.PURCHASE.value, EventKind.REFUND.value

    def summed(column: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
        return func.sum(case((counts.c.kind == kind, column), else_=0))

    others = [summed(counts.c.mass, kind) * weight for kind, weight in kinds.items() if kind != purchase]
    columns: tuple[ColumnElement[Any], ...] = (
        counts.c.user_id,
        counts.c.item_id,
        reduce(add, others, literal(0.0, Double())).label("others"),
        (summed(counts.c.mass, purchase) * kinds.get(purchase, 0.0)).label("purchases"),
        summed(counts.c.quantity, purchase).label("bought"),
        summed(counts.c.quantity, refund).label("refunded"),
        func.min(case((~is_refund, counts.c.first_at))).label(Columns.FIRST_AT),
        func.max(case((~is_refund, counts.c.last_at))).label(Columns.LAST_AT),
    )
    counted = or_(counts.c.kind.in_(list(kinds)), is_refund)
    return select(*columns).where(counted).group_by(counts.c.user_id, counts.c.item_id).cte("pairs")


def _weighing(weights: EventWeights) -> dict[str, float]:
    return {kind: weight for kind, weight in weights.model_dump().items() if weight != 0}


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

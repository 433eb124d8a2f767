"""A day of the closed loop as canonical events: what was shown, clicked, looked at, put in the cart and bought."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas import EventKind
from signals.simulator.clock import MICROSECONDS
from signals.simulator.log import KIND_CODES, KINDS, NONE, numbered, taken
from signals.simulator.market import BoolArray, IntArray
from signals.simulator.policies import Shown
from signals.simulator.reactions import Reaction
from signals.simulator.world import World

SECONDS_A_PLACE = 3
STEPS = (
    (EventKind.IMPRESSION, 0),
    (EventKind.CLICK, 1),
    (EventKind.VIEW, 2),
    (EventKind.ADD_TO_CART, 20),
    (EventKind.PURCHASE, 90),
)
"""What may happen to a place of a list, and how many seconds after it was looked at."""


@dataclass(frozen=True)
class Day:
    """The visits of one day in order of time, each with one list. ``first_visit`` is the number of the first of them.

    ``at`` is in microseconds since 1970; ``shown`` and ``reaction`` have the shape (visits, places).
    """

    day: int
    first_visit: int
    shoppers: IntArray
    at: IntArray
    shown: Shown
    reaction: Reaction

    def __len__(self) -> int:
        return len(self.shoppers)


@dataclass(frozen=True)
class _Rows:
    """Parallel columns, one row an event."""

    at: IntArray
    kind: IntArray
    visit: IntArray
    place: IntArray

    def in_order(self) -> "_Rows":
        order = np.argsort(self.at, kind="stable")
        return _Rows(self.at[order], self.kind[order], self.visit[order], self.place[order])


def event_table(day: Day, world: World, currency: str) -> pa.Table:
    """The events of the day, in canonical columns and in order of time; a visit is a session and a request."""
    rows = _rows(day)
    market, items = world.market, day.shown.items[rows.visit, rows.place]
    booked = rows.kind >= KIND_CODES[EventKind.ADD_TO_CART]
    paid = rows.kind == KIND_CODES[EventKind.PURCHASE]
    offers = day.reaction.offer[rows.visit, rows.place]
    priced = np.where(paid, offers, NONE)
    visit = day.first_visit + rows.visit + 1
    event = visit * 1_000 * len(STEPS) + rows.place * len(STEPS) + _step(rows.kind)
    return pa.table(
        {
            "event_id": numbered("loop-", event, 13),
            "kind": pa.array([kind.value for kind in KINDS]).take(pa.array(rows.kind)),
            "user_id": numbered("shopper-", day.shoppers[rows.visit], 5),
            "session_id": numbered("visit-", visit, 8),
            "item_id": taken(pa.array([product.item_id for product in market.products]), items),
            "variant_id": taken(pa.array(market.offer_variants, type=pa.string()), np.where(booked, offers, NONE)),
            "occurred_at": pa.array(rows.at).cast(pa.timestamp("us", tz="UTC")),
            "quantity": pa.array(np.ones(len(rows.at), dtype=np.int64)),
            "unit_price": taken(pa.array(market.offer_prices), priced),
            "currency": taken(pa.array([currency]), np.where(paid, 0, NONE)),
            "order_id": numbered("loop-order-", np.where(paid, visit, NONE), 8),
            "request_id": numbered("loop-request-", visit, 8),
            "position": pa.array(rows.place + 1),
        }
    )


def _rows(day: Day) -> _Rows:
    happened = _happened(day)
    parts = []
    for kind, seconds in STEPS:
        visit, place = np.nonzero(happened[kind])
        at = day.at[visit] + (place * SECONDS_A_PLACE + seconds) * MICROSECONDS
        parts.append((at, np.full(len(at), KIND_CODES[kind]), visit, place))
    return _Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True))).in_order()


def _happened(day: Day) -> dict[EventKind, BoolArray]:
    everything = np.ones(day.shown.items.shape, dtype=np.bool_)
    clicked, bought = day.reaction.clicked, day.reaction.bought
    return dict(zip((kind for kind, _ in STEPS), (everything, clicked, clicked, bought, bought), strict=True))


def _step(kinds: IntArray) -> IntArray:
    step = np.zeros(len(KINDS), dtype=np.int64)
    step[[KIND_CODES[kind] for kind, _ in STEPS]] = np.arange(len(STEPS))
    found: IntArray = step[kinds]
    return found

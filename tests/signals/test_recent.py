"""What a batch reads of many shoppers is what a request reads of each."""

from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine

from schemas.events import EventKind
from signals.column_types import from_microseconds
from signals.events import EventStore, Kinds, RecentEvent
from signals.recent import RecentEvents, recent_of_many
from tests.signals.shops import alias, event, store

PARTS: tuple[tuple[int, Kinds], ...] = (
    (100, (EventKind.PURCHASE, EventKind.REFUND)),
    (3, (EventKind.VIEW, EventKind.PURCHASE)),
)
NAMES = ("ann", "anonymous:phone", "anonymous:tab", "bob", "nobody")


def of(part: RecentEvents, name: str) -> list[RecentEvent]:
    mine = np.flatnonzero(part.shopper == NAMES.index(name))
    times = [from_microseconds(int(time)) for time in part.occurred_at[mine]]
    rows = zip(part.item_id[mine], part.kind[mine], times, part.quantity[mine].tolist(), strict=True)
    return [RecentEvent(*row) for row in rows]


def same_for_everybody(engine: Engine, at: datetime) -> None:
    many = recent_of_many(engine, NAMES, PARTS, known_at=at)
    for name in NAMES:
        one = EventStore(engine).recent_parts(name, PARTS, known_at=at)
        assert [of(part, name) for part in many] == [list(part) for part in one]


def test_everybody_has_the_events_that_a_request_would_read(engine: Engine) -> None:
    store(
        engine,
        *(event(f"a{n}", ("view", "purchase", "refund")[n % 3], "ann", hours=n) for n in range(9)),
        *(event(f"t{n}", "view", None, anonymous_id="tab", hours=n + 0.5) for n in range(4)),
        *(event(f"p{n}", "view", None, anonymous_id="phone", hours=n) for n in range(4)),
        event("b", "view", "bob", anonymous_id="tab", hours=20),
        alias("1", "bob", "tab", hours=1),
        alias("2", "ann", "tab", hours=2),
        event("s", "search", "bob", None, query="mugs", hours=3),
    )
    same_for_everybody(engine, datetime.now(UTC))


def test_what_was_stored_later_is_not_seen(engine: Engine) -> None:
    store(engine, event(1, "view", "ann"), event(2, "view", None, anonymous_id="tab"))
    before = datetime.now(UTC)
    store(engine, event(3, "view", "ann", hours=1), alias(4, "ann", "tab"))
    same_for_everybody(engine, before)
    _, recent = recent_of_many(engine, ["ann"], PARTS, known_at=before)
    assert len(recent.item_id) == 1


def test_a_look_ahead_of_two_ids_of_one_shopper_is_cut_as_one(engine: Engine) -> None:
    store(
        engine,
        alias("1", "ann", "tab"),
        *(event(f"a{n}", "view", "ann", item=f"a{n}", hours=2 * n) for n in range(4)),
        *(event(f"t{n}", "view", None, item=f"t{n}", anonymous_id="tab", hours=2 * n + 1) for n in range(4)),
    )
    _, recent = recent_of_many(engine, ["ann"], PARTS, known_at=datetime.now(UTC))
    assert recent.item_id.tolist() == ["t3", "a3", "t2"]

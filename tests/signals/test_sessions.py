"""Which events of a shopper are one visit."""

from datetime import timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from schemas.events import Event
from signals.sessions import sessions
from tests.signals.shops import FAR, NOON, alias, event, store

MINUTE = 1 / 60


def view(number: object, minutes: float, user: str | None = "ann", **more: Any) -> Event:
    return event(number, "view", user, hours=minutes * MINUTE, **more)


def visits(engine: Engine, **options: Any) -> list[tuple[str, str | None, float, float, int]]:
    """Shopper, the client's session id, first and last minute, events."""
    found = sessions(engine, options.pop("as_of", FAR), **options)
    return [
        (
            row.user_id,
            None if pd.isna(row.session_id) else row.session_id,
            minutes(row.first_at),
            minutes(row.last_at),
            row.n_events,
        )
        for row in found.itertuples()
    ]


def minutes(at: Any) -> float:
    return float(round((at - NOON) / timedelta(minutes=1), 3))


def test_a_pause_of_more_than_half_an_hour_begins_another_visit(engine: Engine) -> None:
    store(engine, view(1, 0), view(2, 30), view(3, 60.1), view(4, 61), view(5, 0, "bob"))
    assert visits(engine) == [("ann", None, 0, 30, 2), ("ann", None, 60.1, 61, 2), ("bob", None, 0, 0, 1)]


def test_the_gap_can_be_chosen(engine: Engine) -> None:
    store(engine, view(1, 0), view(2, 30))
    assert [found[-1] for found in visits(engine, gap=timedelta(minutes=29))] == [1, 1]


def test_a_session_of_the_client_is_one_visit_however_long_it_pauses(engine: Engine) -> None:
    store(engine, view(1, 0, session_id="s"), view(2, 10), view(3, 100, session_id="s"), view(4, 101, session_id="t"))
    assert visits(engine) == [("ann", "s", 0, 100, 2), ("ann", None, 10, 10, 1), ("ann", "t", 101, 101, 1)]


def test_a_visit_that_began_before_signing_in_is_one(engine: Engine) -> None:
    store(engine, view(1, 0, None, anonymous_id="tab"), alias(2, "ann", "tab", hours=5 * MINUTE), view(3, 10))
    assert visits(engine) == [("ann", None, 0, 10, 2)]
    assert visits(engine, as_of=NOON + timedelta(minutes=4)) == [("anonymous:tab", None, 0, 0, 1)]


def test_the_order_of_arrival_makes_no_difference(engine: Engine) -> None:
    store(engine, view(3, 50), view(1, 0))
    assert len(visits(engine)) == 2
    store(engine, view(2, 25))
    assert visits(engine) == [("ann", None, 0, 50, 3)]


def test_an_empty_shop_has_no_visits(engine: Engine) -> None:
    assert sessions(engine, FAR).columns.tolist() == ["user_id", "session_id", "first_at", "last_at", "n_events"]

"""What a broken clock or a program did is kept and counted, and nothing learns from it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from schemas.events import Event
from signals.aggregation import update_interactions
from signals.events import EventStore
from signals.flags import Flag
from signals.interactions import histories, interactions
from signals.purchases import purchases
from tests.signals.shops import event, store

AFTER_ALL = datetime(2200, 1, 1, tzinfo=UTC)
SECOND = 1 / 3_600


def views(count: int, every: float, item: str | None = None, start: float = 0) -> list[Event]:
    """``every`` hours one view, of one item or of ever new ones."""
    return [
        event(f"{start}-{number}", "view", "bot", item or f"item-{number}", hours=start + number * every)
        for number in range(count)
    ]


def learned_from(engine: Engine) -> int:
    update_interactions(engine)
    return len(interactions(engine, AFTER_ALL))


def test_a_time_ahead_of_the_clock_or_from_before_shops_is_kept_and_flagged(engine: Engine) -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    times = {"now": datetime.now(UTC), "soon": datetime.now(UTC) + timedelta(hours=20), "ahead": ahead}
    times["1970"] = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    store(engine, *(event(name, user=name).model_copy(update={"occurred_at": at}) for name, at in times.items()))
    assert EventStore(engine).count() == 4
    assert EventStore(engine).count_flagged() == {Flag.CLOCK_AHEAD: 1, Flag.CLOCK_BEHIND: 1}
    for frame in (
        interactions(engine, AFTER_ALL),
        histories(engine, AFTER_ALL),
        purchases(engine, None, AFTER_ALL),
    ):
        assert sorted(frame["user_id"]) == ["now", "soon"]
    assert EventStore(engine).recent("ahead") == []


def test_more_events_in_a_minute_than_a_person_can_make_are_a_burst(engine: Engine) -> None:
    store(engine, *views(120, SECOND / 4), event("calm", "view", "ann"))
    assert learned_from(engine) == 121
    store(engine, *views(1, SECOND, "one more", start=SECOND))
    assert learned_from(engine) == 1
    assert EventStore(engine).count_flagged() == {Flag.BURST: 121}


def test_the_same_item_over_and_over_is_a_loop(engine: Engine) -> None:
    store(engine, *views(61, 59 * SECOND, "mug"), *views(61, 59 * SECOND, start=2))
    assert learned_from(engine) == 61
    assert EventStore(engine).count_flagged() == {Flag.LOOP: 61}


def test_the_lines_of_a_large_order_are_no_burst_and_do_not_crowd_what_was_looked_at(engine: Engine) -> None:
    lines = [event(f"line-{number}", "purchase", "ann", f"item-{number}") for number in range(400)]
    back = [event(f"back-{number}", "refund", "ann", f"item-{number}") for number in range(150)]
    store(engine, *lines, *back, event("look", "view", "ann"))
    assert learned_from(engine) == 400 - 150 + 1
    assert EventStore(engine).count_flagged() == {}


def test_an_order_is_learned_from_though_a_program_looked_around_in_its_minute(engine: Engine) -> None:
    store(engine, *views(121, SECOND / 4), event("order", "purchase", "bot", "kettle"))
    assert learned_from(engine) == 1
    assert EventStore(engine).count_flagged() == {Flag.BURST: 121}


def test_a_large_order_is_no_loop(engine: Engine) -> None:
    store(engine, *(event(number, "purchase", hours=number / 100) for number in range(90)))
    assert learned_from(engine) == 1


def test_the_rest_of_a_bots_day_still_counts(engine: Engine) -> None:
    store(engine, *views(130, SECOND / 4), *views(3, 1, start=5))
    assert learned_from(engine) == 3

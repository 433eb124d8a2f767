"""The kept interactions are those of a full rebuild, however the events arrived."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from schemas.events import Event
from signals import aggregation, flags
from signals.aggregation import Updated, covers, rebuild_interactions, update_interactions
from signals.connections import reading, writing
from signals.interactions import interactions as folded
from signals.tables import events, interactions, progress
from tests.signals.shops import FAR, NOON, alias, event, store

ANN, BOB, TAB = ("ann", None), ("bob", None), (None, "tab")


def kept(engine: Engine) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(interactions)))


def pairs(engine: Engine) -> dict[tuple[str, str], int]:
    """How many events of each shopper and item."""
    found: dict[tuple[str, str], int] = {}
    for user, item, _, count, *_ in kept(engine):
        found[str(user), str(item)] = found.get((str(user), str(item)), 0) + int(str(count))
    return found


def by(shopper: tuple[str | None, str | None], number: object, **more: object) -> Event:
    user, anonymous = shopper
    return event(number, user=user, **{"kind": "view", "anonymous_id": anonymous, **more})


def test_new_events_are_added_to_the_rows_they_touch(engine: Engine) -> None:
    store(engine, by(ANN, 1), by(ANN, 2, hours=2), by(BOB, 3))
    assert update_interactions(engine).events == 3
    store(engine, by(ANN, 4, hours=-1), by(ANN, 5, kind="purchase", quantity=3))
    assert update_interactions(engine) == Updated(events=2)
    hour = timedelta(hours=1)
    assert kept(engine) == [
        ("ann", "mug", "purchase", 1, 3, NOON, NOON),
        ("ann", "mug", "view", 3, 3, NOON - hour, NOON + 2 * hour),
        ("bob", "mug", "view", 1, 1, NOON, NOON),
    ]


def test_an_update_without_new_events_does_nothing(engine: Engine) -> None:
    store(engine, by(ANN, 1))
    update_interactions(engine)
    assert update_interactions(engine) == Updated()


def test_an_alias_moves_what_was_counted_before_it(engine: Engine) -> None:
    store(engine, by(TAB, 1), by(ANN, 2), by(BOB, 3))
    update_interactions(engine)
    assert pairs(engine) == {("anonymous:tab", "mug"): 1, ("ann", "mug"): 1, ("bob", "mug"): 1}
    store(engine, alias(4, "ann", "tab"))
    update_interactions(engine)
    assert pairs(engine) == {("ann", "mug"): 2, ("bob", "mug"): 1}


def test_a_later_alias_moves_it_on(engine: Engine) -> None:
    store(engine, by(TAB, 1), alias(2, "ann", "tab"))
    update_interactions(engine)
    store(engine, alias(3, "bob", "tab", hours=1))
    update_interactions(engine)
    assert pairs(engine) == {("bob", "mug"): 1}


def test_an_alias_that_is_undone_gives_back_what_it_took(engine: Engine) -> None:
    store(engine, by(TAB, 1), by(ANN, 2), alias(3, "ann", "tab"))
    update_interactions(engine)
    store(engine, alias(4, "anonymous:tab", "tab", hours=1), by(TAB, 5, hours=2))
    update_interactions(engine)
    assert pairs(engine) == {("anonymous:tab", "mug"): 2, ("ann", "mug"): 1}


def test_an_update_that_was_cut_off_is_taken_up_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aggregation, "SLICE", 2)
    store(engine, *(by(TAB, number) for number in range(5)), alias("a", "ann", "tab"))
    advance, calls = aggregation._advance, iter([None, None])

    def stop_after_two(*given: object) -> Updated:
        next(calls)
        return advance(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(aggregation, "_advance", stop_after_two)
        with pytest.raises(StopIteration):
            update_interactions(engine)
    store(engine, by(TAB, "late"), alias("b", "bob", "tab", hours=1))
    update_interactions(engine)
    assert pairs(engine) == {("bob", "mug"): 6}


def test_the_table_answers_only_for_a_time_after_the_newest_event(engine: Engine) -> None:
    store(engine, by(ANN, 1), by(ANN, 2, hours=5))
    with reading(engine) as connection:
        assert not covers(connection, FAR)
    update_interactions(engine)
    with reading(engine) as connection:
        assert covers(connection, FAR)
        assert not covers(connection, NOON + timedelta(hours=5))


def shoppers() -> st.SearchStrategy[tuple[str | None, str | None]]:
    return st.sampled_from([ANN, BOB, TAB, (None, "phone"), ("ann", "tab")])


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    made = []
    for number in range(draw(st.integers(1, 14))):
        hours = draw(st.sampled_from([0, 0.01, 1, 30]))
        if draw(st.integers(0, 4)) == 0:
            anonymous = draw(st.sampled_from(["tab", "phone"]))
            user = draw(st.sampled_from(["ann", "bob", f"anonymous:{anonymous}"]))
            made.append(alias(number, user, anonymous, hours))
            continue
        kind = draw(st.sampled_from(["view", "view", "purchase", "refund", "add_to_cart"]))
        item, quantity = draw(st.sampled_from(["mug", "cup"])), draw(st.integers(1, 3))
        made.append(by(draw(shoppers()), number, kind=kind, item=item, hours=hours, quantity=quantity))
    return made


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that three events break."""
    burst, loop, day = flags.CROWD_RULES
    rules = (replace(burst, most=4), replace(loop, most=2), replace(day, most=3))
    monkeypatch.setattr(flags, "CROWD_RULES", rules)


@pytest.mark.parametrize("many", [1, 50_000])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams(), data=st.data())
def test_any_interleaving_in_any_number_of_updates_gives_the_table_of_the_sorted_stream(
    engine: Engine, crowded: None, many: int, stream: list[Event], data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(flags, "MANY", many)
        patched.setattr(aggregation, "SLICE", data.draw(st.sampled_from([1, 3, 100])))
        empty(engine)
        arrivals = data.draw(st.permutations(stream + data.draw(st.lists(st.sampled_from(stream), max_size=4))))
        for part in parts(arrivals, data.draw(st.lists(st.integers(0, len(arrivals)), max_size=3))):
            store(engine, *part)
            update_interactions(engine)
        updated, weights, set_aside = kept(engine), folded(engine, FAR), flagged(engine)
        rebuild_interactions(engine)
        assert kept(engine) == updated
        empty(engine)
        store(engine, *sorted(stream, key=lambda found: (found.occurred_at, found.source, found.event_id)))
        update_interactions(engine)
        assert kept(engine) == updated
        assert flagged(engine) == set_aside
        pd.testing.assert_frame_equal(weights, folded(engine, FAR))
        with writing(engine) as connection:
            connection.execute(delete(progress))
        pd.testing.assert_frame_equal(weights, folded(engine, FAR))


@pytest.mark.parametrize("many", [1, 50_000])
def test_new_events_that_one_rule_set_aside_still_crowd_the_window_of_the_next(
    engine: Engine, crowded: None, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(flags, "MANY", many)
    store(engine, by(ANN, 0), by(ANN, 1, hours=1))
    update_interactions(engine)
    store(engine, by(ANN, 2), by(ANN, 3))
    update_interactions(engine)
    assert kept(engine) == []


def empty(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in (events, interactions, progress):
            connection.execute(delete(table))


def parts(arrivals: list[Event], cuts: list[int]) -> list[list[Event]]:
    ends = [0, *sorted(cuts), len(arrivals)]
    return [arrivals[start:stop] for start, stop in pairwise(ends)]


def flagged(engine: Engine) -> set[tuple[str, bool]]:
    with reading(engine) as connection:
        return {
            (row.event_id, row.flag is not None) for row in connection.execute(select(events.c.event_id, events.c.flag))
        }

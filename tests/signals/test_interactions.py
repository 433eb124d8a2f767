"""Weights and histories: what the definition says, whatever the order and number of arrivals."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from schemas.columns import Columns
from schemas.events import Event
from schemas.ids import shopper_id
from signals.connections import writing
from signals.errors import InvalidRecordError
from signals.events import EventStore
from signals.interactions import histories, interactions
from signals.tables import events
from signals.weights import EventWeights
from tests.signals.shops import FAR, NOON, alias, event, store

DAY = timedelta(days=1)
PAIR = [Columns.USER, Columns.ITEM]
PLAIN = EventWeights()


def weights_of(engine: Engine, **options: Any) -> dict[tuple[str, str], float]:
    frame = interactions(engine, **{"as_of": FAR, **options})
    return dict(zip(zip(frame[Columns.USER], frame[Columns.ITEM], strict=True), frame[Columns.WEIGHT], strict=True))


def listed(engine: Engine, **options: Any) -> list[tuple[str, str, str]]:
    frame = histories(engine, **{"as_of": FAR, **options})
    return list(zip(frame[Columns.USER], frame[Columns.ITEM], frame[Columns.KIND].astype(str), strict=True))


def test_events_of_a_pair_add_up_by_the_weight_of_their_kinds(engine: Engine) -> None:
    store(engine, event(1, "view"), event(2, "view"), event(3, "add_to_cart"), event(4, "purchase"))
    expected = 2 * PLAIN.view + PLAIN.add_to_cart + PLAIN.purchase
    assert weights_of(engine) == {("ann", "mug"): pytest.approx(expected)}


def test_a_row_says_from_when_to_when(engine: Engine) -> None:
    store(
        engine, event(1, "view", hours=1), event(2, hours=5), event(3, "refund", hours=7), event(4, "search", query="q")
    )
    store(engine, event(5, "purchase", hours=6))
    (row,) = interactions(engine, FAR).to_dict("records")
    assert (row[Columns.FIRST_AT], row[Columns.LAST_AT]) == (NOON + DAY / 24, NOON + DAY / 4)


def test_only_events_before_as_of_count(engine: Engine) -> None:
    store(engine, event(1), event(2, item="cup", hours=1))
    assert weights_of(engine, as_of=NOON + timedelta(hours=1)) == {("ann", "mug"): 1.0}
    assert weights_of(engine, as_of=NOON) == {}


def test_a_weight_halves_with_each_half_life(engine: Engine) -> None:
    store(engine, event(1, item="old"), event(2, item="new", hours=48))
    found = weights_of(engine, as_of=NOON + 3 * DAY, half_life_days=1.0)
    assert found == {("ann", "old"): pytest.approx(0.125), ("ann", "new"): pytest.approx(0.5)}


def test_an_age_of_a_hundred_thousand_half_lives_is_no_error(engine: Engine) -> None:
    store(engine, event(1))
    assert weights_of(engine, half_life_days=0.01)[("ann", "mug")] == pytest.approx(0, abs=1e-200)


@pytest.mark.parametrize("half_life", [0, -1, float("nan")])
def test_a_half_life_is_above_zero(engine: Engine, half_life: float) -> None:
    with pytest.raises(InvalidRecordError, match="half_life_days is above 0"):
        interactions(engine, FAR, half_life_days=half_life)


def test_a_refund_takes_back_the_part_of_the_quantity_it_returns(engine: Engine) -> None:
    store(engine, event(1, quantity=6), event(2, quantity=2), event(3, "refund", quantity=2), event(4, "view"))
    assert weights_of(engine) == {("ann", "mug"): pytest.approx(2 * 6 / 8 + PLAIN.view)}


def test_a_purchase_given_back_whole_leaves_only_what_came_before_it(engine: Engine) -> None:
    store(engine, event(1, quantity=2), event(2, "view"), event(3, "refund", quantity=5), event(4, item="cup"))
    store(engine, event(5, "refund", item="cup"))
    assert weights_of(engine) == {("ann", "mug"): pytest.approx(PLAIN.view)}


def test_a_refund_of_what_was_never_bought_counts_for_nothing(engine: Engine) -> None:
    store(engine, event(1, "refund", quantity=3), event(2, "view", item="cup"), event(3, "refund", item="cup"))
    assert weights_of(engine) == {("ann", "cup"): pytest.approx(PLAIN.view)}


def test_a_refund_that_comes_later_than_as_of_takes_nothing_back_yet(engine: Engine) -> None:
    store(engine, event(1), event(2, "refund", hours=2))
    assert weights_of(engine, as_of=NOON + timedelta(hours=2)) == {("ann", "mug"): 1.0}
    assert weights_of(engine) == {}


def test_pairs_that_come_to_nothing_are_left_out(engine: Engine) -> None:
    store(engine, event(1, "dislike"), event(2, "view"), event(3, "add_to_cart", item="cup"))
    store(engine, event(4, "remove_from_cart", item="cup"), event(5, "impression", item="bowl"))
    assert weights_of(engine) == {}


def test_weights_can_be_chosen(engine: Engine) -> None:
    store(engine, event(1, "view"), event(2, "impression"))
    chosen = EventWeights(view=0, impression=0.25)
    assert weights_of(engine, weights=chosen) == {("ann", "mug"): 0.25}
    assert listed(engine, weights=chosen) == [("ann", "mug", "impression")]


def test_with_every_weight_zero_there_is_nothing(engine: Engine) -> None:
    store(engine, event(1), event(2, "refund"))
    nothing = EventWeights(**dict.fromkeys(EventWeights.model_fields, 0.0))
    assert weights_of(engine, weights=nothing) == {}
    assert listed(engine, weights=nothing) == []


def test_an_aliased_shopper_is_one_shopper_from_then_on(engine: Engine) -> None:
    store(engine, event(1, "view", None, anonymous_id="tab"), event(2), alias(3, "ann", "tab", hours=3))
    early = weights_of(engine, as_of=NOON + timedelta(hours=3))
    assert early == {("ann", "mug"): 1.0, ("anonymous:tab", "mug"): pytest.approx(PLAIN.view)}
    assert weights_of(engine) == {("ann", "mug"): pytest.approx(1 + PLAIN.view)}
    assert listed(engine, users=["ann"]) == [("ann", "mug", "view"), ("ann", "mug", "purchase")]


def test_a_refund_by_the_user_takes_back_what_was_bought_before_signing_in(engine: Engine) -> None:
    store(engine, event(1, "purchase", None, anonymous_id="tab"), alias(2, "ann", "tab"), event(3, "refund", hours=1))
    assert weights_of(engine) == {}


def test_histories_are_in_the_order_of_time_without_what_was_given_back(engine: Engine) -> None:
    store(engine, event(3, "view", hours=3), event(1, "view", item="cup"), event(2, item="cup", hours=1))
    store(
        engine, event(4, "refund", item="cup", hours=9), event(5, user="bob"), event(6, "search", item=None, query="q")
    )
    assert listed(engine) == [("ann", "cup", "view"), ("ann", "mug", "view"), ("bob", "mug", "purchase")]
    assert listed(engine, as_of=NOON + timedelta(hours=9))[1] == ("ann", "cup", "purchase")


def test_histories_of_some_users_are_those_of_all_less_the_others(engine: Engine) -> None:
    store(engine, *(event(user, user=user) for user in ("zoe", "ann", "bob")))
    assert [user for user, _, _ in listed(engine, users=["zoe", "ann", "nobody"])] == ["ann", "zoe"]
    assert listed(engine, users=[]) == []


def test_an_empty_shop_has_frames_with_their_columns(engine: Engine) -> None:
    assert list(interactions(engine, FAR).columns) == [*PAIR, Columns.WEIGHT, Columns.FIRST_AT, Columns.LAST_AT]
    assert list(histories(engine, FAR).columns) == [*PAIR, Columns.KIND, Columns.OCCURRED_AT]


def test_frames_are_lean(engine: Engine) -> None:
    store(engine, event(1))
    frame = histories(engine, FAR)
    assert [str(frame[name].dtype) for name in frame] == ["str", "str", "category", "datetime64[us, UTC]"]


kinds = st.sampled_from(
    ["view", "add_to_cart", "purchase", "purchase", "refund", "dislike", "remove_from_cart", "impression"]
)
people = st.sampled_from([("ann", None), ("bob", None), (None, "tab"), (None, "phone"), ("bob", "tab")])


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Unique events, aliases among them, many of them at the same time."""
    size = draw(st.integers(min_value=1, max_value=14))
    made = []
    for number in range(size):
        hours = draw(st.integers(min_value=0, max_value=6))
        if draw(st.integers(min_value=0, max_value=6)) == 0:
            names = draw(st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["tab", "phone"])))
            made.append(alias(number, *names, hours=hours))
            continue
        user, anonymous = draw(people)
        item, quantity = draw(st.sampled_from(["mug", "cup"])), draw(st.integers(min_value=1, max_value=3))
        made.append(event(number, draw(kinds), user, item, anonymous_id=anonymous, quantity=quantity, hours=hours))
    return made


def by_definition(stream: list[Event], half_life_days: float | None) -> dict[tuple[str, str], float]:
    """The weights worked out event by event."""
    owners = {
        found.anonymous_id: found.user_id
        for found in sorted(stream, key=lambda found: (found.occurred_at, found.source, found.event_id))
        if found.kind == "alias"
    }
    others: dict[Any, float] = defaultdict(float)
    bought: dict[Any, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for found in stream:
        if found.kind == "alias":
            continue
        user = found.user_id or owners.get(found.anonymous_id)
        pair = (shopper_id(user, found.anonymous_id), found.item_id)
        age = (FAR - found.occurred_at) / DAY
        weight = getattr(PLAIN, found.kind, 0.0) * (1 if half_life_days is None else 0.5 ** (age / half_life_days))
        tally = bought[pair]
        tally[0] += weight if found.kind == "purchase" else 0
        tally[1] += found.quantity if found.kind == "purchase" else 0
        tally[2] += found.quantity if found.kind == "refund" else 0
        others[pair] += 0 if found.kind == "purchase" else weight
    total = {
        pair: weight + (bought[pair][0] * max(0, 1 - bought[pair][2] / bought[pair][1]) if bought[pair][1] else 0)
        for pair, weight in others.items()
    }
    return {pair: weight for pair, weight in total.items() if weight > 1e-12}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams(), data=st.data(), half_life=st.sampled_from([None, 3000.0]))
def test_any_interleaving_of_duplicates_and_late_events_gives_the_weights_of_the_definition(
    engine: Engine, stream: list[Event], data: st.DataObject, half_life: float | None
) -> None:
    with writing(engine) as connection:
        connection.execute(delete(events))
    arrivals = data.draw(st.permutations(stream + data.draw(st.lists(st.sampled_from(stream), max_size=4))))
    cut = data.draw(st.integers(min_value=0, max_value=len(arrivals)))
    store(engine, *arrivals[:cut])
    store(engine, *arrivals[cut:])
    found = weights_of(engine, half_life_days=half_life)
    expected = by_definition(stream, half_life)
    assert {pair: weight for pair, weight in found.items() if weight > 1e-12} == pytest.approx(expected, rel=1e-9)
    _histories_agree_with_the_sorted_stream(engine, stream)


def _histories_agree_with_the_sorted_stream(engine: Engine, stream: list[Event]) -> None:
    arrived = histories(engine, FAR)
    with writing(engine) as connection:
        connection.execute(delete(events))
    store(engine, *sorted(stream, key=lambda found: (found.occurred_at, found.source, found.event_id)))
    pd.testing.assert_frame_equal(arrived, histories(engine, FAR))
    assert EventStore(engine).count() == len(stream)

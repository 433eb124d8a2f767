"""The store of events: each once, streamed by time, and one shopper's newest first."""

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine

from schemas.events import Event, EventKind
from signals import shoppers
from signals.bulk import COPY_FROM_ROWS
from signals.event_table import event_table
from signals.events import EventStore
from tests.signals.shops import FAR, NOON, alias, event, store


def items(frame: pd.DataFrame) -> list[str]:
    return frame["item_id"].tolist()


def test_an_event_is_stored_once_however_often_it_is_sent(engine: Engine) -> None:
    assert store(engine, event(1), event(2)) == (2, 0)
    assert store(engine, event(1), event(3)) == (1, 1)
    assert EventStore(engine).count() == 3


def test_of_two_events_with_one_identity_the_first_stays(engine: Engine) -> None:
    assert store(engine, event(1, item="mug"), event(1, item="cup")) == (1, 1)
    store(engine, event(1, item="bowl"))
    assert items(EventStore(engine).history("ann")) == ["mug"]


def test_the_same_id_from_another_source_is_another_event(engine: Engine) -> None:
    assert store(engine, event(1), event(1, source="till")) == (2, 0)


@pytest.mark.parametrize("size", [COPY_FROM_ROWS - 1, COPY_FROM_ROWS + 1])
def test_large_and_small_frames_are_stored_alike(engine: Engine, size: int) -> None:
    batch = [event(number, query="a\tb\\c\n", properties={"n": number}) for number in range(size)]
    assert store(engine, *batch) == (size, 0)
    assert store(engine, *batch, event("new"), event("new")) == (1, size + 1)
    (frame,) = EventStore(engine).stream(chunk_size=size + 1)
    assert frame["query"].tolist()[:size] == ["a\tb\\c\n"] * size
    assert frame["properties"].tolist()[1:size] == [{"n": number} for number in range(1, size)]


def test_an_empty_frame_is_nothing(engine: Engine) -> None:
    assert store(engine) == (0, 0)
    assert EventStore(engine).time_range() is None
    assert list(EventStore(engine).stream()) == []


def test_every_field_comes_back_as_it_was_sent(engine: Engine) -> None:
    sent = event(
        1,
        "purchase",
        anonymous_id="tab",
        session_id="s",
        variant_id="mug-red",
        quantity=3,
        unit_price="19.9999",
        currency="GBP",
        order_id="o",
        request_id="r",
        position=4,
        query="thé ☕",
        properties={"deep": {"list": [1, 2.5, None, "é"]}},
    )
    store(engine, sent)
    (frame,) = EventStore(engine).stream()
    fields = frame.drop(columns="recorded_at").iloc[0].to_dict()
    assert Event.model_validate({name: value for name, value in fields.items() if not pd.isna(value)}) == sent


def test_a_nul_in_free_text_is_dropped(engine: Engine) -> None:
    store(engine, event(1, "search", item=None, query="m\x00ug", properties={"a": "\x00"}))
    (frame,) = EventStore(engine).stream()
    assert frame["query"].tolist() == ["mug"]


def test_the_time_range_is_that_of_the_events_before_a_time(engine: Engine) -> None:
    store(engine, event(1, hours=1), event(2, hours=2), event(3, hours=9))
    assert EventStore(engine).time_range() == (NOON + timedelta(hours=1), NOON + timedelta(hours=9))
    before_nine = EventStore(engine).time_range(until=NOON + timedelta(hours=9))
    assert before_nine == (NOON + timedelta(hours=1), NOON + timedelta(hours=2))


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 100])
def test_a_stream_is_in_time_order_whatever_the_chunks_and_the_order_of_arrival(
    engine: Engine, chunk_size: int
) -> None:
    hours = [5, 1, 3, 3, 3, 2, 4]
    for number, hour in enumerate(hours):
        store(engine, event(number, hours=hour))
    frames = list(EventStore(engine).stream(chunk_size=chunk_size))
    assert max(len(frame) for frame in frames) <= chunk_size
    assert pd.concat(frames)["event_id"].tolist() == ["1", "5", "2", "3", "4", "6", "0"]


def test_a_stream_begins_at_since_and_ends_before_until(engine: Engine) -> None:
    store(engine, *(event(hour, hours=hour) for hour in range(5)))
    (frame,) = EventStore(engine).stream(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    assert frame["event_id"].tolist() == ["1", "2"]


def test_a_history_is_the_shoppers_own_newest_first_and_limited(engine: Engine) -> None:
    store(engine, *(event(hour, item=f"item{hour}", hours=hour) for hour in (2, 0, 1)), event("x", user="bob"))
    assert items(EventStore(engine).history("ann")) == ["item2", "item1", "item0"]
    assert items(EventStore(engine).history("ann", limit=2)) == ["item2", "item1"]
    assert EventStore(engine).history("nobody").empty


def test_a_history_as_of_a_time_ends_before_it(engine: Engine) -> None:
    store(engine, event(1, item="early"), event(2, item="late", hours=1))
    assert items(EventStore(engine).history("ann", as_of=NOON + timedelta(hours=1))) == ["early"]


def test_a_history_may_be_of_some_kinds_only(engine: Engine) -> None:
    store(engine, event(1, "view", item="a"), event(2, "purchase", item="b"))
    assert items(EventStore(engine).history("ann", kinds=["purchase"])) == ["b"]


def test_events_at_one_time_come_in_the_same_order_whichever_arrived_first(engine: Engine) -> None:
    store(engine, event("b", item="b"), event("a", item="a"))
    assert items(EventStore(engine).history("ann")) == ["b", "a"]


def test_an_anonymous_ids_events_count_for_the_user_it_was_aliased_to(engine: Engine) -> None:
    store(engine, event(1, "view", None, "seen", anonymous_id="tab"), alias(2, "ann", "tab", hours=2))
    history = EventStore(engine).history
    assert items(history("ann")) == ["seen"]
    assert items(history("ann", as_of=NOON + timedelta(hours=1))) == []
    assert items(history("ann", as_of=FAR)) == ["seen"]


def test_the_latest_alias_wins_whichever_arrived_first(engine: Engine) -> None:
    seen = event(1, "view", None, "seen", anonymous_id="tab")
    store(engine, alias(3, "bob", "tab", hours=2), alias(2, "ann", "tab", hours=1), seen)
    history = EventStore(engine).history
    assert (items(history("ann")), items(history("bob"))) == ([], ["seen"])
    assert items(history("ann", as_of=NOON + timedelta(hours=2))) == ["seen"]


def test_an_alias_can_be_undone_from_a_time_on(engine: Engine) -> None:
    store(engine, event(1, "view", None, "seen", anonymous_id="tab"), alias(2, "ann", "tab", hours=1))
    assert items(EventStore(engine).history("ann")) == ["seen"]
    store(engine, alias(3, "anonymous:tab", "tab", hours=2))
    assert items(EventStore(engine).history("ann")) == []
    assert items(EventStore(engine).history("ann", as_of=NOON + timedelta(hours=2))) == ["seen"]
    assert items(EventStore(engine).history("anonymous:tab")) == ["seen"]


def test_an_anonymous_shopper_never_sees_the_users_events(engine: Engine) -> None:
    store(
        engine,
        event(1, "view", None, "own", anonymous_id="tab"),
        event(2, "view", "ann", "hers", anonymous_id="tab"),
        alias(3, "ann", "tab"),
    )
    assert items(EventStore(engine).history("anonymous:tab")) == ["own"]
    assert sorted(items(EventStore(engine).history("ann"))) == ["hers", "own"]


def test_a_table_of_no_events_has_the_columns_of_one() -> None:
    assert event_table([]).column_names == list(Event.model_fields)


def test_recent_events_are_the_history_as_plain_rows(engine: Engine) -> None:
    store(engine, event(1, "view", item="a"), event(2, "purchase", item="b", quantity=3))
    events = EventStore(engine)
    frame, recent = events.history("ann"), events.recent("ann")
    assert [one.item_id for one in recent] == items(frame)
    assert [one.occurred_at for one in recent] == [at.to_pydatetime() for at in frame["occurred_at"]]
    assert [one.quantity for one in events.recent("ann", kinds=[EventKind.PURCHASE])] == [3]
    assert len(events.recent("ann", limit=1)) == 1


def test_a_shopper_of_more_anonymous_ids_than_one_statement_takes_has_all_their_events(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shoppers, "IDS_PER_QUERY", 1)
    for number, tab in enumerate(["a", "b", "c"]):
        store(
            engine, alias(f"alias {tab}", "ann", tab, hours=number), event(tab, user=None, item=tab, anonymous_id=tab)
        )
    store(engine, alias("moved", "bob", "c", hours=9))
    assert sorted(items(EventStore(engine).history("ann"))) == ["a", "b"]
    assert sorted(items(EventStore(engine).history("ann", as_of=NOON + timedelta(hours=9)))) == ["a", "b", "c"]
    assert sorted(str(found.item_id) for found in EventStore(engine).recent("ann")) == ["a", "b"]

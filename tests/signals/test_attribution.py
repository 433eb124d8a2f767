"""A click or a purchase belongs to the list it names; without a name, to the latest of its session within a day."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine, update

from signals.attribution import shown
from signals.connections import writing
from signals.impressions import ImpressionLog
from signals.tables import requests
from tests.signals.shops import event, store
from tests.signals.test_impressions import shown as answer


def after(**time: float) -> str:
    """A time from now on."""
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


def grow_old(engine: Engine, request_id: str, hours: float) -> None:
    """Let a list have been shown so many hours ago."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    with writing(engine) as connection:
        connection.execute(update(requests).where(requests.c.request_id == request_id).values(created_at=then))


@pytest.fixture
def lists(engine: Engine) -> Engine:
    """Two lists of one session, mug and cup, then mug and jug; and one of another session."""
    log = ImpressionLog(engine)
    for request_id, session_id, items in (("r1", "s1", "mug cup"), ("r2", "s1", "mug jug"), ("r3", "s2", "mug")):
        log.log(answer(request_id, *items.split()), endpoint="recommend", session_id=session_id)
    log.close()
    return engine


def deeds(engine: Engine, name: str) -> set[tuple[str, str]]:
    frame = shown(engine)
    return set(frame.loc[frame[name], ["request_id", "item_id"]].itertuples(index=False, name=None))


def test_every_place_of_every_list_is_there_once(lists: Engine) -> None:
    frame = shown(lists)
    assert frame["request_id"].tolist() == ["r1", "r1", "r2", "r2", "r3"]
    assert frame["position"].tolist() == [1, 2, 1, 2, 1]
    assert frame[["clicked", "bought", "cold_start"]].to_numpy().sum() == 0
    assert frame["personalized"].all()
    assert isinstance(frame["created_at"].dtype, pd.DatetimeTZDtype)


def test_a_response_belongs_to_the_list_that_it_names(lists: Engine) -> None:
    store(lists, event(1, "click", item="mug", request_id="r1", session_id="s2", occurred_at=after(minutes=1)))
    assert deeds(lists, "clicked") == {("r1", "mug")}
    assert deeds(lists, "bought") == set()


def test_without_a_name_it_belongs_to_the_latest_list_of_its_session(lists: Engine) -> None:
    store(lists, event(1, "purchase", item="mug", session_id="s1", occurred_at=after(minutes=1)))
    store(lists, event(2, "purchase", item="cup", session_id="s1", occurred_at=after(minutes=1)))
    assert deeds(lists, "bought") == {("r2", "mug"), ("r1", "cup")}


@pytest.mark.parametrize(("hours", "credited"), [(23, True), (25, False)])
def test_it_belongs_to_none_after_a_day(lists: Engine, hours: float, credited: bool) -> None:
    grow_old(lists, "r2", hours)
    store(lists, event(1, "click", item="jug", session_id="s1", occurred_at=after(minutes=0)))
    assert deeds(lists, "clicked") == ({("r2", "jug")} if credited else set())


def test_what_came_before_the_list_is_no_click_or_names_an_unknown_one_belongs_to_none(lists: Engine) -> None:
    store(lists, event(1, "click", item="mug", session_id="s1", occurred_at=after(minutes=-10)))
    store(lists, event(2, "view", item="jug", session_id="s1", occurred_at=after(minutes=1)))
    store(lists, event(3, "click", item="mug", request_id="unknown", occurred_at=after(minutes=1)))
    assert deeds(lists, "clicked") == set()


def test_the_time_range_is_that_of_the_lists(lists: Engine) -> None:
    assert len(shown(lists, since=datetime.now(UTC) + timedelta(minutes=5))) == 0
    assert len(shown(lists, until=datetime.now(UTC) + timedelta(minutes=5))) == 5


def test_a_shop_that_has_shown_nothing_has_an_empty_frame(engine: Engine) -> None:
    assert shown(engine).empty

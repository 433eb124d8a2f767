"""Contemplating in a whole shop: agents over real rankings, a deadline, and a trace that gives the same items again."""

import time

import pytest

from recommender.errors import BadRequestError
from recommender.shop.replay import replay_trace
from schemas import Availability, Mode, Reply
from schemas.conversation import AgentState, Proposal
from signals.database import open_database
from tests.recommender.test_replay import replayed
from tests.recommender.test_shop import buyer, purchase, url

__all__ = ["buyer"]

REQUESTS = (
    "a mug",
    "the cheapest mug",
    "a mug and two bowls under 90 pounds together",
    "a mug under 1 pound",
    "something for zorbing",
)


def contemplated(shop, text: str, **options) -> Reply:
    return shop.chat([{"role": "user", "content": text}], mode="contemplating", **options)


def shown(reply: Reply) -> list[str]:
    return [item.item_id for item in reply.items]


@pytest.mark.parametrize("text", REQUESTS)
def test_every_agent_is_in_the_trace_and_the_items_come_again_from_it(shop, shop_folder, buyer, text):
    reply = contemplated(shop, text, user_id=buyer)
    assert reply.mode is Mode.CONTEMPLATING
    assert {run.state for run in reply.trace.agents} == {AgentState.READY}
    assert len(reply.trace.agents) == 6
    assert reply.items
    shop.record([purchase(buyer, reply.items[0])])
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=reply.items[-1].item_id)
    shop.close()
    engine = open_database(url(shop_folder))
    again = replay_trace(engine, shop_folder / "artifacts", reply.trace)
    engine.dispose()
    assert again.is_same
    assert [item.score for item in again.again.items] == [item.score for item in reply.items]
    assert replayed(shop_folder, reply.request_id).is_same


def test_something_to_go_with_an_item_is_neither_that_nor_of_its_kind(shop):
    own = shop.recommend(None, 1).items[0].row
    reply = contemplated(shop, f"something to go with my {own.title}")
    assert own.item_id not in shown(reply)
    assert all(item.row.category[-1:] != own.category[-1:] for item in reply.items)


def test_the_cheapest_is_cheaper_than_what_shopping_shows_first(shop):
    usual = shop.chat([{"role": "user", "content": "a mug"}]).items
    cheapest = contemplated(shop, "the cheapest mug").items
    assert cheapest[0].row.price == min(item.row.price for item in cheapest)
    assert cheapest[0].row.price <= min(item.row.price for item in usual)


def test_only_the_list_that_is_shown_is_logged(shop, shop_folder):
    reply = contemplated(shop, "the cheapest mug")
    shop.close()
    assert replayed(shop_folder, reply.request_id).shown == tuple(shown(reply))
    with pytest.raises(LookupError):
        replayed(shop_folder, reply.trace.first_request_id)


def test_the_other_modes_have_no_trace_and_no_deadline(shop):
    assert shop.chat([{"role": "user", "content": "a mug"}]).trace is None
    with pytest.raises(BadRequestError, match="a deadline is for mode 'contemplating', got mode 'fast'"):
        shop.chat([{"role": "user", "content": "a mug"}], mode="fast", deadline_ms=500)


@pytest.mark.parametrize("wrong", [0, 49, 600_001, -5, 1.5, True, "soon"])
def test_a_deadline_out_of_range_is_refused(shop, wrong):
    with pytest.raises(BadRequestError, match=r"deadline_ms must be an integer between 50 and 600,000, got"):
        contemplated(shop, "a mug", deadline_ms=wrong)


def test_a_short_deadline_still_gives_an_answer(shop):
    contemplated(shop, "a mug")
    start = time.monotonic()
    reply = contemplated(shop, "the cheapest mug", deadline_ms=50)
    assert time.monotonic() - start < 5
    assert reply.items
    assert reply.text


def test_a_trace_without_a_second_ranking_gives_the_first_again(shop, shop_folder):
    reply = contemplated(shop, "a mug")
    assert reply.trace.merged == Proposal()
    assert reply.trace.request_id == reply.trace.first_request_id
    shop.close()
    assert replayed(shop_folder, reply.request_id).is_same


def test_a_conversation_goes_on_in_contemplating(shop, shop_folder):
    first = contemplated(shop, "a mug", session_id="s")
    second = contemplated(shop, "the cheapest one please", session_id="s")
    third = shop.chat([{"role": "user", "content": "compare the first two"}], session_id="s", mode="contemplating")
    assert second.items[0].row.price <= min(item.row.price for item in first.items)
    assert second.wishes.category == first.wishes.category
    assert third.trace is None
    assert third.comparison is not None
    shop.close()
    assert replayed(shop_folder, second.request_id).is_same


def test_what_the_conversation_has_set_aside_stays_aside(shop, shop_folder):
    first = contemplated(shop, "a mug", session_id="s")
    second = contemplated(shop, "I do not like the first one, show me cheap ones", session_id="s")
    assert first.items[0].item_id not in shown(second)
    assert first.items[0].item_id in second.trace.excluded
    shop.close()
    engine = open_database(url(shop_folder))
    assert replay_trace(engine, shop_folder / "artifacts", second.trace).is_same
    engine.dispose()

"""What a shopper was shown often and passed over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from schemas.recommendation import Recommendations
from signals.connections import writing
from signals.exposure import RESPONSES, ignored_items
from signals.impressions import ImpressionLog
from signals.privacy import erase_shopper
from signals.tables import requests
from tests.signals.shops import alias, event, product, stock, store
from tests.signals.test_impressions import shown

NOW = datetime.now(UTC)
YESTERDAY = NOW - timedelta(days=1)


def of(user: str | None, answer: Recommendations) -> Recommendations:
    return answer.model_copy(update={"user_id": user})


@pytest.fixture
def shop(engine: Engine) -> Engine:
    stock(engine, *map(product, ("mug", "cup", "jug", "pot")))
    return engine


@pytest.fixture
def log(shop: Engine) -> Iterator[ImpressionLog]:
    opened = ImpressionLog(shop)
    yield opened
    opened.close()


def three_lists(log: ImpressionLog) -> None:
    """The mug three times, the cup twice, the jug once; the pot three times, to somebody else."""
    for number, items in enumerate((["mug", "cup", "jug"], ["cup", "mug"], ["mug"])):
        log.log(of("ann", shown(f"ann-{number}", *items)), endpoint="recommend")
        log.log(of("bob", shown(f"bob-{number}", "pot")), endpoint="chat")
        log.log(of(None, shown(f"nobody-{number}", "jug")), endpoint="similar")
    log.flush()


def test_what_was_in_enough_lists_of_this_shopper_is_passed_over(shop: Engine, log: ImpressionLog) -> None:
    three_lists(log)
    found = {shown: ignored_items(shop, "ann", shown=shown, since=YESTERDAY) for shown in (1, 2, 3, 4)}
    assert found == {1: ("cup", "jug", "mug"), 2: ("cup", "mug"), 3: ("mug",), 4: ()}
    assert ignored_items(shop, "bob", shown=3, since=YESTERDAY) == ("pot",)
    assert ignored_items(shop, "stranger", shown=1, since=YESTERDAY) == ()


@pytest.mark.parametrize("kind", RESPONSES)
def test_what_the_shopper_responded_to_is_not(shop: Engine, log: ImpressionLog, kind: str) -> None:
    three_lists(log)
    more = {"properties": {"seconds": 3}} if kind == "dwell" else {}
    store(shop, event(1, kind, item="mug", **more).model_copy(update={"occurred_at": NOW}))
    assert ignored_items(shop, "ann", shown=2, since=YESTERDAY) == ("cup",)


@pytest.mark.parametrize("kind", ["impression", "dislike", "remove_from_cart", "refund"])
def test_being_shown_again_or_turning_away_is_no_response(shop: Engine, log: ImpressionLog, kind: str) -> None:
    three_lists(log)
    store(shop, event(1, kind, item="mug").model_copy(update={"occurred_at": NOW}))
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ("mug",)


def test_only_lists_and_responses_of_the_time_asked_for_count(shop: Engine, log: ImpressionLog) -> None:
    three_lists(log)
    store(shop, event(1, "click", item="mug").model_copy(update={"occurred_at": NOW - timedelta(days=3)}))
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ("mug",)
    assert ignored_items(shop, "ann", shown=3, since=NOW - timedelta(days=4)) == ()
    with writing(shop) as connection:
        created = update(requests).where(requests.c.request_id == "ann-0")
        connection.execute(created.values(created_at=NOW - timedelta(days=2)))
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ()
    assert ignored_items(shop, "ann", shown=3, since=NOW - timedelta(days=2)) == ("mug",)


@pytest.mark.parametrize("ids_per_query", [10_000, 1])
def test_lists_and_responses_under_an_anonymous_id_are_the_users_once_it_is_theirs(
    shop: Engine, log: ImpressionLog, monkeypatch: pytest.MonkeyPatch, ids_per_query: int
) -> None:
    monkeypatch.setattr("signals.raw.IDS_PER_QUERY", ids_per_query)
    for number in range(2):
        log.log(of("anonymous:tab", shown(f"tab-{number}", "mug", "cup")), endpoint="recommend")
    log.log(of("ann", shown("ann", "mug", "cup")), endpoint="recommend")
    log.flush()
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ()
    store(shop, alias(1, "ann", "tab"))
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ("cup", "mug")
    store(shop, event(2, "click", None, "cup", anonymous_id="tab").model_copy(update={"occurred_at": NOW}))
    assert ignored_items(shop, "ann", shown=3, since=YESTERDAY) == ("mug",)
    assert ignored_items(shop, "anonymous:tab", shown=2, since=YESTERDAY) == ("mug",)


def test_nothing_is_left_of_an_erased_shopper(shop: Engine, log: ImpressionLog) -> None:
    three_lists(log)
    erase_shopper(shop, "ann")
    assert ignored_items(shop, "ann", shown=1, since=YESTERDAY) == ()

"""Shoppers made column by column are those that a request makes of each one's events."""

from datetime import timedelta

import numpy as np
import pytest

from recommender.ids import IdMap
from recommender.shop.requests import shopper_of
from recommender.shop.shopper import EPOCH
from recommender.shop.shoppers import Shoppers
from schemas import EventKind
from signals.events import RecentEvent
from signals.recent import RecentEvents

ITEMS = IdMap.from_ids(f"item-{number}" for number in range(4))
TITLES = {"item-1": "Mug"}
DEEDS = tuple(kind for kind in EventKind if kind not in {EventKind.ALIAS, EventKind.IMPRESSION, EventKind.REFUND})
TRADE = (EventKind.PURCHASE, EventKind.REFUND)
Rows = list[RecentEvent]


def drawn(draw: np.random.Generator, kinds: tuple[EventKind, ...]) -> Rows:
    """Newest first, several at one time, on few items, of which one is unknown to the artifacts."""
    hours = sorted(draw.integers(0, 6, draw.integers(0, 15)).tolist(), reverse=True)
    found = []
    for hour in hours:
        kind, number = draw.choice(np.array(kinds)), int(draw.integers(5))
        item = None if kind == EventKind.SEARCH else f"item-{number}"
        found.append(RecentEvent(item, str(kind), EPOCH + timedelta(hours=hour), int(draw.integers(1, 3))))
    return found


def columns(of_each: list[Rows]) -> RecentEvents:
    rows = [row for rows in of_each for row in rows]
    shopper = np.repeat(np.arange(len(of_each)), [len(rows) for rows in of_each])
    times = np.array([(row.occurred_at - EPOCH) // timedelta(microseconds=1) for row in rows], dtype=np.int64)
    item, kind = (np.array([row[at] for row in rows], dtype=np.object_) for at in (0, 1))
    return RecentEvents(shopper, times, item, kind, np.array([row.quantity for row in rows], dtype=np.int64))


@pytest.mark.parametrize("seed", range(20))
def test_deeds_that_were_taken_back_what_was_bought_and_what_is_disliked_are_the_same(seed):
    draw = np.random.default_rng(seed)
    trade, recent = ([drawn(draw, kinds) for _ in range(30)] for kinds in (TRADE, DEEDS))
    found = Shoppers.of(30, columns(trade), columns(recent), ITEMS)
    for place in range(30):
        expected, one = shopper_of(trade[place], recent[place], TITLES, ITEMS), found.one(place, TITLES, ITEMS)
        assert one.deeds == expected.deeds
        for name in ("items", "times", "weights"):
            np.testing.assert_array_equal(getattr(one.query, name), getattr(expected.query, name))
        np.testing.assert_array_equal(one.bought, expected.bought)
        np.testing.assert_array_equal(one.disliked, expected.disliked)


def test_nobody_did_anything():
    nothing = columns([[], []])
    found = Shoppers.of(2, nothing, nothing, ITEMS)
    assert len(found.queries) == len(found.bought) == len(found.disliked) == 2
    assert not len(found.queries.items)

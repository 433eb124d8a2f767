"""Who wanted a product and does not have it."""

from datetime import timedelta

from sqlalchemy import Engine

from schemas.events import EventKind
from signals.aggregation import update_interactions
from signals.interest import Interest, interests
from tests.signals.shops import NOON, event, store


def test_the_strongest_deed_counts_and_what_is_owned_does_not(engine: Engine) -> None:
    store(
        engine,
        event(1, "view", "ann", hours=1),
        event(2, "add_to_cart", "ann"),
        event(3, "view", "bob"),
        event(4, "purchase", "bob", hours=1),
        event(5, "purchase", "cleo"),
        event(6, "refund", "cleo", hours=1),
        event(7, "wishlist", "cleo", hours=2),
        event(8, "view", "dan", "pot"),
        event(9, "search", "eve", None, query="mug"),
    )
    update_interactions(engine)
    assert interests(engine, ["mug"]) == [
        Interest("ann", "mug", EventKind.ADD_TO_CART, NOON + timedelta(hours=1)),
        Interest("cleo", "mug", EventKind.WISHLIST, NOON + timedelta(hours=2)),
    ]
    assert [one.user_id for one in interests(engine, ["mug"], since=NOON + timedelta(hours=2))] == ["cleo"]
    assert interests(engine, []) == []

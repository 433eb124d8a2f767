"""A past answer once more, though the shop has moved on."""

from datetime import timedelta

import pytest

from recommender.errors import ArtifactError, BadRequestError, UnknownIdError
from recommender.jobs.train import train
from recommender.shop.replay import Replay, replay
from schemas import Availability, Constraints, Event, EventKind, Money
from signals.database import open_database
from tests.recommender.test_shop import NOW, buyer, purchase, url

__all__ = ["buyer"]


def replayed(folder, request_id: str) -> Replay:
    engine = open_database(url(folder))
    try:
        return replay(engine, folder / "artifacts", request_id)
    finally:
        engine.dispose()


def test_what_changed_since_makes_no_difference(shop, shop_folder, buyer):
    constraints = Constraints(max_price=Money("40", "GBP"))
    answer = shop.recommend(buyer, 6, constraints)
    first, second, third = answer.items[:3]
    shop.record([purchase(buyer, first)])
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=second.item_id)
    dislike = Event(event_id="no", kind=EventKind.DISLIKE, user_id=buyer, item_id=third.item_id, occurred_at=NOW)
    shop.record([dislike])
    now = shop.recommend(buyer, 6, constraints)
    assert not {first.item_id, second.item_id, third.item_id} & {item.item_id for item in now.items}
    shop.close()
    again = replayed(shop_folder, answer.request_id)
    assert again.is_same
    assert [(item.score, item.row.price) for item in again.again.items] == [
        (item.score, item.row.price) for item in answer.items
    ]


def test_an_event_that_came_late_was_not_known_then(shop, shop_folder, buyer):
    answer = shop.recommend(buyer, 6)
    late = purchase(buyer, answer.items[0]).model_copy(update={"occurred_at": NOW - timedelta(days=30)})
    shop.record([late])
    shop.close()
    assert replayed(shop_folder, answer.request_id).is_same


def test_an_alias_that_came_later_was_not_known_then(shop, shop_folder, buyer):
    answer = shop.recommend("anonymous:tab", 6)
    shop.record([Event(event_id="a", kind=EventKind.ALIAS, user_id=buyer, anonymous_id="tab", occurred_at=NOW)])
    shop.close()
    assert replayed(shop_folder, answer.request_id).is_same


def test_similar_items_and_a_new_shoppers_list_come_again(shop, shop_folder, buyer):
    item = shop.recommend(buyer, 1).items[0].item_id
    answers = [shop.similar(item, 4), shop.recommend(None, 5), shop.recommend(buyer, 5, personalize=False)]
    shop.close()
    assert all(replayed(shop_folder, answer.request_id).is_same for answer in answers)


def test_the_models_of_then_answer_while_they_are_kept(shop, shop_folder, buyer):
    answer = shop.recommend(buyer, 6)
    shop.close()
    engine = open_database(url(shop_folder))
    train(engine, shop_folder / "artifacts", trials=1)
    assert replayed(shop_folder, answer.request_id).is_same
    train(engine, shop_folder / "artifacts", trials=1)
    engine.dispose()
    with pytest.raises(ArtifactError, match=r"are no longer in .*; kept are: "):
        replayed(shop_folder, answer.request_id)


def test_what_cannot_be_asked_again_says_so(shop, shop_folder):
    shop.chat([{"role": "user", "content": "a mug"}], session_id="s")
    shop.close()
    engine = open_database(url(shop_folder))
    with engine.connect() as connection:
        (asked,) = connection.exec_driver_sql("SELECT request_id FROM requests").scalars().all()
    engine.dispose()
    with pytest.raises(BadRequestError, match="was a chat, whose words and photos are not kept; only recommend and"):
        replayed(shop_folder, asked)
    with pytest.raises(UnknownIdError, match="unknown request 'nothing'"):
        replayed(shop_folder, "nothing")

"""A past answer once more, though the shop has moved on."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from recommender.errors import ArtifactError, BadRequestError, UnknownIdError
from recommender.jobs.train import train
from recommender.shop.replay import Replay, replay
from schemas import Asked, Availability, Constraints, Event, EventKind, Money
from signals.database import open_database
from tests.recommender.test_shop import NOW, buyer, purchase, url
from tests.recommender.test_shop_photos import png
from tests.recommender.test_shop_photos import question as asked_with

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


def move_on(shop, user: str, answer) -> None:
    """Two of the items shown are sold out or bought now."""
    first, second = answer.items[:2]
    shop.record([purchase(user, first, f"bought-{answer.request_id}")])
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=second.item_id)


@pytest.mark.parametrize(
    "question",
    [
        {"text": "a mug"},
        {"text": "blue plonk with hearts"},
        {"photo": png("red")},
        {"text": "plonk", "photo": png("blue")},
        {"text": "a mug under 0.01 pounds"},
        {"text": "a gift", "constraints": Constraints(category=("Kitchen",), max_price=Money("60", "GBP"))},
        {"text": "a mug", "constraints": Constraints(in_stock=False)},
    ],
    ids=str,
)
def test_a_search_comes_again_without_the_words_or_the_photo(shop, shop_folder, buyer, question):
    answer = shop.search(**question, user_id=buyer, k=6)
    assert len(answer.items) > 1
    move_on(shop, buyer, answer)
    shop.close()
    again = replayed(shop_folder, answer.request_id)
    assert again.is_same
    assert [item.score for item in again.again.items] == [item.score for item in answer.items]


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "a mug under 30 pounds"}],
        [{"role": "user", "content": "a mug"}, {"role": "user", "content": "but not a blue one"}],
        [{"role": "user", "content": "hello"}],
        [asked_with(png("red"), words="a mug")],
        [asked_with(png("red"), png("green"))],
    ],
    ids=["words", "two turns", "small talk", "photo and words", "two photos"],
)
def test_the_items_of_a_chat_come_again(shop, shop_folder, buyer, messages):
    reply = shop.chat(messages, user_id=buyer)
    assert len(reply.items) > 1
    move_on(shop, buyer, reply)
    shop.close()
    again = replayed(shop_folder, reply.request_id)
    assert again.is_same
    assert [item.score for item in again.again.items] == [item.score for item in reply.items]


def test_who_only_disliked_is_not_shown_that_again(shop, shop_folder):
    disliked = shop.recommend("new", 1).items[0].item_id
    shop.record([Event(event_id="no", kind=EventKind.DISLIKE, user_id="new", item_id=disliked, occurred_at=NOW)])
    answers = [shop.recommend("new", 4, personalize=personalize) for personalize in (True, False)]
    assert [disliked in [item.item_id for item in answer.items] for answer in answers] == [False, True]
    shop.close()
    assert all(replayed(shop_folder, answer.request_id).is_same for answer in answers)


def test_of_words_and_photo_only_vectors_are_kept_and_the_constraints_read(shop, shop_folder):
    answer = shop.search("an xylophone for my quixotic aunt", png("red"))
    shop.close()
    chosen = text("SELECT * FROM requests WHERE request_id = :request_id")
    with create_engine(url(shop_folder)).connect() as connection:
        (kept,) = connection.execute(chosen, {"request_id": answer.request_id}).mappings()
    asked = Asked.model_validate_json(kept["asked"])
    assert "quixotic" not in str({name: value for name, value in kept.items() if name != "constraints"})
    assert (asked.text, asked.photo) != (None, None)


def test_what_was_logged_before_searches_were_kept_says_so(shop, shop_folder, buyer):
    answer, found = shop.recommend(buyer, 4), shop.search("a mug")
    shop.close()
    with create_engine(url(shop_folder)).begin() as connection:
        connection.execute(text("UPDATE requests SET asked = NULL"))
    assert replayed(shop_folder, answer.request_id).is_same
    with pytest.raises(BadRequestError, match="was a search before what its words and photos meant was kept; of those"):
        replayed(shop_folder, found.request_id)


def test_an_unknown_request_says_so(shop_folder):
    with pytest.raises(UnknownIdError, match="unknown request 'nothing'"):
        replayed(shop_folder, "nothing")

"""Conversations with a shop: they go on where they stand, wherever, and are behaviour like any other."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from recommender.ranking import Ranker
from recommender.shop import Shop
from recommender.shop.replay import replay
from schemas import Event, Product, Variant
from signals.connections import reading
from signals.conversations import ConversationStore
from signals.errors import DatabaseError
from signals.tables import events, turns
from tests.recommender.fake_encoder import FakeEncoder


def ask(shop, text, **more):
    return shop.chat([{"role": "user", "content": text}], **more)


def ids(answer):
    return [item.item_id for item in answer.items]


def open_shop(folder):
    return Shop.open(f"sqlite:///{folder / 'shop.db'}", folder / "artifacts", "none", encoder=FakeEncoder())


@pytest.fixture
def shopper(shop):
    return next(user for user in (f"shopper-{n:05}" for n in range(300)) if shop.recommend(user).personalized)


def test_a_conversation_goes_on_by_its_session_id_alone(shop):
    first = ask(shop, "mugs", session_id="s")
    cheaper = ask(shop, "cheaper", session_id="s")
    assert cheaper.wishes.category == first.wishes.category
    assert all(item.row.price < first.items[0].row.price for item in cheaper.items)


def test_what_is_shown_and_what_is_asked_come_from_one_ranking(shop, shopper, monkeypatch):
    ranked, order = [], Ranker.order
    monkeypatch.setattr(Ranker, "order", lambda self, *asked, **how: ranked.append(asked) or order(self, *asked, **how))
    answer = ask(shop, "any ideas?", user_id=shopper, session_id="s")
    assert answer.question.options
    assert len(ranked) == 1


def test_it_goes_on_in_another_process(shop_folder):
    with open_shop(shop_folder) as shop:
        first = ask(shop, "mugs", session_id="s")
    with open_shop(shop_folder) as shop:
        second = ask(shop, "tell me more about the second one", session_id="s")
    assert ids(second) == [ids(first)[1]]


def test_sending_all_messages_is_the_same_as_sending_the_last(shop):
    texts = ["mugs", "something else", "cheaper"]
    one = [ask(shop, text, session_id="one") for text in texts][-1]
    messages = []
    for text in texts:
        messages.append({"role": "user", "content": text})
        other = shop.chat(messages, session_id="other")
        messages.append({"role": "assistant", "content": other.text})
    assert ids(one) == ids(other)
    assert one.state == other.state


def test_without_a_session_nothing_is_remembered_between_calls(shop):
    ask(shop, "mugs")
    assert ask(shop, "cheaper").wishes.category == ()


def test_a_session_id_does_not_open_another_shoppers_conversation(shop, shopper):
    ask(shop, "mugs under 20", session_id="s", user_id=shopper)
    stranger = ask(shop, "cheaper", session_id="s", user_id="somebody-else")
    assert stranger.wishes.category == ()
    assert stranger.wishes.max_price is None
    assert ask(shop, "cheaper", session_id="s").wishes.max_price is None


def test_something_else_shows_nothing_of_the_list_again(shop):
    first = ask(shop, "show me something", session_id="s")
    second = ask(shop, "something else", session_id="s")
    third = ask(shop, "something else", session_id="s")
    assert len({*ids(first), *ids(second), *ids(third)}) == 15


def test_likes_and_dislikes_are_stored_and_count_from_then_on(shop, shop_engine, shopper):
    first = ask(shop, "show me something", session_id="s", user_id=shopper)
    ask(shop, "I like the second one but not the first one", session_id="s", user_id=shopper)
    shop.record(())
    chosen = select(events.c.kind, events.c.item_id).where(events.c.source == "conversation").order_by(events.c.kind)
    with reading(shop_engine) as connection:
        stored = connection.execute(chosen).all()
    assert [tuple(row) for row in stored] == [("dislike", ids(first)[0]), ("like", ids(first)[1])]
    assert ids(first)[0] not in ids(shop.recommend(shopper, 50))


def stored_kinds(engine, user_id):
    chosen = select(events.c.kind, events.c.item_id).where(events.c.source == "conversation")
    with reading(engine) as connection:
        rows = connection.execute(chosen.where(events.c.user_id == user_id).order_by(events.c.kind)).all()
    return [tuple(row) for row in rows]


def test_an_item_that_is_asked_about_again_is_dwelt_on_once_and_lists_lean_to_it(shop, shop_engine):
    shown = ids(ask(shop, "show me something", session_id="s", user_id="ann"))
    before = ids(shop.recommend("ann", 50))
    for text in ("tell me more about the fourth one", "compare the fourth one and the second one", "the fourth one"):
        ask(shop, text, session_id="s", user_id="ann")
    shop.record(())
    assert stored_kinds(shop_engine, "ann") == [("dwell", shown[3])]
    after = shop.recommend("ann", 50)
    assert ids(after) != before
    alike = set(ids(shop.similar(shown[3], 10)))
    assert len(alike & set(ids(after)[:10])) > len(alike & set(before[:10]))
    assert any(reason.item_id == shown[3] for item in after.items for reason in item.reasons)


def test_a_stranger_who_asks_about_an_item_again_gets_a_list_that_leans_to_it_and_is_replayed(
    shop, shop_folder, shop_engine
):
    shown = ids(ask(shop, "show me something", session_id="s"))
    for text in ("the fifth one", "compare the first one and the fifth one"):
        ask(shop, text, session_id="s")
    leaning = ask(shop, "what else?", session_id="s")
    assert any(reason.item_id == shown[4] for item in leaning.items for reason in item.reasons)
    shop.close()
    assert replay(shop_engine, shop_folder / "artifacts", leaning.request_id).is_same


def test_an_item_that_is_turned_down_after_a_question_is_disliked_and_not_dwelt_on(shop, shop_engine):
    shown = ids(ask(shop, "show me something", session_id="s", user_id="ann"))
    for text in ("tell me more about the fourth one", "not the fourth one"):
        ask(shop, text, session_id="s", user_id="ann")
    shop.record(())
    assert stored_kinds(shop_engine, "ann") == [("dislike", shown[3])]
    assert shown[3] not in ids(shop.recommend("ann", 50))


def test_a_dislike_takes_back_that_an_item_was_dwelt_on(shop):
    shown = ids(ask(shop, "show me something", session_id="s", user_id="ann"))
    for text in ("the fourth one", "tell me more about the fourth one", "not the fourth one"):
        ask(shop, text, session_id="s", user_id="ann")
    shop.record(())
    left = shop.recommend("ann", 50)
    assert left.cold_start
    assert shown[3] not in ids(left)


def test_dwelling_is_erased_with_the_shopper(shop, shop_engine):
    for text in ("show me something", "the second one", "the second one"):
        ask(shop, text, session_id="s", user_id="ann")
    shop.record(())
    assert stored_kinds(shop_engine, "ann")
    shop.erase("ann")
    assert not stored_kinds(shop_engine, "ann")
    assert ask(shop, "what else?", session_id="s", user_id="ann").state.dwelt_on == ()


def test_a_stranger_who_likes_something_gets_a_list_that_leans_to_it(shop):
    plain = ask(shop, "show me something", session_id="s")
    ask(shop, "I like the fifth one", session_id="s")
    leaning = ask(shop, "what else?", session_id="s")
    reasons = [reason for item in leaning.items for reason in item.reasons]
    assert any(reason.item_id == ids(plain)[4] for reason in reasons)


def test_more_like_an_item_is_like_it_and_not_the_item(shop):
    first = ask(shop, "show me something", session_id="s")
    alike = ask(shop, "more like the first one", session_id="s")
    assert ids(first)[0] not in ids(alike)
    categories = [item.row.category for item in alike.items]
    assert categories.count(first.items[0].row.category) >= 3


def test_what_goes_with_an_item_is_what_similar_gives(shop):
    first = ask(shop, "show me something", session_id="s")
    beside = ask(shop, "what goes with the first one?", session_id="s")
    assert ids(beside) == ids(shop.similar(ids(first)[0], 5))


def test_the_same_as_last_time_is_found_among_what_was_bought(shop):
    now = datetime.now(UTC)
    mug = ids(ask(shop, "mugs"))[3]
    order = {"event_id": "o", "kind": "purchase", "user_id": "ann", "item_id": mug, "occurred_at": now}
    shop.record([Event.model_validate(order)])
    assert ids(ask(shop, "the same mug as last time", user_id="ann")) == [mug]


def test_what_was_never_bought_cannot_be_had_again_and_the_reply_says_so(shop):
    reply = ask(shop, "the same mug as last time", user_id="nobody-yet")
    assert reply.items
    assert "before" in reply.sentences[0].text


def test_a_list_that_leaned_is_replayed(shop, shop_folder, shop_engine):
    for text in ("show me something", "I like the third one", "what else?"):
        leaning = ask(shop, text, session_id="s")
    beside = ask(shop, "what goes with the second one?", session_id="s")
    shop.close()
    for reply in (leaning, beside):
        assert replay(shop_engine, shop_folder / "artifacts", reply.request_id).is_same


def test_a_turn_keeps_how_it_was_answered(shop, shop_engine):
    reply = ask(shop, "mugs", session_id="s", mode="fast", surface="messenger")
    with reading(shop_engine) as connection:
        row = connection.execute(select(turns)).one()
    assert (row.session_id, row.number, row.text, row.request_id) == ("s", 1, "mugs", reply.request_id)
    assert (row.reply["mode"], row.reply["surface"]) == ("fast", "messenger")
    assert 0 < row.reply["seconds_to"]["items"] <= row.reply["seconds_to"]["sentence"] <= row.reply["seconds"]
    assert row.reply["facts"] == len(reply.claims) > 0
    assert row.reply["origins"] == {"template": len(reply.sentences)}


def test_an_answer_is_given_where_the_turn_cannot_be_kept(shop, monkeypatch):
    def fail(*_, **__):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(ConversationStore, "append", fail)
    assert ask(shop, "mugs", session_id="s").items


PRIVATE = "Pregnancy Tests"


@pytest.fixture
def private_item(shop):
    """Products of a sensitive kind, as new as the artifacts: known ones that are described anew."""
    (item,) = shop.recommend(None, 1).items
    price = item.row.price
    variant = Variant(variant_id=item.row.variant_id, price=price.amount, currency=price.currency)
    shop.upsert([Product(item_id=item.item_id, title="Test Kit", category=(PRIVATE,), variants=(variant,))])
    return item.item_id


def look_at(shop, item_id):
    now = datetime.now(UTC)
    view = {"event_id": "v", "kind": "add_to_cart", "user_id": "ann", "item_id": item_id, "occurred_at": now}
    shop.record([Event.model_validate(view)])


def reasons_from(answer, item_id):
    return [
        reason
        for item in answer.items
        for reason in item.reasons
        if reason.kind == "history" and item_id in (item.item_id, reason.item_id)
    ]


def test_what_was_done_with_a_sensitive_product_is_never_a_reason(shop, private_item):
    look_at(shop, private_item)
    assert reasons_from(shop.recommend("ann", 50), private_item) == []


def test_unless_the_shopper_opted_in(shop, shop_folder, private_item):
    look_at(shop, private_item)
    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, "none", encoder=FakeEncoder(), opted_in=lambda user: user == "ann") as told:
        assert reasons_from(told.recommend("ann", 50), private_item)

"""Shop as a storefront sees it."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from recommender.errors import ArtifactError, BadRequestError, UnknownIdError
from recommender.jobs.train import train
from recommender.shop import Shop
from schemas import Availability, Constraints, Event, EventKind, Money, Product, ReasonKind
from signals.catalog import CatalogStore
from signals.database import migrate, open_database
from signals.errors import UnknownItemError
from tests import shops

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def url(folder) -> str:
    return f"sqlite:///{folder / 'shop.db'}"


def query(folder, sql: str):
    with create_engine(url(folder)).connect() as connection:
        return connection.execute(text(sql)).all()


@pytest.fixture
def buyer(shop_folder) -> str:
    """Somebody with several purchases."""
    known = "SELECT user_id FROM events WHERE kind = 'purchase' AND user_id IS NOT NULL"
    return str(query(shop_folder, f"{known} GROUP BY 1 HAVING count(*) > 3 ORDER BY count(*) DESC, 1")[0][0])


def purchase(user: str, item, event_id: str = "now") -> Event:
    return Event(
        event_id=event_id,
        kind=EventKind.PURCHASE,
        user_id=user,
        item_id=item.item_id,
        variant_id=item.row.variant_id,
        occurred_at=NOW,
    )


def test_recommendations_are_ranked_in_stock_and_quoted_from_a_row(shop, buyer):
    answer = shop.recommend(buyer, k=8)
    assert [item.rank for item in answer.items] == list(range(1, 9))
    assert [item.score for item in answer.items] == sorted((item.score for item in answer.items), reverse=True)
    assert all(item.row.in_stock and item.row.item_id == item.item_id for item in answer.items)
    assert answer.personalized
    assert not answer.cold_start
    assert answer.shortfall == 0


def test_what_was_bought_is_left_out_unless_asked_for(shop, shop_folder, buyer):
    sql = f"SELECT DISTINCT item_id FROM events WHERE kind = 'purchase' AND user_id = '{buyer}'"
    bought = {row[0] for row in query(shop_folder, sql)}
    assert bought.isdisjoint(item.item_id for item in shop.recommend(buyer, k=500).items)
    again = shop.recommend(buyer, k=500, constraints=Constraints(include_bought=True))
    assert bought & {item.item_id for item in again.items}


def test_reasons_name_the_shoppers_own_items(shop, shop_folder, buyer):
    touched = {row[0] for row in query(shop_folder, f"SELECT item_id FROM events WHERE user_id = '{buyer}'")}
    reasons = [reason for item in shop.recommend(buyer, k=5).items for reason in item.reasons]
    histories = [reason for reason in reasons if reason.kind is ReasonKind.HISTORY]
    assert histories
    assert {reason.item_id for reason in histories} <= touched
    assert all(0 < reason.contribution <= 1 for reason in reasons)


def test_an_explanation_names_the_shoppers_own_items_and_what_each_moved(shop, shop_folder, buyer):
    touched = {row[0] for row in query(shop_folder, f"SELECT item_id FROM events WHERE user_id = '{buyer}'")}
    best = shop.recommend(buyer, k=1).items[0]
    found = shop.explain(buyer, best.item_id)
    assert found.score == pytest.approx(best.score, abs=1e-4)
    assert {one.item_id for one in found.influences} <= touched
    assert found.influences[0].score_without < found.score
    assert shop.explain("who is this", best.item_id).influences == ()
    with pytest.raises(UnknownIdError, match="nothing like it"):
        shop.explain(buyer, "nothing like it")


def test_an_unknown_shopper_gets_what_everybody_likes(shop):
    stranger, nobody = shop.recommend("who is this", k=5), shop.recommend(None, k=5)
    assert stranger.cold_start
    assert nobody.cold_start
    assert [item.item_id for item in stranger.items] == [item.item_id for item in nobody.items]


def test_without_personalisation_behaviour_plays_no_part(shop, buyer):
    plain = shop.recommend(buyer, k=20, personalize=False)
    assert not plain.personalized
    assert [item.item_id for item in plain.items] == [item.item_id for item in shop.recommend(None, k=20).items]
    assert all(reason.kind is ReasonKind.POPULAR for item in plain.items for reason in item.reasons)


def test_a_purchase_changes_the_next_answer_without_training(shop, buyer):
    before = shop.recommend(buyer, k=5)
    shop.record([purchase(buyer, before.items[0])])
    after = shop.recommend(buyer, k=5)
    assert before.items[0].item_id not in {item.item_id for item in after.items}
    assert [item.score for item in after.items] != [item.score for item in before.items[1:]]


def test_a_new_shoppers_first_event_makes_the_answer_theirs(shop):
    first = shop.recommend("newcomer", k=3).items[0]
    shop.record([Event(event_id="1", kind="view", user_id="newcomer", item_id=first.item_id, occurred_at=NOW)])
    answer = shop.recommend("newcomer", k=3)
    assert answer.personalized
    assert not answer.cold_start


def test_the_same_event_twice_counts_once(shop, buyer):
    event = purchase(buyer, shop.recommend(buyer, k=1).items[0])
    assert shop.record([event]).accepted == 1
    assert shop.record([event]).duplicated == 1


def test_events_are_handed_over_without_waiting_and_known_once_their_report_is_there(shop, buyer):
    event = purchase("newcomer", shop.recommend(buyer, k=1).items[0])

    async def send():
        return await asyncio.wrap_future(shop.record([event], wait=False))

    assert asyncio.run(send()).accepted == 1
    assert not shop.recommend("newcomer").cold_start


def test_closing_a_shop_stores_what_was_handed_over(shop, shop_folder, buyer):
    item = shop.recommend(buyer, k=1).items[0]
    for number in range(50):
        shop.record([purchase("newcomer", item, str(number))], wait=False)
    shop.close()
    assert query(shop_folder, "SELECT count(*) FROM events WHERE user_id = 'newcomer'") == [(50,)]


def test_an_event_on_an_unknown_product_is_refused(shop):
    with pytest.raises(UnknownItemError, match="'unicorn'"):
        shop.record([Event(event_id="1", kind="view", user_id="u", item_id="unicorn", occurred_at=NOW)])


def test_a_new_price_and_stock_count_at_once(shop, buyer):
    first = shop.recommend(buyer, k=1).items[0]
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=first.item_id)
    assert first.item_id not in {item.item_id for item in shop.recommend(buyer, k=50).items}
    shop.set_availability(Availability.IN_STOCK, item_id=first.item_id)
    assert first.item_id in {item.item_id for item in shop.recommend(buyer, k=50).items}


def test_stock_that_another_process_sold_out_is_never_recommended(shop, shop_folder, buyer):
    """The catalogue in memory may be two seconds old; the winners' stock is read again before they are returned."""
    first = shop.recommend(buyer, k=1).items[0]
    with Shop.open(url(shop_folder), shop_folder / "artifacts") as other:
        other.set_availability(Availability.OUT_OF_STOCK, item_id=first.item_id)
    answer = shop.recommend(buyer, k=5)
    assert first.item_id not in {item.item_id for item in answer.items}
    assert answer.shortfall == 0


def test_a_purchase_that_was_sent_back_is_no_reason_and_is_not_recommended_again(shop):
    item = shop.recommend(None, k=1).items[0]
    bought = purchase("returner", item)
    shop.record([bought, bought.model_copy(update={"event_id": "back", "kind": EventKind.REFUND})])
    answer = shop.recommend("returner", k=50)
    assert answer.cold_start
    assert item.item_id not in {one.item_id for one in answer.items}


def told(kind: str, item_id: str, number: int, user: str = "newcomer") -> Event:
    at = NOW + timedelta(minutes=number)
    return Event(event_id=f"{user}-{number}", kind=kind, user_id=user, item_id=item_id, occurred_at=at)


def test_events_that_say_nothing_do_not_push_out_those_that_do(shop):
    first = shop.recommend(None, k=1).items[0].item_id
    shown = [told("impression", first, number) for number in range(1, 260)]
    shop.record([told("purchase", first, 0), *shown])
    answer = shop.recommend("newcomer", k=5)
    assert answer.personalized
    assert first not in {item.item_id for item in answer.items}


def test_a_disliked_item_is_not_shown_until_it_is_liked_again(shop):
    first = shop.recommend(None, k=1).items[0].item_id
    shop.record([told("view", first, 0), told("dislike", first, 1)])
    answer = shop.recommend("newcomer", k=50)
    assert first not in {item.item_id for item in answer.items}
    assert answer.cold_start
    shop.record([told("like", first, 2)])
    assert first in {item.item_id for item in shop.recommend("newcomer", k=500).items}


def test_a_cart_that_was_emptied_is_no_reason(shop):
    first, second = (item.item_id for item in shop.recommend(None, k=2).items)
    events = [told("add_to_cart", first, 0), told("view", second, 1), told("remove_from_cart", first, 2)]
    shop.record(events)
    reasons = [reason for item in shop.recommend("newcomer", k=20).items for reason in item.reasons]
    assert {reason.item_id for reason in reasons if reason.kind is ReasonKind.HISTORY} == {second}


def test_a_product_newer_than_the_artifacts_can_be_excluded_and_is_said_to_be_new(shop):
    shop.upsert([Product(item_id="fresh", title="Fresh Mug", price="5", currency="GBP")])
    assert shop.recommend(None, k=3, constraints=Constraints(exclude=("fresh",))).shortfall == 0
    with pytest.raises(UnknownIdError, match="newer than the artifacts"):
        shop.similar("fresh")


def test_words_that_are_no_choice_are_refused_with_the_choices(shop):
    with pytest.raises(BadRequestError, match="unknown mode 'zzz'; allowed: fast, shopping"):
        shop.chat([{"role": "user", "content": "a mug"}], mode="zzz")
    with pytest.raises(BadRequestError, match="unknown availability 'maybe'; allowed: in_stock"):
        shop.set_availability("maybe", item_id="mug-0001")
    with pytest.raises(BadRequestError, match="constraints must be"):
        shop.recommend(None, constraints={"max_price": 3})


def test_artifacts_of_another_shop_are_refused(shop_folder, tmp_path):
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    CatalogStore(other).upsert([Product(item_id="unheard-of", title="Unheard of")])
    with pytest.raises(ArtifactError, match="none of the 1 products"):
        Shop.open(f"sqlite:///{tmp_path / 'other.db'}", shop_folder / "artifacts")


@pytest.mark.parametrize("wrong", [42, "", "x" * 300, "a\x00b", "\udcff"])
def test_an_id_that_cannot_be_one_is_refused_at_the_door(shop, wrong):
    question = [{"role": "user", "content": "a mug"}]
    for call in (
        lambda: shop.recommend(wrong),
        lambda: shop.similar(wrong),
        lambda: shop.chat(question, user_id=wrong),
        lambda: shop.chat(question, session_id=wrong),
    ):
        with pytest.raises(BadRequestError, match="cannot be an id"):
            call()


def test_similar_items_claim_nothing_about_the_shopper(shop):
    item = shop.recommend(None, k=1).items[0].item_id
    assert all(one.reasons == () for one in shop.similar(item, k=5).items)


def test_a_price_dated_ahead_counts_when_its_time_comes(shop, shop_folder, buyer):
    row = shop.recommend(buyer, k=1).items[0].row
    soon = datetime.now(UTC) + timedelta(seconds=2)
    product = Product(item_id=row.item_id, title=row.title, price="1.23", currency="GBP")
    CatalogStore(open_database(url(shop_folder))).upsert([product], valid_from=soon)
    limit = Constraints(max_price=Money("1.23", "GBP"))
    assert shop.recommend(buyer, constraints=limit).items == ()
    time.sleep(2.1)
    assert [item.item_id for item in shop.recommend(buyer, constraints=limit).items] == [row.item_id]


def test_an_upserted_price_is_quoted(shop, buyer):
    row = shop.recommend(buyer, k=1).items[0].row
    product = Product(item_id=row.item_id, title=row.title, price="1.23", currency="GBP")
    shop.upsert([product])
    quoted = {item.item_id: item.row for item in shop.recommend(buyer, k=100).items}[row.item_id]
    assert quoted.price == Money("1.23", "GBP")


def test_constraints_that_few_items_meet_give_a_shortfall(shop, shop_folder):
    (count,) = query(shop_folder, "SELECT count(*) FROM products WHERE category LIKE '%Mugs%'")[0]
    answer = shop.recommend(None, k=100, constraints=Constraints(category=("Mugs",), in_stock=False))
    assert len(answer.items) == count
    assert answer.shortfall == 100 - count
    assert answer.shortfall_reason


@pytest.mark.parametrize("k", [0, -1, 10_001, 10**9, "5", 2.5, None])
def test_k_outside_its_range_is_refused(shop, k):
    with pytest.raises(BadRequestError, match="k must be an integer between 1 and 10,000"):
        shop.recommend("u", k=k)


def test_an_unknown_excluded_item_is_an_error(shop):
    with pytest.raises(UnknownIdError, match="'unicorn'"):
        shop.recommend("u", constraints=Constraints(exclude=("unicorn",)))


def test_similar_leaves_the_item_itself_out(shop):
    item = shop.recommend(None, k=1).items[0].item_id
    answer = shop.similar(item, k=5)
    assert len(answer.items) == 5
    assert item not in {one.item_id for one in answer.items}
    with pytest.raises(UnknownIdError, match="'unicorn'"):
        shop.similar("unicorn")


def test_what_was_shown_is_kept_with_its_request(shop, shop_folder, buyer):
    answer = shop.recommend(buyer, k=4)
    reply = shop.chat([{"role": "user", "content": "a mug"}], user_id=buyer, session_id="s1")
    shop.close()
    rows = query(
        shop_folder, f"SELECT item_id FROM impressions WHERE request_id = '{answer.request_id}' ORDER BY position"
    )
    assert [row[0] for row in rows] == [item.item_id for item in answer.items]
    kept = query(shop_folder, f"SELECT session_id FROM requests WHERE request_id = '{reply.request_id}'")
    assert kept == [("s1",)]


def test_a_chat_streams_the_items_before_the_sentences(shop, buyer):
    chunks = list(shop.stream([{"role": "user", "content": "a mug under 30 pounds"}], user_id=buyer))
    assert (chunks[0].type, chunks[-1].type) == ("items", "done")
    assert {chunk.type for chunk in chunks[1:-1]} == {"sentence"}


def test_a_reply_quotes_the_items_rows_and_nothing_else(shop, buyer):
    reply = shop.chat([{"role": "user", "content": "a mug under 30 pounds"}], user_id=buyer)
    assert reply.wishes.max_price == Money("30", "GBP")
    assert all("Mugs" in item.row.category and item.row.price <= Money("30", "GBP") for item in reply.items)
    assert {claim.subject for claim in reply.claims if claim.kind == "product"} <= {
        item.item_id for item in reply.items
    }
    for claim in reply.claims:
        assert reply.text[slice(*claim.span)] == claim.value


def test_many_threads_get_what_one_gets(shop, shop_folder):
    users = [
        row[0] for row in query(shop_folder, "SELECT DISTINCT user_id FROM events WHERE user_id IS NOT NULL LIMIT 24")
    ]
    alone = [[item.item_id for item in shop.recommend(user, k=5).items] for user in users]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda user: [item.item_id for item in shop.recommend(user, k=5).items], users))
    assert together == alone


def test_threads_that_write_and_read_at_once_lose_nothing(shop, shop_folder):
    items = shop.recommend(None, k=8).items
    failures: list[Exception] = []

    def shop_around(number: int) -> None:
        try:
            for turn, item in enumerate(items):
                shop.record([purchase(f"thread-{number}", item, f"{number}-{turn}")])
                shop.recommend(f"thread-{number}", k=3)
        except Exception as error:  # noqa: BLE001  # whatever a thread raises must fail the test
            failures.append(error)

    threads = [threading.Thread(target=shop_around, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert query(shop_folder, "SELECT count(*) FROM events WHERE user_id LIKE 'thread-%'") == [(48,)]


def test_reload_takes_the_artifacts_that_training_left(shop, shop_folder):
    old = shop.recommend(None, k=1).model_version
    engine = open_database(url(shop_folder))
    manifest = train(engine, shop_folder / "artifacts", trials=1, encoder=None).manifest
    engine.dispose()
    assert shop.recommend(None, k=1).model_version == old
    assert shop.reload() == manifest.version
    assert shop.recommend(None, k=1).model_version == manifest.version


def test_the_same_shop_on_postgresql(postgres_url, shop, tmp_path):
    """The same rows on the other database give the same items in the same order."""
    migrate(postgres_url)
    shops.build(postgres_url, tmp_path / "postgres")
    with Shop.open(postgres_url, tmp_path / "postgres" / "artifacts") as other:
        for user in ("shopper-00001", "shopper-00100", None):
            one, two = (each.recommend(user, k=10) for each in (shop, other))
            assert [item.item_id for item in one.items] == [item.item_id for item in two.items]
            assert one.cold_start == two.cold_start
        reply = other.chat([{"role": "user", "content": "a mug under 30 pounds"}], user_id="shopper-00001")
        assert reply.items


def test_a_shop_without_artifacts_says_what_to_run(shop_folder, tmp_path):
    with pytest.raises(ArtifactError, match="run `recommender train"):
        Shop.open(url(shop_folder), tmp_path / "nowhere")

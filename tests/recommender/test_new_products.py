"""A new product, from its photo alone: found, likened and recommended within seconds, without a training."""

import shutil
import threading
import time
from contextlib import contextmanager

import pytest

from recommender.errors import BadRequestError, UnknownIdError
from recommender.jobs.photo_indexing import index_photos
from recommender.photo_index import PhotoIndex
from recommender.shop import Shop
from recommender.shop.replay import replay
from schemas import Constraints, Event, EventKind, Money, Product
from signals.catalog import CatalogStore
from tests.recommender.embedded import photo
from tests.recommender.fake_encoder import FakeEncoder
from tests.recommender.test_shop_photos import png

SECONDS = 10.0
SHOPPER = "shopper-00001"


@pytest.fixture
def photos(shop_folder, built):
    """The folder of the shop's photos, with one more."""
    shutil.copytree(built / "data" / "photos", shop_folder / "shown" / "photos")
    for colour in ("red", "green"):
        photo(colour).save(shop_folder / "shown" / "photos" / f"new-{colour}.png")
    return shop_folder / "shown"


@contextmanager
def opened(folder, photos=None, encoder=None):
    url, artifacts = f"sqlite:///{folder / 'shop.db'}", folder / "artifacts"
    with Shop.open(url, artifacts, "none", encoder=encoder or FakeEncoder(), photos=photos) as shop:
        yield shop


def new(colour="red", **fields):
    """A product of which nothing but its photo says anything."""
    item_id = f"new-{colour}"
    image = f"photos/{item_id}.png"
    plain = {"title": "Zzz", "price": "12", "currency": "GBP", "availability": "in_stock"}
    return Product(**{"item_id": item_id, "image": image, **plain, **fields})


def within_seconds(holds):
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, f"not within {SECONDS:.0f} seconds"
        time.sleep(0.02)


def knows(shop, item_id):
    return item_id in shop.titles()


def ids(answer):
    return [item.item_id for item in answer.items]


def test_a_new_product_is_found_by_its_photo_and_is_like_others(shop_folder, photos):
    with opened(shop_folder, photos) as shop:
        before = shop.recommend(SHOPPER, k=60)
        shop.upsert([new()])
        within_seconds(lambda: knows(shop, "new-red"))
        found = shop.search(photo=png("red"))
        assert "new-red" in ids(found)
        assert "new-red" in ids(shop.search(photo=png("red"), user_id=SHOPPER))
        like = shop.similar("new-red", k=5)
        assert len(like.items) == 5
        assert "new-red" not in ids(like)
        assert set(ids(like)) & set(ids(shop.search(photo=png("red"), k=8)))
        after = ids(shop.recommend(SHOPPER, k=61, constraints=Constraints()))
        assert [one for one in after if one != "new-red"][:50] == ids(before)[:50]


def test_a_new_product_is_recommended_and_a_history_with_it_counts(shop_folder, photos):
    with opened(shop_folder, photos) as shop:
        shop.upsert([new()])
        within_seconds(lambda: knows(shop, "new-red"))
        only = Constraints(items=["new-red"])
        answer = shop.recommend(SHOPPER, k=2, constraints=only)
        assert (ids(answer), answer.shortfall) == (["new-red"], 1)
        assert answer.items[0].row.price == Money("12", "GBP")
        assert shop.recommend(None, k=1, constraints=only).items
        looked = {"event_id": "e", "kind": EventKind.VIEW, "user_id": "someone-new", "item_id": "new-red"}
        shop.record([Event(**looked, occurred_at=answer.as_of)])
        liked = shop.recommend("someone-new", k=5)
        assert len(liked.items) == 5
        assert not liked.cold_start
        assert shop.explain("someone-new", "new-red").influences
        reply = shop.chat([{"role": "user", "content": "zzz"}], user_id=SHOPPER)
        assert "new-red" in [item.item_id for item in reply.items]


def test_constraints_hold_for_new_products_and_nothing_is_short_that_need_not_be(shop_folder, photos):
    with opened(shop_folder, photos) as shop:
        count = len(shop.titles())
        shop.upsert([new(), new("green", availability="out_of_stock")])
        within_seconds(lambda: knows(shop, "new-red") and knows(shop, "new-green"))
        every = shop.search(photo=png("red"), k=count + 5, constraints=Constraints(in_stock=False))
        assert (len(every.items), every.shortfall) == (count + 2, 3)
        cheap = shop.search(photo=png("green"), k=count, constraints=Constraints(max_price=Money("12", "GBP")))
        assert "new-red" in ids(cheap)
        assert "new-green" not in ids(cheap)
        shop.set_availability("out_of_stock", item_id="new-red")
        assert "new-red" not in ids(shop.search(photo=png("red"), k=count))


def test_shops_that_embed_nothing_see_what_another_one_embedded(shop_folder, photos):
    blind = FakeEncoder()
    with opened(shop_folder, photos) as writer, opened(shop_folder, encoder=blind) as reader:
        writer.upsert([new()])
        within_seconds(lambda: knows(reader, "new-red"))
        assert blind.texts == []
        assert "new-red" in ids(reader.search(photo=png("red")))
    with opened(shop_folder) as later:
        assert "new-red" in ids(later.search(photo=png("red")))


def test_what_is_added_beside_the_shop_is_found_too(shop_folder, photos, shop_engine):
    CatalogStore(shop_engine).upsert([new()])
    with opened(shop_folder, photos) as shop:
        within_seconds(lambda: knows(shop, "new-red"))
        CatalogStore(shop_engine).upsert([new("green")])
        within_seconds(lambda: knows(shop, "new-green"))


def test_the_command_makes_a_product_known_to_shops_that_are_open(shop_folder, photos, shop_engine):
    with opened(shop_folder) as shop:
        shop.upsert([new()])
        with pytest.raises(UnknownIdError, match="run `recommender photos index`"):
            shop.similar("new-red")
        index_photos(shop_engine, shop_folder / "artifacts", photos, encoder=FakeEncoder())
        within_seconds(lambda: knows(shop, "new-red"))
        assert shop.similar("new-red").items


def test_a_changed_photo_is_what_searches_compare_with(shop_folder, photos):
    with opened(shop_folder, photos) as shop:
        shop.upsert([new()])
        within_seconds(lambda: knows(shop, "new-red"))
        first = shop.search(photo=png("green"), k=200)
        photo("green", size=40).save(photos / "photos" / "new-red.png")
        shop.upsert([new(price="13")])
        within_seconds(
            lambda: ids(shop.search(photo=png("green"), k=200)).index("new-red") < ids(first).index("new-red")
        )


def test_prices_that_change_load_no_encoder(shop_folder, photos, shop):
    (item,) = shop.recommend(None, k=1).items
    encoder = FakeEncoder()
    with opened(shop_folder, photos, encoder) as shop:
        shop.set_availability("out_of_stock", item_id=item.item_id)
        shop._newcomers.look()
        time.sleep(0.3)
    assert (encoder.texts, encoder.n_photos) == ([], 0)
    assert PhotoIndex(shop_folder / "artifacts").load() is None


def test_a_broken_photo_leaves_the_text(shop_folder, photos):
    (photos / "photos" / "new-red.png").write_bytes(b"no photo")
    with opened(shop_folder, photos) as shop:
        shop.upsert([new(title="Quokka lantern")])
        within_seconds(lambda: knows(shop, "new-red"))
        assert ids(shop.search("quokka lantern"))[0] == "new-red"


def test_an_encoder_that_fails_is_asked_again_and_the_shop_answers_meanwhile(shop_folder, photos, monkeypatch, caplog):
    monkeypatch.setattr("recommender.shop.newcomers.RETRY_SECONDS", 0.05)

    class Failing(FakeEncoder):
        fails = 2

        def embed_text(self, texts):
            if self.fails:
                self.fails -= 1
                raise MemoryError("no room")
            return super().embed_text(texts)

    with opened(shop_folder, photos, Failing()) as shop:
        shop.upsert([new()])
        assert shop.recommend(SHOPPER, k=3).items
        within_seconds(lambda: knows(shop, "new-red"))
    assert "new products wait for the photo index" in caplog.text


def test_a_shop_that_closes_waits_for_few_products_and_the_next_one_goes_on(shop_folder, photos, monkeypatch):
    monkeypatch.setattr("recommender.embedder.BATCH", 2)
    begun = threading.Event()

    class Slow(FakeEncoder):
        def embed_photos(self, photos):
            begun.set()
            time.sleep(0.3)
            return super().embed_photos(photos)

    encoder = Slow()
    with opened(shop_folder, photos, encoder) as shop:
        shop.upsert([new(item_id=f"new-{place:02}", image="photos/new-red.png") for place in range(40)])
        assert begun.wait(SECONDS)
    assert encoder.n_photos < 10
    with opened(shop_folder, photos) as shop:
        within_seconds(lambda: all(knows(shop, f"new-{place:02}") for place in range(40)))


def test_an_index_of_another_encoder_is_left_aside_and_the_shop_answers(shop_folder, photos, shop_engine, caplog):
    index_photos(shop_engine, shop_folder / "artifacts", photos, encoder=FakeEncoder("other"))
    with opened(shop_folder) as shop:
        assert shop.search(photo=png("red")).items
    assert "--anew" in caplog.text


def test_a_search_that_found_a_new_product_is_answered_again_the_same(shop_folder, photos, shop_engine):
    with opened(shop_folder, photos) as shop:
        shop.upsert([new()])
        within_seconds(lambda: knows(shop, "new-red"))
        found = shop.search(photo=png("red"), user_id=SHOPPER)
        like = shop.similar("new-red")
    for answer in (found, like):
        assert replay(shop_engine, shop_folder / "artifacts", answer.request_id).is_same


def test_photos_that_are_no_folder_are_refused(shop_folder):
    with pytest.raises(BadRequestError, match="there is no folder"), opened(shop_folder, shop_folder / "nowhere"):
        pass

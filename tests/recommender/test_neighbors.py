"""Photos near to one among very many: what is found so is ranked as if all had been compared."""

import numpy as np
import pytest

from recommender import photo_index, ranking
from recommender.artifacts import ArtifactStore
from recommender.jobs.photo_indexing import index_photos
from recommender.neighbors import NearItems, PhotoNeighbors
from recommender.photo_index import PhotoIndex
from recommender.shop import Shop
from schemas import Constraints, Money
from tests.recommender.fake_encoder import FakeEncoder
from tests.recommender.test_new_products import SHOPPER, ids, knows, new, opened, within_seconds
from tests.recommender.test_shop_photos import png

N, SIZE = 3_000, 32


@pytest.fixture(scope="module")
def vectors():
    rows = np.random.default_rng(0).normal(size=(N, SIZE)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_nearest_are_found_from_the_file(vectors, tmp_path):
    even, shares = np.arange(0, N, 2), []
    PhotoNeighbors.build(vectors, even, tmp_path / "near.usearch", lambda share, _: shares.append(share))
    found = PhotoNeighbors.mapped(tmp_path / "near.usearch")
    assert shares == [0.0]
    overlaps = []
    for query in vectors[1:100:2]:
        exact = even[np.argsort(-(vectors[even] @ query))[:20]]
        overlaps.append(len(set(exact) & set(found.rows(query, 20))) / 20)
    assert np.mean(overlaps) > 0.95


def test_rows_are_items_and_what_is_beside_them_is_always_looked_at(vectors, tmp_path):
    PhotoNeighbors.build(vectors, np.arange(4), tmp_path / "near.usearch")
    near = NearItems(PhotoNeighbors.mapped(tmp_path / "near.usearch"), np.array([7, -1, 5, 9]), np.array([2]))
    assert sorted(near.nearest(vectors[0], 4)) == [2, 5, 7, 9]


@pytest.fixture
def large(shop_folder, shop_engine, built, monkeypatch):
    """The shop, as if its 120 products were very many."""
    monkeypatch.setattr(photo_index, "EXACT_PHOTOS", 50)
    for name, value in (("NEAREST", 60), ("LEAST_NEAR", 15), ("OWN", 30), ("SCORED", 40), ("NEAREST_PER_WANTED", 1)):
        monkeypatch.setattr(ranking, name, value)
    index_photos(shop_engine, shop_folder / "artifacts", built / "data", encoder=FakeEncoder())
    return shop_folder


CONSTRAINTS = {
    "none": Constraints(),
    "cheap": Constraints(max_price=Money("15", "GBP")),
    "very few": Constraints(max_price=Money("6", "GBP")),
}


@pytest.mark.parametrize("constraints", CONSTRAINTS.values(), ids=CONSTRAINTS)
@pytest.mark.parametrize("user", [SHOPPER, None])
def test_the_ranking_is_that_of_all_compared(large, monkeypatch, constraints, user):
    with opened(large) as shop:
        assert shop._serving.view().artifacts.embeddings.neighbors is not None
        found = {colour: shop.search(photo=png(colour), user_id=user, constraints=constraints) for colour in COLOURS}
    monkeypatch.setattr("recommender.content.Compared.nearby", None)
    with opened(large) as shop:
        for colour in COLOURS:
            exact = shop.search(photo=png(colour), user_id=user, constraints=constraints)
            assert len(set(ids(exact)) & set(ids(found[colour]))) >= 0.9 * len(exact.items)
            assert ids(exact)[0] == ids(found[colour])[0]
            assert exact.shortfall == found[colour].shortfall
            for one, other in zip(exact.items, found[colour].items, strict=True):
                assert one.score == pytest.approx(other.score, rel=0.05, abs=0.1)


COLOURS = ("red", "green", "white")


def test_all_eligible_products_come_where_all_are_asked_for(large):
    with opened(large) as shop:
        count = len(shop.titles())
        every = shop.search(photo=png("red"), k=count + 3, constraints=Constraints(in_stock=False))
        assert (len(every.items), every.shortfall) == (count, 3)
        scores = [item.score for item in every.items]
        assert scores == sorted(scores, reverse=True)


def test_a_product_that_is_newer_than_the_neighbours_is_found_too(large, built):
    photos = large / "shown"
    (photos / "photos").mkdir(parents=True)
    (photos / "photos" / "new-red.png").write_bytes(png("red"))
    with opened(large, photos) as shop:
        shop.upsert([new()])
        within_seconds(lambda: knows(shop, "new-red"))
        assert shop._serving.view().artifacts.embeddings.neighbors is not None
        assert ids(shop.search(photo=png("red"), k=5)).count("new-red") == 1


def test_neighbours_that_know_few_of_the_photos_are_left_aside(large, monkeypatch):
    monkeypatch.setattr("recommender.newcomers.MOST_BESIDE", -1)
    with opened(large) as shop:
        assert shop._serving.view().artifacts.embeddings.neighbors is None
        assert shop.search(photo=png("red")).items


def test_what_training_embedded_later_is_not_covered_by_an_older_index(large, shop_engine):
    store = ArtifactStore(large / "artifacts")
    indexed = PhotoIndex(large / "artifacts").load()
    assert indexed.times.max() > store.load().manifest.created_at.timestamp() * 1_000_000
    with Shop.open(f"sqlite:///{large / 'shop.db'}", large / "artifacts", "none", encoder=FakeEncoder()) as shop:
        assert type(shop._serving.view().artifacts.embeddings).__name__ == "ItemEmbeddings"

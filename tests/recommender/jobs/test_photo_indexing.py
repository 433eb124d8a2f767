"""`recommender photos index`: every product once, whatever happens in between."""

import shutil

import numpy as np
import pytest
from sqlalchemy import create_engine

from recommender import indexer
from recommender.errors import ArtifactError, NotEnoughDataError
from recommender.jobs.photo_indexing import index_photos
from recommender.jobs.train import refresh
from recommender.photo_index import PhotoIndex
from signals.catalog import CatalogStore
from signals.database import migrate, open_database
from tests.recommender.embedded import photo
from tests.recommender.fake_encoder import FakeEncoder

N = 10


@pytest.fixture
def folder(tmp_path):
    for place in range(N):
        photo("red" if place % 2 else "blue", size=16 + place).save(tmp_path / f"{place}.png")
    return tmp_path


@pytest.fixture
def catalog(folder):
    url = f"sqlite:///{folder / 'own.db'}"
    migrate(url)
    engine = open_database(url)
    store = CatalogStore(engine)
    store.upsert([product(f"p{place}", image=f"{place}.png") for place in range(N)])
    yield store
    engine.dispose()


def product(item_id, **fields):
    return {"item_id": item_id, "title": f"Thing {item_id}", "price": "1", "currency": "GBP", **fields}


def run(catalog, folder, encoder=None, **options):
    encoder = encoder or FakeEncoder()
    indexing = index_photos(catalog._engine, folder / "artifacts", folder, encoder=encoder, **options)
    return indexing.as_json(), encoder


def ids(folder):
    found = PhotoIndex(folder / "artifacts").load()
    return found.items.ids(np.arange(len(found.items)))


def test_every_product_is_indexed_once(catalog, folder):
    report, encoder = run(catalog, folder)
    assert (report["products"], report["written"], report["photos"]) == (N, N, {"embedded": N})
    assert (encoder.n_photos, len(encoder.texts)) == (N, N)
    again, encoder = run(catalog, folder)
    assert (again["written"], again["photos"]) == (0, {"kept": N, "embedded": 0})
    assert (encoder.n_photos, encoder.texts) == (0, [])


def test_a_changed_photo_and_a_changed_text_are_embedded_anew_and_nothing_else(catalog, folder):
    run(catalog, folder)
    photo("green").save(folder / "3.png")
    catalog.upsert([product("p4", image="4.png", description="New words.")])
    report, encoder = run(catalog, folder)
    assert (report["written"], encoder.n_photos, len(encoder.texts)) == (2, 1, 1)
    indexed = PhotoIndex(folder / "artifacts").load()
    np.testing.assert_array_equal(indexed.taken(np.array([3])).photos, encoder.embed_photos([photo("green")]))


def test_broken_photos_are_counted_and_named_and_end_nothing(catalog, folder):
    (folder / "2.png").write_bytes(b"no photo")
    catalog.upsert([product("p5", image="../5.png"), product("plain", image=None)])
    report, _ = run(catalog, folder)
    assert report["photos"] == {"embedded": N - 2, "unreadable": 1, "outside": 1, "missing": 1}
    assert report["troubles"] == {"p2": "unreadable", "p5": "outside"}
    assert len(ids(folder)) == N + 1
    photo("red").save(folder / "2.png")
    report, encoder = run(catalog, folder)
    assert (report["written"], encoder.n_photos) == (1, 1)


@pytest.mark.parametrize("killed_after", [0, 1, 2, 4])
def test_a_run_that_is_killed_is_gone_on_with(catalog, folder, monkeypatch, killed_after):
    monkeypatch.setattr(indexer, "BLOCK", 3)

    class Killed(FakeEncoder):
        def embed_photos(self, photos):
            if self.n_photos >= 3 * killed_after:
                raise KeyboardInterrupt
            return super().embed_photos(photos)

    first = Killed()
    if killed_after < 4:
        with pytest.raises(KeyboardInterrupt):
            run(catalog, folder, first)
    else:
        run(catalog, folder, first)
    report, second = run(catalog, folder)
    assert first.n_photos + second.n_photos == N
    assert len(ids(folder)) == N
    assert report["written"] == second.n_photos
    assert len(PhotoIndex(folder / "artifacts").manifest().parts) == 1


def test_products_that_the_catalogue_lost_leave_the_index(catalog, folder):
    run(catalog, folder)
    shutil.copytree(folder / "artifacts", folder / "other" / "artifacts")
    url = f"sqlite:///{folder / 'other.db'}"
    migrate(url)
    other = CatalogStore(open_database(url))
    other.upsert([product("p1", image="1.png"), product("p9", image="9.png")])
    index_photos(other._engine, folder / "other" / "artifacts", folder, encoder=FakeEncoder())
    assert ids(folder / "other") == ["p1", "p9"]
    other._engine.dispose()


def test_another_encoder_is_refused_until_all_is_made_anew(catalog, folder):
    run(catalog, folder)
    with pytest.raises(ArtifactError, match="--anew"):
        run(catalog, folder, FakeEncoder(seed=1))
    report, encoder = run(catalog, folder, FakeEncoder(seed=1), anew=True)
    assert (report["written"], encoder.n_photos) == (N, N)


def test_progress_grows_to_the_end(catalog, folder, monkeypatch):
    monkeypatch.setattr(indexer, "BLOCK", 3)
    shares = []
    run(catalog, folder, progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert len(shares) >= N / 3


def test_an_empty_catalogue_says_what_to_do(folder):
    url = f"sqlite:///{folder / 'empty.db'}"
    migrate(url)
    engine = create_engine(url)
    with pytest.raises(NotEnoughDataError, match="recommender catalog load"):
        index_photos(engine, folder / "artifacts", folder, encoder=FakeEncoder())
    engine.dispose()


def test_training_and_index_take_over_what_the_other_has_embedded(shop_folder, shop_engine, built):
    artifacts, encoder = shop_folder / "artifacts", FakeEncoder()
    index_photos(shop_engine, artifacts, built / "data", encoder=encoder)
    assert (encoder.texts, encoder.n_photos) == ([], 0)
    photo("green").save(shop_folder / "new.png")
    CatalogStore(shop_engine).upsert([product("new", image="new.png")])
    index_photos(shop_engine, artifacts, shop_folder, encoder=encoder)
    n_before = encoder.n_photos
    refresh(shop_engine, artifacts, encoder=encoder, photos=shop_folder)
    assert (len(encoder.texts), encoder.n_photos) == (1, n_before)

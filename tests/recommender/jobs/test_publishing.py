"""A training that made something worse leaves what is in use alone, unless something goes before quality."""

from dataclasses import replace

import pytest

import recommender.jobs.train
from recommender.artifacts import ArtifactStore
from recommender.base_model.protocols import Encoder
from recommender.jobs.publishing import Reason
from recommender.jobs.train import train
from recommender.models.popularity import Popularity
from recommender.selection import Selection, Trial, select
from recommender.shop.privacy import erase
from schemas import Product
from signals.catalog import CatalogStore
from signals.database import open_database
from tests.recommender.fake_encoder import FakeEncoder


@pytest.fixture
def engine(shop_folder):
    opened = open_database(f"sqlite:///{shop_folder / 'shop.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def store(shop_folder) -> ArtifactStore:
    return ArtifactStore(shop_folder / "artifacts")


def trained(engine, store, encoder: Encoder | None = None, **more):
    return train(engine, store.folder, trials=1, encoder=encoder, **more)


@pytest.fixture
def upside_down(monkeypatch):
    """What is chosen from now on ranks the least popular first."""

    def worst(*given) -> Selection:
        chosen = select(*given)
        usual = chosen.trials["popularity"].model
        reversed_ = Trial(Popularity(usual.config, -usual.popularity), 0.0)
        weights = {name: float(name == "popularity") for name in chosen.trials}
        return replace(chosen, trials={**chosen.trials, "popularity": reversed_}, weights=weights)

    monkeypatch.setattr(recommender.jobs.train, "select", worst)


def test_a_blend_as_good_as_before_is_published_with_both_figures_in_its_manifest(engine, store):
    before = store.current_version()
    training = trained(engine, store)
    manifest = store.load().manifest
    assert (training.published, training.reason) == (True, Reason.NOT_WORSE)
    assert training.manifest == manifest
    assert manifest.comparison == training.comparison
    assert training.comparison.version == before
    assert training.comparison.in_use == training.comparison.new
    assert training.comparison.difference == (0.0, 0.0)


def test_a_worse_blend_leaves_the_artifacts_in_use_as_they_were(engine, store, upside_down):
    before = store.manifest()
    training = trained(engine, store)
    assert (training.published, training.reason) == (False, Reason.WORSE)
    assert training.comparison.new < training.comparison.in_use
    assert training.comparison.difference[1] < 0
    assert training.manifest == store.manifest() == before
    assert [path.name for path in store.folder.iterdir() if path.is_dir()] == [before.version]


def test_a_worse_blend_is_published_where_that_is_asked_for(engine, store, upside_down):
    training = trained(engine, store, publish_anyway=True)
    assert (training.published, training.reason) == (True, Reason.WORSE)
    assert store.manifest().comparison == training.comparison
    assert store.current_version() == training.manifest.version != training.comparison.version


def test_a_worse_blend_is_published_where_the_one_in_use_holds_an_erased_shopper(engine, store, upside_down):
    erase(engine, store, "shopper-00001")
    training = trained(engine, store)
    assert (training.published, training.reason, training.comparison) == (True, Reason.ERASED, None)
    assert store.manifest().erased_pending == ()


@pytest.mark.parametrize(("new_products", "reason"), [(6, Reason.WORSE), (7, Reason.CATALOGUE)])
def test_a_worse_blend_is_published_where_the_one_in_use_lacks_a_twentieth_of_the_products(
    engine, store, upside_down, new_products, reason
):
    products = [Product(item_id=f"new-{number}", title="Something New") for number in range(new_products)]
    CatalogStore(engine).upsert(products)
    training = trained(engine, store)
    assert (training.published, training.reason) == (reason is Reason.CATALOGUE, reason)


def test_a_worse_blend_is_published_where_the_one_in_use_has_no_embeddings_of_the_encoder(engine, store, upside_down):
    assert trained(engine, store, FakeEncoder()).reason is Reason.WORSE
    training = trained(engine, store, FakeEncoder(seed=1))
    assert (training.published, training.reason) == (True, Reason.EMBEDDINGS)


def test_without_photos_before_the_first_training_with_a_folder_of_photos_is_published(
    engine, store, upside_down, built
):
    trained(engine, store, FakeEncoder(seed=1))
    assert trained(engine, store, FakeEncoder(seed=1)).reason is Reason.NOT_WORSE
    assert trained(engine, store, FakeEncoder(seed=1), photos=built / "data").reason is Reason.EMBEDDINGS


def test_the_first_artifacts_and_those_in_place_of_damaged_ones_are_published(engine, store, upside_down, tmp_path):
    assert trained(engine, ArtifactStore(tmp_path / "first")).reason is Reason.FIRST
    (store.folder / store.current_version() / "items.safetensors").write_bytes(b"")
    assert trained(engine, store).reason is Reason.FIRST

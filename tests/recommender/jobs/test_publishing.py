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
from tests.recommender.fake_encoder import FakeEncoder


def trained(shop_engine, shop_store, encoder: Encoder | None = None, **more):
    return train(shop_engine, shop_store.folder, trials=1, encoder=encoder, **more)


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


def test_a_blend_as_good_as_before_is_published_with_both_figures_in_its_manifest(shop_engine, shop_store, built):
    before = shop_store.current_version()
    training = trained(shop_engine, shop_store, FakeEncoder(), photos=built / "data")
    manifest = shop_store.load().manifest
    assert (training.published, training.reason) == (True, Reason.NOT_WORSE)
    assert training.manifest == manifest
    assert manifest.comparison == training.comparison
    assert training.comparison.version == before
    assert training.comparison.in_use == training.comparison.new
    assert training.comparison.difference == (0.0, 0.0)


def test_a_worse_blend_leaves_the_artifacts_in_use_as_they_were(shop_engine, shop_store, upside_down):
    before = shop_store.manifest()
    training = trained(shop_engine, shop_store)
    assert (training.published, training.reason) == (False, Reason.WORSE)
    assert training.comparison.new < training.comparison.in_use
    assert training.comparison.difference[1] < 0
    assert training.manifest == shop_store.manifest() == before
    assert [path.name for path in shop_store.folder.iterdir() if path.is_dir()] == [before.version]


def test_a_worse_blend_is_published_where_that_is_asked_for(shop_engine, shop_store, upside_down):
    training = trained(shop_engine, shop_store, publish_anyway=True)
    assert (training.published, training.reason) == (True, Reason.WORSE)
    assert shop_store.manifest().comparison == training.comparison
    assert shop_store.current_version() == training.manifest.version != training.comparison.version


@pytest.mark.full
def test_a_worse_blend_is_published_where_the_one_in_use_holds_an_erased_shopper(shop_engine, shop_store, upside_down):
    erase(shop_engine, shop_store, "shopper-00001")
    training = trained(shop_engine, shop_store)
    assert (training.published, training.reason, training.comparison) == (True, Reason.ERASED, None)
    assert shop_store.manifest().erased_pending == ()


@pytest.mark.parametrize(("new_products", "reason"), [(6, Reason.WORSE), (7, Reason.CATALOGUE)])
def test_a_worse_blend_is_published_where_the_one_in_use_lacks_a_twentieth_of_the_products(
    shop_engine, shop_store, upside_down, new_products, reason
):
    products = [Product(item_id=f"new-{number}", title="Something New") for number in range(new_products)]
    CatalogStore(shop_engine).upsert(products)
    training = trained(shop_engine, shop_store)
    assert (training.published, training.reason) == (reason is Reason.CATALOGUE, reason)


@pytest.mark.full
def test_a_worse_blend_is_published_where_the_one_in_use_has_no_embeddings_of_the_encoder(
    shop_engine, shop_store, upside_down
):
    assert trained(shop_engine, shop_store, FakeEncoder()).reason is Reason.WORSE
    training = trained(shop_engine, shop_store, FakeEncoder(seed=1))
    assert (training.published, training.reason) == (True, Reason.EMBEDDINGS)


@pytest.mark.full
def test_without_photos_before_the_first_training_with_a_folder_of_photos_is_published(
    shop_engine, shop_store, upside_down, built
):
    trained(shop_engine, shop_store, FakeEncoder(seed=1))
    assert trained(shop_engine, shop_store, FakeEncoder(seed=1)).reason is Reason.NOT_WORSE
    assert trained(shop_engine, shop_store, FakeEncoder(seed=1), photos=built / "data").reason is Reason.EMBEDDINGS


def test_the_first_artifacts_and_those_in_place_of_damaged_ones_are_published(
    shop_engine, shop_store, upside_down, tmp_path
):
    assert trained(shop_engine, ArtifactStore(tmp_path / "first")).reason is Reason.FIRST
    (shop_store.folder / shop_store.current_version() / "items.safetensors").write_bytes(b"")
    assert trained(shop_engine, shop_store).reason is Reason.FIRST

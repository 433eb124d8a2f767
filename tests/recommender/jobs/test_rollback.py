"""Going back one training: what answers then, and what never comes back."""

import pytest

from recommender.artifacts import ArtifactStore
from recommender.errors import ArtifactError
from recommender.jobs.rollback import roll_back
from recommender.jobs.train import train
from signals.privacy import erase_shopper


@pytest.fixture
def first(shop_store) -> str:
    return shop_store.current_version()


@pytest.fixture
def second(shop_engine, shop_store, first) -> str:
    return train(shop_engine, shop_store.folder, trials=1, encoder=None).manifest.version


def test_an_open_shop_answers_from_the_version_before_once_it_reloads(shop_engine, shop_store, first, second, shop):
    shop.reload()
    assert roll_back(shop_engine, shop_store.folder).version == first
    assert shop.recommend(None, k=1).model_version == second
    assert shop.reload() == first
    assert shop.recommend(None, k=1).model_version == first


def test_a_named_version_leads_back_again(shop_engine, shop_store, first, second):
    roll_back(shop_engine, shop_store.folder)
    with pytest.raises(ArtifactError, match="no artifacts from before"):
        roll_back(shop_engine, shop_store.folder)
    assert roll_back(shop_engine, shop_store.folder, second).version == shop_store.current_version() == second


def test_the_version_in_use_and_one_that_is_not_kept_are_refused(shop_engine, shop_store, first, second):
    with pytest.raises(ArtifactError, match="in use already"):
        roll_back(shop_engine, shop_store.folder, second)
    with pytest.raises(ArtifactError, match=f"'1999' are no longer in .*; kept are: {first}, {second}"):
        roll_back(shop_engine, shop_store.folder, "1999")
    assert shop_store.current_version() == second


def test_a_version_that_holds_an_erased_shopper_never_comes_back(shop_engine, shop_store, first, second):
    """The erasure has come to the database and not yet to the artifacts, as where these were out of reach."""
    erase_shopper(shop_engine, "shopper-00001")
    with pytest.raises(ArtifactError, match=r"who were erased since they were made.*run `recommender train`"):
        roll_back(shop_engine, shop_store.folder)
    assert shop_store.current_version() == second


def test_a_version_whose_manifest_names_what_is_pending_never_comes_back(shop_engine, shop_store, first, second):
    path = shop_store.folder / first / "manifest.json"
    path.write_text(path.read_text().replace('"erased_pending": []', '"erased_pending": ["als"]'))
    with pytest.raises(ArtifactError, match="may not come back into use"):
        roll_back(shop_engine, shop_store.folder)


def test_a_shopper_who_is_erased_at_that_very_moment_is_pending_in_what_comes_back(
    shop_engine, shop_store, first, second, monkeypatch
):
    use = ArtifactStore.use

    def erase_first(shop_store, version):
        erase_shopper(shop_engine, "shopper-00001")
        return use(shop_store, version)

    monkeypatch.setattr(ArtifactStore, "use", erase_first)
    manifest = roll_back(shop_engine, shop_store.folder)
    assert set(manifest.erased_pending) == set(manifest.members)
    assert shop_store.current_version() == manifest.version
    assert [path.name for path in shop_store.folder.iterdir() if path.is_dir()] == [manifest.version]


def test_a_training_compares_with_the_version_that_is_back(shop_engine, shop_store, first, second):
    roll_back(shop_engine, shop_store.folder)
    assert train(shop_engine, shop_store.folder, trials=1, encoder=None, photos=None).comparison.version == first

"""A refresh keeps what was chosen and knows what is new, and hands on nothing of a shopper who was erased."""

from datetime import UTC, datetime

import numpy as np
import pytest

from recommender.errors import ArtifactError
from recommender.jobs.publishing import Reason
from recommender.jobs.train import refresh, train
from recommender.models.als import ALS
from recommender.shop.privacy import erase
from schemas import Event, Product
from signals.catalog import CatalogStore
from tests.recommender.fake_encoder import FakeEncoder
from tests.signals.shops import store as store_events

LATER = datetime(2026, 11, 20, tzinfo=UTC)


def bought(shop_engine, item: str, shoppers: int = 30) -> None:
    CatalogStore(shop_engine).upsert([Product(item_id=item, title="Something New")])
    store_events(
        shop_engine,
        *(
            Event(
                event_id=f"{item}-{number}",
                kind="purchase",
                user_id=f"shopper-{number:05d}",
                item_id=item,
                occurred_at=LATER,
            )
            for number in range(1, shoppers + 1)
        ),
    )


def test_members_configurations_weights_and_figures_stay_and_the_data_are_new(shop_engine, shop_store):
    before = shop_store.manifest()
    bought(shop_engine, "new")
    training = refresh(shop_engine, shop_store.folder, encoder=None)
    after = shop_store.manifest()
    assert (training.reason, training.published, training.comparison) == (Reason.REFRESHED, True, None)
    assert training.manifest == after
    assert (after.members, after.validation_ndcg) == (before.members, before.validation_ndcg)
    assert (after.refreshed, before.refreshed) == (before.version, None)
    assert after.as_of > LATER > before.as_of
    artifacts = shop_store.load()
    assert artifacts.models["popularity"].popularity[artifacts.items.index("new")] >= 30


def test_what_did_not_change_is_not_embedded_again(shop_engine, shop_store):
    bought(shop_engine, "new")
    encoder = FakeEncoder()
    refresh(shop_engine, shop_store.folder, encoder=encoder)
    assert len(encoder.texts) == 1
    assert shop_store.load().embeddings_of(encoder)


def test_als_goes_on_from_the_factors_in_use_and_the_others_are_fitted_anew(shop_engine, shop_store, monkeypatch):
    begun = []
    refreshed_als = ALS.refreshed

    def remembered(model, dataset, places, *, rng):
        begun.append(model.factors)
        return refreshed_als(model, dataset, places, rng=rng)

    monkeypatch.setattr(ALS, "refreshed", remembered)
    before = shop_store.load()
    refresh(shop_engine, shop_store.folder, encoder=None)
    after = shop_store.load()
    np.testing.assert_array_equal(begun, [before.models["als"].factors])
    for name in ("popularity", "item_neighbors"):
        for array, values in before.models[name].arrays().items():
            np.testing.assert_array_equal(after.models[name].arrays()[array], values)


def test_artifacts_that_hold_an_erased_shopper_are_replaced_by_a_whole_training(shop_engine, shop_store):
    erase(shop_engine, shop_store, "shopper-00001")
    training = refresh(shop_engine, shop_store.folder, encoder=None)
    assert (training.reason, training.manifest.refreshed) == (Reason.ERASED, None)
    assert (training.manifest.erased, training.manifest.erased_pending) == ({}, ())
    assert [path.name for path in shop_store.folder.iterdir() if path.is_dir()] == [training.manifest.version]


def test_without_artifacts_there_is_nothing_to_refresh(shop_engine, tmp_path):
    with pytest.raises(ArtifactError, match="run `recommender train"):
        refresh(shop_engine, tmp_path / "none", encoder=None)


def test_a_training_after_a_refresh_compares_with_its_recipe(shop_engine, shop_store, built):
    embedding = {"encoder": FakeEncoder(), "photos": built / "data"}
    version = refresh(shop_engine, shop_store.folder, **embedding).manifest.version
    comparison = train(shop_engine, shop_store.folder, trials=1, **embedding).comparison
    assert (comparison.version, comparison.refitted, comparison.difference) == (version, True, (0.0, 0.0))


def test_progress_only_goes_on(shop_engine, shop_store):
    shares = []
    refresh(shop_engine, shop_store.folder, encoder=FakeEncoder(), progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] < 1

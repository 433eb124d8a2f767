"""Erasing a shopper from a trained shop: database, artifacts and the shop that is open."""

import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from recommender.artifacts import ArtifactStore
from recommender.errors import ArtifactError, BadRequestError
from recommender.jobs.reading import Source
from recommender.jobs.train import train
from recommender.models.item_neighbors import ItemNeighbors
from recommender.models.linear import Linear
from recommender.models.next_items import NextItems
from recommender.models.popularity import Popularity
from recommender.models.repeat import Repeat
from recommender.selection import Selection
from recommender.shop import Shop
from recommender.shop.privacy import erase, settle_erasures
from recommender.shop.requests import WEIGHTS
from schemas import Event
from signals.database import open_database
from signals.errors import UnknownShopperError
from signals.ingest import ingest_events, load_catalog
from signals.interactions import histories
from signals.privacy import erase_shopper
from tests.signals.shops import event
from tests.signals.shops import store as store_events

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def shoppers(shop_engine) -> list[str]:
    """Those with most purchases."""
    buyers = "SELECT user_id FROM events WHERE kind = 'purchase' AND user_id IS NOT NULL"
    with shop_engine.connect() as connection:
        return list(connection.scalars(text(f"{buyers} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5")))


def quick(shop_engine, shop_store) -> None:
    train(shop_engine, shop_store.folder, trials=1, encoder=None)


def popularity(shop_store):
    return shop_store.load().models["popularity"].popularity


def test_sums_are_what_the_others_give_and_the_rest_is_pending(shop_engine, shop_store, shoppers):
    before = shop_store.load()
    erased = erase(shop_engine, shop_store, shoppers[0])
    assert set(erased.pending) == set(before.models) - {"content", "popularity", "repeat"}
    assert erased.counts["events"] > 3
    assert erased.refit_before - datetime.now(UTC) < timedelta(days=30)
    config = before.manifest.members["popularity"].config
    half_life = config["half_life_days"]
    others = histories(shop_engine, before.manifest.as_of)
    index = before.items.find(others["item_id"].tolist())
    ages = (before.manifest.as_of - others["occurred_at"]) / timedelta(days=1)
    weights = np.maximum(others["kind"].map(WEIGHTS).to_numpy(float), 0)
    worth = np.where(weights > 0, weights ** config["weight_power"], 0)
    worth *= 0.5 ** (ages / half_life) if half_life else 1
    expected = np.bincount(index, worth, minlength=len(before.items))
    np.testing.assert_allclose(popularity(shop_store), expected, rtol=1e-4)


def test_a_second_erasure_takes_nothing_away_twice(shop_engine, shop_store, shoppers):
    erase(shop_engine, shop_store, shoppers[0])
    once = popularity(shop_store).copy()
    item = shop_store.load().items.ids([0])[0]
    store_events(shop_engine, event("late", "view", shoppers[0], item))
    assert erase(shop_engine, shop_store, shoppers[0]).counts["events"] == 1
    np.testing.assert_array_equal(popularity(shop_store), once)


def test_no_version_of_before_is_kept(shop_engine, shop_store, shoppers):
    quick(shop_engine, shop_store)
    erase(shop_engine, shop_store, shoppers[0])
    assert len(list(shop_store.folder.glob("*/manifest.json"))) == 1
    quick(shop_engine, shop_store)
    assert len(list(shop_store.folder.glob("*/manifest.json"))) == 1


def test_training_clears_what_is_pending(shop_engine, shop_store, shoppers):
    erase(shop_engine, shop_store, shoppers[0])
    quick(shop_engine, shop_store)
    manifest = shop_store.load().manifest
    assert (manifest.erased, manifest.erased_pending, manifest.refit_before) == ({}, (), None)


def test_a_shopper_erased_during_a_training_is_pending_in_what_it_leaves(
    shop_engine, shop_store, shoppers, monkeypatch
):
    refit = Selection.refit

    def erase_afterwards(*given):
        models = refit(*given)
        erase(shop_engine, shop_store, shoppers[0])
        return models

    monkeypatch.setattr(Selection, "refit", erase_afterwards)
    quick(shop_engine, shop_store)
    manifest = shop_store.load().manifest
    assert set(manifest.erased_pending) == set(manifest.members)


def test_an_erasure_that_ended_before_it_came_to_the_artifacts_is_made_good_by_the_next(
    shop_engine, shop_store, shoppers
):
    erase_shopper(shop_engine, shoppers[0])
    erase(shop_engine, shop_store, shoppers[1])
    manifest = shop_store.load().manifest
    assert len(manifest.erased) == 2
    assert "popularity" in manifest.erased_pending


def test_an_artifact_saved_by_another_in_between_is_not_lost(shop_engine, shop_store, shoppers, monkeypatch):
    erase_shopper(shop_engine, shoppers[0])
    current = shop_store.current_version()
    versions = iter(["another", current, current])
    saved = []
    monkeypatch.setattr(shop_store, "current_version", lambda: next(versions))
    save = shop_store.save
    monkeypatch.setattr(shop_store, "save", lambda *given, **more: saved.append(save(*given, **more)))
    settle_erasures(shop_engine, shop_store)
    assert len(saved) == 1
    assert next(versions) == current


def test_without_artifacts_the_database_alone_is_erased(shop_engine, tmp_path, shoppers):
    erased = erase(shop_engine, ArtifactStore(tmp_path / "none"), shoppers[0])
    assert (erased.pending, erased.refit_before) == ((), None)
    assert not (tmp_path / "none").exists()


def test_the_open_shop_knows_nothing_of_the_shopper_at_once(shop, shoppers):
    assert shop.recommend(shoppers[0]).personalized
    before = shop.recommend(None)
    erased = shop.erase(shoppers[0])
    assert erased.counts["requests"] == 1
    after = shop.recommend(shoppers[0])
    assert after.cold_start
    assert not after.personalized
    assert after.model_version > before.model_version
    np.testing.assert_array_equal(
        shop._serving.view().artifacts.models["popularity"].popularity, popularity(shop._store)
    )


def test_what_the_shopper_does_later_counts_again(shop, shoppers):
    shop.erase(shoppers[0])
    item = shop.recommend(None).items[0].item_id
    shop.record([Event(event_id="new", kind="view", user_id=shoppers[0], item_id=item, occurred_at=NOW)])
    assert shop.recommend(shoppers[0]).personalized


def test_events_on_their_way_are_erased_too(shop, shop_engine, shoppers):
    item = shop.recommend(None).items[0].item_id
    for number in range(50):
        queued = event(f"n{number}", "view", shoppers[0], item)
        shop.record([queued], wait=False)
    shop.erase(shoppers[0])
    with shop_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM events WHERE user_id = :user"), {"user": shoppers[0]}) == 0
    assert shop.record([queued]).duplicated == 1


def test_an_export_holds_the_request_that_was_just_answered(shop, shoppers):
    answer = shop.recommend(shoppers[0], k=3)
    document = shop.export_shopper(shoppers[0])
    (request,) = document["requests"]
    assert request["request_id"] == answer.request_id
    assert [row["item_id"] for row in request["shown"]] == [item.item_id for item in answer.items]


def test_a_shopper_nobody_knows_is_an_error_and_changes_no_artifact(shop):
    version = shop._store.current_version()
    with pytest.raises(UnknownShopperError):
        shop.erase("nobody")
    with pytest.raises(UnknownShopperError):
        shop.export_shopper("nobody")
    with pytest.raises(BadRequestError):
        shop.erase("")
    assert shop._store.current_version() == version


def test_no_byte_of_the_shop_names_an_erased_shopper(shop, shop_folder, shoppers):
    shutil.rmtree(shop_folder / "data")
    shop.recommend(shoppers[0])
    shop.chat([{"role": "user", "content": "a mug"}], user_id=shoppers[0])
    shop.export_shopper(shoppers[0])
    shop.erase(shoppers[0])
    for path in shop_folder.rglob("*"):
        assert path.is_dir() or shoppers[0].encode() not in path.read_bytes(), path


def test_artifacts_past_the_deadline_are_not_opened_until_trained_again(shop_engine, shop_store, shop_folder, shoppers):
    erase(shop_engine, shop_store, shoppers[0])
    old = shop_store.load()
    passed = {mark: at - timedelta(days=31) for mark, at in old.manifest.erased.items()}
    old.manifest = old.manifest.model_copy(update={"erased": passed, "version": "9"})
    shop_store.save(old)
    url = f"sqlite:///{shop_folder / 'shop.db'}"
    with pytest.raises(ArtifactError, match="may no longer be used; run `recommender train`"):
        Shop.open(url, shop_store.folder, base_model="none")
    quick(shop_engine, shop_store)
    with Shop.open(url, shop_store.folder, base_model="none") as shop:
        assert shop.recommend(shoppers[1]).items


CLOSED_FORM = (Popularity, Repeat, ItemNeighbors, NextItems, Linear)


def test_the_closed_form_models_of_an_erased_shopper_are_those_fitted_without_them(shop_folder, shop_engine, shoppers):
    """Once with the shopper's events erased from the database, and once with a database that never had them."""
    erased = shoppers[0]
    events = pd.read_parquet(shop_folder / "data" / "events.parquet")
    visits = events.loc[(events["kind"] == "alias") & (events["user_id"] == erased), "anonymous_id"]
    others = events[(events["user_id"] != erased) & ~(events["user_id"].isna() & events["anonymous_id"].isin(visits))]
    others.to_parquet(shop_folder / "others.parquet", index=False)
    never = open_database(f"sqlite:///{shop_folder / 'never.db'}")
    load_catalog(never, shop_folder / "data" / "products.jsonl", "canonical", rejected=shop_folder / "p.rejected")
    ingest_events(never, shop_folder / "others.parquet", "canonical", rejected=shop_folder / "e.rejected")
    as_of = Source.of(shop_engine).end
    with_them = Source.of(shop_engine).dataset(as_of)
    erase_shopper(shop_engine, erased)
    after, without = Source.of(shop_engine).dataset(as_of), Source.of(never).dataset(as_of)
    assert len(with_them.users) == len(after.users) + 1 == len(without.users) + 1
    for model in CLOSED_FORM:
        before, left, fresh = (
            model.fit(dataset, model.Config(), rng=np.random.default_rng(0)).scores(without.histories)
            for dataset in (with_them, after, without)
        )
        np.testing.assert_allclose(left, fresh, rtol=1e-6, atol=1e-6, err_msg=model.__name__)
        assert np.abs(before - fresh).max() > 1e-4, model.__name__
    never.dispose()

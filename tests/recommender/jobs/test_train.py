"""Training embeds the catalogue, keeps what did not change, and can do without."""

import numpy as np
import pytest

from recommender.artifacts import ArtifactStore
from recommender.dataset import Histories
from recommender.errors import ArtifactError
from recommender.jobs.train import train
from recommender.shop import Shop
from schemas import Product
from signals.database import open_database
from tests.recommender.fake_encoder import FakeEncoder


@pytest.fixture
def trained(shop_folder, built):
    """Train the shop again, with other arguments; the photos lie where they were drawn."""
    engine = open_database(f"sqlite:///{shop_folder / 'shop.db'}")

    def run(**arguments):
        given = {"trials": 1, "photos": built / "data"} | arguments
        training = train(engine, shop_folder / "artifacts", **given)
        return training.manifest, ArtifactStore(shop_folder / "artifacts").load()

    yield run
    engine.dispose()


def test_a_second_training_embeds_nothing_again_but_what_changed(trained, shop_folder):
    before = ArtifactStore(shop_folder / "artifacts").load()
    with Shop.open(f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts") as shop:
        changed = shop.recommend(None, k=1).items[0].row
        product = {"item_id": changed.item_id, "title": "Quite Another Thing", "image": changed.image}
        shop.upsert([product])
    encoder, shares = FakeEncoder(), []
    manifest, after = trained(encoder=encoder, progress=lambda share, _: shares.append(share))

    assert [text.partition(",")[0] for text in encoder.texts] == ["Quite Another Thing"]
    assert encoder.n_photos == 0
    assert manifest.embedded_by.photos == {"embedded": 0, "kept": len(after.items)}
    assert shares == sorted(shares)
    assert shares[-1] < 1
    index = after.items.index(changed.item_id)
    differing = (before.embeddings.text != after.embeddings.text).any(axis=1)
    assert differing.nonzero()[0].tolist() == [index]


def test_the_manifest_says_whose_vectors_there_are_and_what_became_of_the_photos(built):
    artifacts = ArtifactStore(built / "artifacts").load()
    by = artifacts.manifest.embedded_by
    assert (by.encoder, by.digest) == ("fake", FakeEncoder().digest)
    assert by.photos == {"embedded": len(artifacts.items)}
    assert artifacts.embeddings.has_photo.all()


def test_without_an_encoder_nothing_is_embedded_and_the_rest_is_as_before(trained):
    manifest, artifacts = trained(encoder=None)
    assert manifest.embedded_by is None
    assert "content" not in manifest.members
    with pytest.raises(ArtifactError, match="run `recommender train`"):
        artifacts.embeddings_of(FakeEncoder())


def test_a_product_without_any_event_is_found_by_content_for_those_who_took_what_is_like_it(trained, shop_folder):
    """It has the title and the brand of another product, and nobody has ever looked at it."""
    with Shop.open(f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts", encoder=FakeEncoder()) as shop:
        row = shop.recommend(None, k=1).items[0].row
        shop.upsert([Product(item_id="new", **row.model_dump(include={"title", "brand", "category", "attributes"}))])
    _, artifacts = trained(encoder=FakeEncoder())
    new, like = artifacts.items.indexes(["new", row.item_id])
    assert artifacts.models["popularity"].popularity[new] == 0
    others = np.setdiff1d(np.arange(len(artifacts.items)), [new, like])
    scores = artifacts.models["content"].scores(Histories.from_lists([[like]]))[0]
    assert scores[new] > np.quantile(scores[others], 0.9)


def test_with_repeats_the_blend_is_chosen_by_what_was_bought_again_as_well(trained):
    new, _ = trained(encoder=None)
    everything, _ = trained(encoder=None, repeats=True, publish_anyway=True)
    assert (new.repeats, everything.repeats) == (False, True)
    assert everything.validation_queries >= new.validation_queries
    assert everything.members["repeat"].ndcg > new.members["repeat"].ndcg


def test_damaged_artifacts_do_not_keep_a_training_from_replacing_them(trained, shop_folder):
    store = ArtifactStore(shop_folder / "artifacts")
    (shop_folder / "artifacts" / store.current_version() / "embeddings.safetensors").write_bytes(b"")
    encoder = FakeEncoder()
    manifest, artifacts = trained(encoder=encoder)
    assert len(encoder.texts) == len(artifacts.items)
    assert store.current_version() == manifest.version

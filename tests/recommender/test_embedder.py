"""Embedding a catalogue: what is embedded, what is kept from the last training, and what becomes of bad photos."""

from datetime import UTC, datetime

import numpy as np
import pytest

from recommender import embedder as embedding
from recommender.artifacts import Artifacts, EmbeddedBy, Manifest, Member
from recommender.embedder import Embedder, described
from recommender.ids import IdMap
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.photo_files import PhotoFolder
from tests.recommender.catalogs import frame, variant
from tests.recommender.embedded import photo
from tests.recommender.fake_encoder import FakeEncoder


def product(item, **fields):
    return variant(item, **{"title": f"Thing {item}", "image": f"{item}.png", **fields})


@pytest.fixture
def folder(tmp_path):
    for item, colour in (("a", "red"), ("b", "blue"), ("c", "green")):
        photo(colour).save(tmp_path / f"{item}.png")
    return PhotoFolder(tmp_path)


def embed(rows, folder=None, before=None, encoder=None):
    catalog = frame(*rows)
    items = IdMap.from_ids(catalog["item_id"])
    embedder = Embedder(encoder or FakeEncoder(), folder, [(before.items, before.embeddings)] if before else ())
    made = embedder.embed(catalog, items)
    return embedder, artifacts(items, made)


def artifacts(items, embeddings):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    manifest = Manifest(
        version="1",
        created_at=now,
        first_event_at=now,
        as_of=now,
        seed=0,
        counts={},
        members={"popularity": Member(weight=1, config={}, ndcg=None)},
        validation_ndcg=None,
        validation_queries=0,
        libraries={},
        embedded_by=EmbeddedBy(encoder=embeddings.encoder, digest=embeddings.digest),
    )
    popularity = Popularity(PopularityConfig(), np.zeros(len(items), dtype=np.float32))
    return Artifacts(manifest, items, {"popularity": popularity}, embeddings)


THREE = [product("a"), product("b"), product("c")]


def test_a_text_says_what_a_product_is_in_all_its_variants():
    rows = [
        product(
            "a", variant_id="1", title="Mug", brand="Aldby", category=("Kitchen", "Mugs"), description="<b>Warm.</b>"
        ),
        product("a", variant_id="2", title="Mug", brand="Aldby", category=("Kitchen", "Mugs"), image="other.png"),
    ]
    rows[0]["attributes"], rows[1]["attributes"] = {"color": ("red",)}, {"color": ("blue",), "size": ("L",)}
    (one,) = described(frame(*rows)).values()
    assert one.text == "Mug, Aldby, Mugs, Kitchen, red, blue, L. Warm"
    assert one.images == ("a.png", "other.png")


def test_every_product_has_a_text_and_a_photo_vector_at_its_index(folder):
    embedder, made = embed(reversed(THREE), folder)
    encoder, vectors = FakeEncoder(), made.embeddings
    np.testing.assert_array_equal(vectors.text[1], encoder.embed_text([described(frame(THREE[1]))["b"].text])[0])
    np.testing.assert_array_equal(vectors.photos[2], encoder.embed_photos([photo("green")])[0])
    assert vectors.has_photo.all()
    assert embedder.photos == {"embedded": 3}


def test_a_product_without_a_photo_has_a_row_of_zeros(folder):
    embedder, made = embed([product("a"), product("b", image=None)], folder)
    assert made.embeddings.has_photo.tolist() == [True, False]
    assert not made.embeddings.photos[1].any()
    assert embedder.photos == {"embedded": 1, "missing": 1}


def test_without_a_folder_no_photo_is_looked_at():
    embedder, made = embed(THREE)
    assert not made.embeddings.has_photo.any()
    assert not embedder.photos
    assert embedder.encoder.n_photos == 0


def test_bad_photos_are_counted_and_end_nothing(folder):
    (folder.folder / "b.png").write_bytes(b"not a photo")
    rows = [*THREE, product("d", image="http://shop/d.png"), product("e", image="../e.png")]
    embedder, made = embed(rows, folder)
    assert embedder.photos == {"embedded": 2, "unreadable": 1, "remote": 1, "outside": 1}
    assert made.embeddings.has_photo.tolist() == [True, False, True, False, False]


def test_a_second_training_embeds_only_what_changed(folder):
    _, before = embed(THREE, folder)
    photo("white").save(folder.folder / "c.png")
    changed = [product("a"), product("b", title="Another thing"), product("c"), product("aa", image=None)]
    second, after = embed(changed, folder, before)
    assert sorted(second.encoder.texts) == ["Another thing.", "Thing aa."]
    assert second.encoder.n_photos == 1
    assert second.photos == {"kept": 2, "embedded": 1, "missing": 1}
    _, afresh = embed(changed, folder)
    np.testing.assert_array_equal(after.embeddings.text, afresh.embeddings.text)
    np.testing.assert_array_equal(after.embeddings.photos, afresh.embeddings.photos)
    assert after.embeddings.alike == afresh.embeddings.alike


def test_what_another_encoder_made_is_not_kept(folder):
    _, before = embed(THREE, folder)
    other = FakeEncoder(seed=1)
    second, _ = embed(THREE, folder, before, other)
    assert len(other.texts) == other.n_photos == 3
    assert second.photos == {"embedded": 3}


def test_many_products_are_embedded_a_batch_at_a_time_with_progress(folder, monkeypatch):
    monkeypatch.setattr(embedding, "BATCH", 2)
    catalog, shares = frame(*THREE), []
    made = Embedder(FakeEncoder(), folder).embed(
        catalog, IdMap.from_ids(catalog["item_id"]), lambda share, text: shares.append((share, text))
    )
    assert shares == [(0.0, "embedding 3 products"), (2 / 3, "embedding 3 products")]
    np.testing.assert_array_equal(made.text, embed(THREE)[1].embeddings.text)

"""ItemEmbeddings: what they hold, whose they are, and when two photos look alike."""

import numpy as np
import pytest

from recommender.embeddings import ItemEmbeddings, alike_cosine
from recommender.errors import ArtifactError
from tests.recommender.embedded import embeddings
from tests.recommender.fake_encoder import FakeEncoder

RNG = np.random.default_rng(0)


def test_the_arrays_make_the_same_embeddings_again():
    made = embeddings(["red mug", "blue lamp"], photos={1: "blue"})
    again = ItemEmbeddings.from_arrays(made.encoder, made.digest, made.arrays())
    np.testing.assert_array_equal(again.text, made.text)
    np.testing.assert_array_equal(again.photos, made.photos)
    assert again.has_photo.tolist() == [False, True]
    assert again.alike == made.alike


def test_another_encoder_is_refused_and_told_what_to_do():
    made = embeddings(["red mug"])
    made.require(FakeEncoder())
    with pytest.raises(ArtifactError, match=r"by 'fake' .* has 'other' .* run `recommender train`"):
        made.require(FakeEncoder(name="other"))
    with pytest.raises(ArtifactError, match="run `recommender train`"):
        made.require(FakeEncoder(seed=1))


def test_rows_that_do_not_fit_together_are_refused():
    arrays = dict(embeddings(["red mug", "blue lamp"]).arrays())
    arrays["photos"] = arrays["photos"][:1]
    with pytest.raises(ValueError, match=r"photos has shape \(1, 48\), beside the texts it should be \(2, 48\)"):
        ItemEmbeddings.from_arrays("fake", "0", arrays)


def test_photos_look_alike_from_what_three_in_four_reach_with_their_nearest_other():
    angles = np.deg2rad([0, 1, 60, 61, 120, 121, 180, 181, 220, 240, 280, 320])
    photos = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    nearest = np.cos(np.deg2rad([1] * 8 + [20] * 2 + [40] * 2))
    assert alike_cosine(photos, RNG) == pytest.approx(np.quantile(nearest, 0.25), abs=1e-5)


@pytest.mark.parametrize("n_photos", [0, 1])
def test_without_other_photos_only_the_same_photo_looks_alike(n_photos):
    assert alike_cosine(np.ones((n_photos, 2), dtype=np.float32), RNG) == 1.0

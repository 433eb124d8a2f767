"""What counts where the photo index and the artifacts say different things of a product: what was made later."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.errors import ArtifactError
from recommender.ids import IdMap
from recommender.indexed import Indexed, ReadPart
from recommender.newcomers import with_index
from tests.recommender.embedded import embeddings
from tests.recommender.test_embedder import artifacts

KNOWN = IdMap.from_ids(["a", "b", "c"])
TRAINED = embeddings(["red mug", "blue mug", "green mug"], {0: "red", 1: "blue"})
BEGAN = 1_767_225_600_000_000
"""Of the training: 2026-01-01, in microseconds."""


def indexed(ids, made, times):
    return Indexed.of([ReadPart(IdMap.from_ids(ids), made, np.array(times, dtype=np.int64))])


def marked(texts, photos, mark):
    """Embeddings of other contents than those of the training."""
    made = embeddings(texts, photos)
    return replace(made, text_hashes=made.text_hashes + mark, photo_hashes=made.photo_hashes * mark)


def test_later_rows_count_and_earlier_ones_only_where_the_training_has_no_photo():
    made = marked(["black bag", "white bag", "grey bag"], {0: "black", 1: "white", 2: "grey"}, 7)
    found = with_index(artifacts(KNOWN, TRAINED), indexed("abc", made, [BEGAN - 1, BEGAN + 1, BEGAN - 1])).embeddings
    every = np.arange(3)
    np.testing.assert_array_equal(found.of("photo", every)[0], TRAINED.photos[0])
    np.testing.assert_array_equal(found.of("photo", every)[1:], made.photos[1:])
    assert found.has_photo.all()


def test_an_index_that_says_the_same_changes_nothing():
    trained = artifacts(KNOWN, TRAINED)
    assert with_index(trained, indexed("abc", TRAINED, [BEGAN + 1] * 3)).embeddings is not None
    assert with_index(trained, indexed("abc", TRAINED, [BEGAN + 1] * 3)).items is trained.items
    assert with_index(trained, None) is trained


def test_all_ways_to_ask_of_grown_embeddings_agree():
    made = marked(["black bag", "white bag", "grey bag"], {1: "white", 2: "grey"}, 7)
    grown = with_index(artifacts(KNOWN, TRAINED), indexed(["0", "b", "z"], made, [BEGAN + 1] * 3))
    assert grown.items.ids(range(5)) == ["a", "b", "c", "0", "z"]
    found, vector = grown.embeddings, TRAINED.photos[1]
    for kind in ("text", "photo"):
        rows = found.of(kind, np.arange(5))
        np.testing.assert_allclose(found.cosines(kind, vector), rows @ vector, atol=1e-6)
        np.testing.assert_array_equal(rows[[1, 3, 4]], made.rows(kind)[0][[1, 0, 2]])
        np.testing.assert_array_equal(found.of(kind, np.array([4, 0])), rows[[4, 0]])
    assert found.has_photo.tolist() == [True, True, False, False, True]
    assert (len(found), grown.n_fitted, grown.popularity.n_items) == (5, 3, 5)


def test_an_index_of_another_encoder_is_refused():
    other = replace(TRAINED, digest="another")
    with pytest.raises(ArtifactError, match="--anew"):
        with_index(artifacts(KNOWN, TRAINED), indexed("abc", other, [BEGAN] * 3))

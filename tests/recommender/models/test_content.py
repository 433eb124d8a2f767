"""Content ranks by what is said and shown of products."""

from dataclasses import replace

import numpy as np

from recommender.dataset import Dataset, Histories, ItemVectors
from recommender.ids import IdMap
from recommender.models.content import ContentConfig, ContentModel
from tests.recommender.toy import RIGHT, checkerboard, featured

NEW = 6
N_ITEMS, SIZE = 40, 8


def rng():
    return np.random.default_rng(0)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def rows(model: ContentModel) -> np.ndarray:
    """The vectors, in some basis."""
    return model.arrays()["factors"]


def random_vectors(seed=3) -> ItemVectors:
    """Vectors that have most in common, as those of one catalogue do."""
    draw = np.random.default_rng(seed)
    return ItemVectors(*(unit(draw.normal(size=(N_ITEMS, SIZE)) + 3) for _ in range(2)))


def random_dataset(embeddings: ItemVectors | None, taken=N_ITEMS) -> Dataset:
    """Shoppers who take some of the first `taken` items."""
    draw = np.random.default_rng(5)
    sequences = [draw.choice(taken, draw.integers(2, 9), replace=False) for _ in range(80)]
    ids = IdMap.from_ids(f"{item:02d}" for item in range(N_ITEMS))
    return replace(Dataset.from_histories(Histories.from_lists(sequences), ids), embeddings=embeddings)


def test_a_product_without_history_is_ranked_by_what_is_said_of_it():
    model = ContentModel.fit(featured(), ContentConfig(), rng=rng())
    left, right = model.scores(Histories.from_lists([[0, 1, 2], [3, 4, 5]]))
    assert left[NEW] > left[RIGHT].max()
    assert right[NEW] < right[RIGHT].min()


def test_the_vectors_are_centred_whitened_and_of_length_one():
    text = random_vectors().text
    config = ContentConfig(shrinkage=0.5)
    dataset = random_dataset(ItemVectors(text, np.zeros_like(text)))
    vectors = rows(ContentModel.fit(dataset, config, rng=rng()))
    centred = text.astype(np.float64) - text.mean(axis=0)
    covariance = centred.T @ centred / N_ITEMS
    shrunk = covariance + 0.5 * np.trace(covariance) / SIZE * np.eye(SIZE)
    expected = centred @ np.linalg.inv(shrunk) @ centred.T
    lengths = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(vectors @ vectors.T, expected / np.outer(lengths, lengths), atol=1e-4)


def test_a_shopper_is_the_mean_of_their_products_the_earlier_ones_counting_less():
    model = ContentModel.fit(random_dataset(random_vectors()), ContentConfig(decay=0.5), rng=rng())
    found = model.scores(Histories.from_lists([[3, 9, 14]]))[0]
    cosines = rows(model) @ rows(model)[[3, 9, 14]].T
    np.testing.assert_allclose(found, cosines @ np.array([1, 2, 4]) / 7, atol=1e-6)


def test_a_photo_moves_only_products_that_have_one():
    vectors = random_vectors()
    photos = vectors.photos.copy()
    photos[[1, 2]] = 0
    weighed = ContentConfig(text_weight=0.0, photo_weight=1.0)
    model = ContentModel.fit(random_dataset(replace(vectors, photos=photos)), weighed, rng=rng())
    assert not rows(model)[[1, 2]].any()
    np.testing.assert_allclose(np.linalg.norm(np.delete(rows(model), [1, 2], axis=0), axis=1), 1, rtol=1e-5)


def test_contributions_add_up_to_the_score():
    model = ContentModel.fit(random_dataset(random_vectors()), ContentConfig(decay=0.8), rng=rng())
    query, items = Histories.from_lists([[3, 9, 14, 3]]), np.array([0, 7, 21], dtype=np.int32)
    added = model.ask(query).contributions(items)
    np.testing.assert_allclose(added.sum(axis=1), model.scores(query, items)[0], atol=1e-5)


def test_content_sits_out_where_nothing_was_embedded():
    assert ContentModel.trials(checkerboard()) == []
    model = ContentModel.fit(checkerboard(), ContentConfig(), rng=rng())
    assert not model.scores(Histories.from_lists([[0], []])).any()


def test_photos_are_tried_only_where_there_are_some():
    with_photos = ContentModel.trials(random_dataset(random_vectors()))
    assert {trial.photo_weight for trial in with_photos} == {0.5, 0.0}
    assert {trial.photo_weight for trial in ContentModel.trials(featured())} == {0.0}


def test_erasing_a_shopper_leaves_it_as_it_is():
    model = ContentModel.fit(featured(), ContentConfig(), rng=rng())
    assert model.without(Histories.from_lists([[0, 1]]), 0) is model

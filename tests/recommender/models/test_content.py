"""Content ranks by what is said and shown of products, and lends its knowledge of what is alike to other models."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.blend import Blend
from recommender.dataset import Dataset, Histories, ItemVectors
from recommender.ids import IdMap
from recommender.models.als import ALS, ALSConfig
from recommender.models.content import ContentConfig, ContentModel
from recommender.models.kin import NEAREST, Kin, WithKin
from recommender.models.linear import Linear, LinearConfig
from recommender.models.popularity import Popularity, PopularityConfig
from tests.recommender.toy import RIGHT, checkerboard, featured

NEW = 6
N_ITEMS, SIZE = 40, 8


def rng():
    return np.random.default_rng(0)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


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
    model = ContentModel.fit(dataset, config, rng=rng())
    centred = text.astype(np.float64) - text.mean(axis=0)
    covariance = centred.T @ centred / N_ITEMS
    shrunk = covariance + 0.5 * np.trace(covariance) / SIZE * np.eye(SIZE)
    expected = centred @ np.linalg.inv(shrunk) @ centred.T
    lengths = np.sqrt(np.diag(expected))
    np.testing.assert_allclose(model.vectors @ model.vectors.T, expected / np.outer(lengths, lengths), atol=1e-4)


def test_a_shopper_is_the_mean_of_their_products_the_earlier_ones_counting_less():
    model = ContentModel.fit(random_dataset(random_vectors()), ContentConfig(decay=0.5), rng=rng())
    found = model.scores(Histories.from_lists([[3, 9, 14]]))[0]
    cosines = model.vectors @ model.vectors[[3, 9, 14]].T
    np.testing.assert_allclose(found, cosines @ np.array([1, 2, 4]) / 7, atol=1e-6)


def test_a_photo_moves_only_products_that_have_one():
    vectors = random_vectors()
    photos = vectors.photos.copy()
    photos[[1, 2]] = 0
    weighed = ContentConfig(text_weight=0.0, photo_weight=1.0)
    model = ContentModel.fit(random_dataset(replace(vectors, photos=photos)), weighed, rng=rng())
    assert not model.vectors[[1, 2]].any()
    np.testing.assert_allclose(np.linalg.norm(np.delete(model.vectors, [1, 2], axis=0), axis=1), 1, rtol=1e-5)


def test_contributions_add_up_to_the_score():
    model = ContentModel.fit(random_dataset(random_vectors()), ContentConfig(decay=0.8), rng=rng())
    query, items = Histories.from_lists([[3, 9, 14, 3]]), np.array([0, 7, 21], dtype=np.int32)
    np.testing.assert_allclose(model.contributions(query, items).sum(axis=1), model.scores(query, items)[0], atol=1e-5)


def test_content_sits_out_where_nothing_was_embedded():
    assert ContentModel.trials(checkerboard()) == []
    model = ContentModel.fit(checkerboard(), ContentConfig(), rng=rng())
    assert not model.scores(Histories.from_lists([[0], []])).any()
    assert not model.lends


def test_photos_are_tried_only_where_there_are_some():
    with_photos = ContentModel.trials(random_dataset(random_vectors()))
    assert {trial.photo_weight for trial in with_photos} == {0.5, 0.0}
    assert {trial.photo_weight for trial in ContentModel.trials(featured())} == {0.0}


def test_erasing_a_shopper_leaves_it_as_it_is():
    model = ContentModel.fit(featured(), ContentConfig(), rng=rng())
    assert model.without(Histories.from_lists([[0, 1]]), 0) is model


def test_the_kin_of_a_new_product_are_the_known_ones_most_like_it():
    vectors = unit(np.random.default_rng(1).normal(size=(N_ITEMS, SIZE)))
    known = np.arange(N_ITEMS) < 30
    kin = Kin.of(vectors, known)
    assert kin.new.tolist() == list(range(30, N_ITEMS))
    for item, nearest, shares in zip(kin.new, kin.nearest, kin.shares, strict=True):
        cosines = vectors[:30] @ vectors[item]
        expected = np.argsort(-cosines)[:NEAREST]
        assert nearest.tolist() == expected.tolist()
        np.testing.assert_allclose(shares, cosines[expected] / cosines[expected].sum(), rtol=1e-5)


def test_of_a_product_that_nothing_is_known_of_there_are_no_kin():
    vectors = unit(np.random.default_rng(1).normal(size=(N_ITEMS, SIZE)))
    vectors[35] = 0
    kin = Kin.of(vectors, np.arange(N_ITEMS) < 30)
    assert 35 not in kin.new


def test_nobody_is_kin_where_nothing_has_a_history():
    vectors = unit(np.random.default_rng(1).normal(size=(N_ITEMS, SIZE)))
    kin = Kin.of(vectors, np.zeros(N_ITEMS, dtype=np.bool_))
    assert kin.nearest.shape == (N_ITEMS, 0)


@pytest.mark.parametrize(
    ("kind", "config"), [(ALS, ALSConfig(embedding_size=8)), (Linear, LinearConfig(reg=1.0)), (Popularity, None)]
)
def test_a_new_product_scores_as_its_kin_and_the_known_ones_as_before(kind, config):
    dataset = random_dataset(random_vectors(), taken=30)
    model = kind.fit(dataset, config or PopularityConfig(), rng=rng())
    kin = ContentModel.fit(dataset, ContentConfig(), rng=rng()).kin
    queries = dataset.histories.block(0, 5)
    plain, lent = model.scores(queries), WithKin(model, kin).scores(queries)
    np.testing.assert_array_equal(lent[:, :30], plain[:, :30])
    for place, item in enumerate(kin.new):
        np.testing.assert_allclose(lent[:, item], plain[:, kin.nearest[place]] @ kin.shares[place], rtol=1e-4)


def test_with_kin_contributions_still_add_up_to_the_score():
    dataset = random_dataset(random_vectors(), taken=30)
    model = ALS.fit(dataset, ALSConfig(embedding_size=8), rng=rng())
    member = WithKin(model, ContentModel.fit(dataset, ContentConfig(), rng=rng()).kin)
    query, items = Histories.from_lists([[3, 9, 14, 3]]), np.array([38, 0, 31, 7], dtype=np.int32)
    found = member.contributions(query, items)
    np.testing.assert_allclose(found.sum(axis=1), member.scores(query)[0, items], atol=1e-4)
    known = items[[1, 3]]
    np.testing.assert_array_equal(found[[1, 3]], model.contributions(query, known))
    np.testing.assert_array_equal(member.contributions(query, known), model.contributions(query, known))


def models(dataset, **config):
    return {
        "content": ContentModel.fit(dataset, ContentConfig(**config), rng=rng()),
        "als": ALS.fit(dataset, ALSConfig(embedding_size=4), rng=rng()),
    }


def test_a_blend_recommends_a_new_product_to_those_who_took_what_is_like_it_even_where_content_has_no_weight():
    blend = Blend.of(models(featured()), {"content": 0.0, "als": 1.0})
    left, right = blend.scores(Histories.from_lists([[0], [3]]))
    assert left[NEW] > left[RIGHT].max()
    assert right[NEW] < right[RIGHT].min()
    assert set(blend.members) == {"als"}


def test_where_content_does_not_lend_the_members_are_the_models_themselves():
    fitted = models(featured(), lends=False)
    assert Blend.of(fitted, {"content": 0.5, "als": 0.5}).members == fitted


def test_where_every_product_has_a_history_nothing_is_lent():
    fitted = models(random_dataset(random_vectors()))
    assert not fitted["content"].lends
    assert Blend.of(fitted, {"als": 1.0}).members == {"als": fitted["als"]}


def test_the_parts_of_a_new_products_score_name_what_it_is_like():
    blend = Blend.of(models(featured()), {"content": 0.5, "als": 0.5})
    parts = blend.parts(Histories.from_lists([[3, 0]]), np.array([NEW], dtype=np.int32))
    assert parts.history[0, 1] > parts.history[0, 0]

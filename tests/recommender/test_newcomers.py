"""Products newer than the artifacts: scored beside the others, by content alone, and nothing else moves."""

import numpy as np
import pytest

from recommender.dataset import Histories, ItemVectors
from recommender.ids import GrownIdMap, IdMap
from recommender.models.content import ContentConfig, ContentModel
from recommender.models.grown import grown
from recommender.models.hybrid import Hybrid, HybridConfig
from recommender.models.item_neighbors import ItemNeighbors
from recommender.models.popularity import Popularity, PopularityConfig
from tests.recommender.toy import featured

N_NEWER = 3
HISTORIES = Histories.from_lists([[0, 1, 2], [3, 4, 8], [], [7]])
"""Items from 7 on are newer."""


def rng():
    return np.random.default_rng(0)


def vectors(seed=1, n=N_NEWER, size=None):
    draw = np.random.default_rng(seed)
    size = size or featured().embeddings.text.shape[1]
    return ItemVectors(*(draw.normal(size=(n, size)).astype(np.float32) for _ in range(2)))


KINDS = (
    (Popularity, PopularityConfig()),
    (ItemNeighbors, ItemNeighbors.Config()),
    (ContentModel, ContentConfig()),
    (Hybrid, HybridConfig(embedding_size=4, epochs=2)),
)


@pytest.fixture(scope="module", params=KINDS, ids=lambda one: one[0].name)
def model(request):
    kind, config = request.param
    return kind.fit(featured(), config, rng=rng())


def test_a_grown_model_says_of_its_own_items_what_it_said(model):
    assert model.n_items == 7
    whole = grown(model, vectors())
    known = HISTORIES.keep(HISTORIES.items < 7)
    if model.name != "content":
        np.testing.assert_allclose(whole.scores(HISTORIES)[:, :7], model.scores(known), atol=1e-6)
    np.testing.assert_allclose(whole.scores(known)[:, :7], model.scores(known), atol=1e-5)


def test_a_grown_model_says_the_same_whichever_way_it_is_asked(model):
    whole = grown(model, vectors())
    every = np.arange(whole.n_items, dtype=np.int32)
    total, estimates = np.zeros((1, whole.n_items), np.float32), np.zeros(whole.n_items, np.float32)
    for row, expected in enumerate(whole.scores(HISTORIES)):
        asked = whole.ask(HISTORIES.block(row, row + 1))
        np.testing.assert_allclose(asked.scores(every[::-1]), expected[::-1], atol=1e-5)
        total[:], estimates[:] = 0, 0
        spreads = whole.ask_all(HISTORIES.block(row, row + 1)).add_whole(2.0, total)
        np.testing.assert_allclose(spreads, asked.spread, atol=1e-5)
        np.testing.assert_allclose(total[0] * asked.spread, 2 * expected if asked.spread else 0, atol=1e-5)
        asked.add_estimates(every, 2.0, estimates)
        np.testing.assert_allclose(estimates, 2 * expected, atol=0.05 * max(np.abs(expected).max(), 0.1))
        assert asked.contributions(every).shape == (whole.n_items, len(asked.known))


def test_content_scores_a_newer_product_as_it_would_have_had_it_been_there():
    dataset = featured()
    model = ContentModel.fit(dataset, ContentConfig(), rng=rng())
    again = ItemVectors(dataset.embeddings.text[2:5], dataset.embeddings.photos[2:5])
    found = grown(model, again).scores(Histories.from_lists([[0, 1], [7, 8]]))
    np.testing.assert_allclose(found[:, 7:], found[:, 2:5], atol=1e-5)
    alone = model.scores(Histories.from_lists([[2, 3]]))[0]
    np.testing.assert_allclose(found[1], alone[[0, 1, 2, 3, 4, 5, 6, 2, 3, 4]], atol=1e-5)
    parts = grown(model, again).ask(Histories.from_lists([[0, 7]])).contributions(np.array([2, 7], dtype=np.int32))
    np.testing.assert_allclose(parts[0], parts[1], atol=1e-5)


def test_what_nobody_took_scores_nothing_or_the_mean_where_a_model_has_no_zero(model):
    if model.name != "content":
        found = grown(model, vectors()).scores(Histories.from_lists([[0, 1]]))[0]
        assert found[7:] == pytest.approx(found[:7].mean() if model.name == "hybrid" else 0.0, abs=1e-6)


def test_content_knows_its_projection_again_from_its_arrays():
    model = ContentModel.fit(featured(), ContentConfig(photo_weight=0.3), rng=rng())
    again = ContentModel.from_arrays(model.config, model.arrays(), model.n_items)
    np.testing.assert_array_equal(again.projected(vectors()), model.projected(vectors()))
    np.testing.assert_allclose(model.projected(featured().embeddings), model.vectors.rows, atol=1e-5)


def test_newer_ids_stand_behind_the_known_ones_and_are_found():
    ids = GrownIdMap(IdMap.from_ids(["b", "d"]), IdMap.from_ids(["a", "a-longer-one"]))
    assert len(ids) == 4
    assert ids.find(["a", "b", "c", "d", "a-longer-one", "a-longer-two"]).tolist() == [2, 0, -1, 1, 3, -1]
    assert ids.ids([0, 3]) == ["b", "a-longer-one"]

"""What each model promises beyond the contract."""

import numpy as np
import pytest
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from recommender.dataset import DAY_MICROSECONDS, Dataset, Histories
from recommender.ids import IdMap
from recommender.models.als import ALS, ALSConfig
from recommender.models.hybrid import Hybrid, HybridConfig
from recommender.models.item_neighbors import ItemNeighbors, ItemNeighborsConfig
from recommender.models.linear import Linear, LinearConfig
from recommender.models.next_items import NextItems, NextItemsConfig
from recommender.models.popularity import Popularity, PopularityConfig
from recommender.models.repeat import PRIOR, Repeat, RepeatConfig
from tests.recommender.toy import checkerboard, featured, items


def rng():
    return np.random.default_rng(0)


def random_dataset(n_users=60, n_items=25):
    draw = np.random.default_rng(5)
    sequences = [draw.choice(n_items, draw.integers(2, 9), replace=False) for _ in range(n_users)]
    return Dataset.from_histories(Histories.from_lists(sequences), IdMap.from_ids(f"{i:02d}" for i in range(n_items)))


def test_popularity_counts_events():
    histories = Histories.from_lists([[0, 1], [1], [1, 2]])
    model = Popularity.fit(Dataset.from_histories(histories, items()), PopularityConfig(), rng=rng())
    assert model.popularity.tolist() == [1, 3, 1, 0, 0, 0]


def test_popularity_halves_an_event_one_half_life_old():
    histories = Histories.from_lists([[0, 1]], [[0, 7 * DAY_MICROSECONDS]])
    board = Dataset.from_histories(histories, items())
    timed = Dataset(board.users, board.items, histories, board.interactions, board.last_at, 7 * DAY_MICROSECONDS)
    model = Popularity.fit(timed, PopularityConfig(half_life_days=7), rng=rng())
    np.testing.assert_allclose(model.popularity[:2], [0.5, 1.0])


def test_repeat_is_the_faded_count_of_a_shopper_times_the_share_of_shoppers_who_came_back():
    histories = Histories.from_lists([[0, 1, 0], [0, 1], [1, 2]])
    model = Repeat.fit(Dataset.from_histories(histories, items()), RepeatConfig(decay=0.5), rng=rng())
    mean = 1 / 6
    share = (1 + PRIOR * mean) / (2 + PRIOR), (0 + PRIOR * mean) / (3 + PRIOR)
    scores = model.scores(Histories.from_lists([[0, 1, 0]]))[0]
    np.testing.assert_allclose(scores, [(0.25 + 1) * share[0], 0.5 * share[1], 0, 0, 0, 0], rtol=1e-6)


def test_repeat_takes_two_events_at_one_time_for_one_visit():
    histories = Histories.from_lists([[0, 0], [1, 1]], [[5, 5], [5, 6]])
    model = Repeat.fit(Dataset.from_histories(histories, items()), RepeatConfig(), rng=rng())
    assert model.returners.tolist() == [0, 1, 0, 0, 0, 0]
    assert model.shoppers.tolist() == [1, 1, 0, 0, 0, 0]


def test_repeat_halves_an_event_one_half_life_before_the_newest():
    model = Repeat(RepeatConfig(decay=1.0, half_life_days=7), np.zeros(6, np.float32), np.zeros(6, np.float32))
    model.share[:] = 1.0
    asked = Histories.from_lists([[0, 1, 2]], [[0, 7 * DAY_MICROSECONDS, 14 * DAY_MICROSECONDS]])
    np.testing.assert_allclose(model.scores(asked)[0][:3], [0.25, 0.5, 1.0])


def test_repeat_without_a_shopper_is_what_it_would_be_had_they_never_been_there():
    histories = Histories.from_lists([[0, 1, 0], [0, 1], [1, 2, 1]])
    whole = Repeat.fit(Dataset.from_histories(histories, items()), RepeatConfig(), rng=rng())
    rest = Repeat.fit(Dataset.from_histories(histories.block(1, 3), items()), RepeatConfig(), rng=rng())
    left = whole.without(histories.block(0, 1), as_of=0)
    assert left.shoppers.tolist() == rest.shoppers.tolist()
    assert left.returners.tolist() == rest.returners.tolist()


def test_neighbours_weigh_a_step_by_its_distance_and_the_way_back_by_half():
    dataset = Dataset.from_histories(Histories.from_lists([[0, 1, 2]]), items())
    model = ItemNeighbors.fit(dataset, ItemNeighborsConfig(damping=0.0), rng=rng())
    dense = model.weights.toarray()
    np.testing.assert_allclose(dense[0, [1, 2]], [1.0, 0.5])
    np.testing.assert_allclose(dense[2, [1, 0]], [0.5, 0.25])


def test_neighbours_take_a_basket_for_one_step():
    dataset = Dataset.from_histories(Histories.from_lists([[0, 1, 2]], [[5, 5, 9]]), items())
    dense = ItemNeighbors.fit(dataset, ItemNeighborsConfig(damping=0.0), rng=rng()).weights.toarray()
    assert dense[0, 1] == dense[1, 0] == 1.0
    assert dense[0, 2] == dense[1, 2] == 1.0


def test_neighbours_do_not_reach_into_another_shopper():
    dataset = Dataset.from_histories(Histories.from_lists([[0, 1], [2, 3]]), items())
    dense = ItemNeighbors.fit(dataset, ItemNeighborsConfig(), rng=rng()).weights.toarray()
    assert dense[1, 2] == dense[2, 1] == 0.0


def ease(dataset, reg):
    gram = (dataset.interactions.T @ dataset.interactions).toarray().astype(np.float64)
    inverse = np.linalg.inv(gram + reg * np.eye(len(gram)))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0.0)
    return expected


@pytest.mark.parametrize("max_dense", [25, 0])
def test_linear_is_the_closed_form_whether_dense_or_by_neighbours(max_dense):
    dataset = random_dataset(n_users=600)
    config = LinearConfig(reg=3.0, neighbors=25, max_dense=max_dense)
    assert ((dataset.interactions.T @ dataset.interactions).toarray() > 0).all()
    np.testing.assert_allclose(Linear.fit(dataset, config, rng=rng()).weights.toarray(), ease(dataset, 3.0), atol=1e-4)


def test_next_items_regress_each_item_on_the_faded_ones_before():
    dataset = Dataset.from_histories(Histories.from_lists([[0, 1, 2], [1, 2], [0, 2, 1]]), items())
    config = NextItemsConfig(memory=0.5, reg=2.0)
    before = np.zeros((5, 6))
    before[[0, 1, 1, 2, 3, 4, 4], [0, 1, 0, 1, 0, 2, 0]] = [1, 1, 0.5, 1, 1, 1, 0.5]
    then = np.eye(6)[[1, 2, 2, 2, 1]]
    dense = NextItems.fit(dataset, config, rng=rng()).weights.toarray()
    for item in (1, 2):
        others = [one for one in (0, 1, 2) if one != item and (before[:, one] @ then[:, item]) > 0]
        known = before[:, others]
        expected = np.linalg.solve(known.T @ known + 2.0 * np.eye(len(others)), known.T @ then[:, item])
        np.testing.assert_allclose(dense[others, item], expected, atol=1e-5)
    assert dense[:, 0].tolist() == [0.0] * 6


@pytest.mark.parametrize(
    ("kind", "config"),
    [(NextItems, NextItemsConfig(neighbors=4)), (Linear, LinearConfig(neighbors=4, max_dense=0))],
)
def test_an_item_is_regressed_on_no_more_than_its_nearest(kind, config):
    model = kind.fit(random_dataset(), config, rng=rng())
    assert np.diff(model.weights.tocsc().indptr).max() == 4


def test_next_items_take_a_basket_for_one_step_and_do_not_reach_into_another_shopper():
    histories = Histories.from_lists([[0, 1, 2], [3, 4]], [[5, 5, 9], [1, 2]])
    dense = NextItems.fit(Dataset.from_histories(histories, items()), NextItemsConfig(), rng=rng()).weights.toarray()
    assert dense[0, 2] == pytest.approx(dense[1, 2], rel=1e-6)
    assert dense[0, 2] > 0
    assert dense[0, 1] == dense[1, 0] == dense[2, 3] == 0
    assert dense[3, 4] > 0


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (NextItems, NextItemsConfig(reg=0.0)),
        (Linear, LinearConfig(reg=0.0)),
        (Linear, LinearConfig(reg=0.0, max_dense=0)),
    ],
)
def test_a_regression_without_one_answer_says_what_to_do(kind, config):
    with pytest.raises(np.linalg.LinAlgError, match="`reg`"):
        kind.fit(checkerboard(), config, rng=rng())


def test_als_folds_in_as_implicit_does():
    dataset = random_dataset()
    config = ALSConfig(embedding_size=8, alpha=3.0, decay=1.0)
    model = ALS.fit(dataset, config, rng=rng())
    with threadpool_limits(1, "blas"):
        peer = AlternatingLeastSquares(factors=8, alpha=1.0, regularization=config.reg, num_threads=1)
        peer.item_factors = model.factors
        peer.user_factors = np.zeros((len(dataset.users), 8), dtype=np.float32)
        confidence = dataset.interactions[:20].copy()
        confidence.data = 1.0 + 3.0 * confidence.data
        folded = peer.recalculate_user(np.arange(20), confidence)
    expected = folded @ model.factors.T
    np.testing.assert_allclose(model.scores(dataset.histories.block(0, 20)), expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (ItemNeighbors, ItemNeighborsConfig()),
        (Linear, LinearConfig(reg=1.0)),
        (NextItems, NextItemsConfig(reg=1.0)),
        (ALS, ALSConfig(embedding_size=8)),
    ],
)
def test_contributions_add_up_to_the_score(kind, config):
    model = kind.fit(random_dataset(), config, rng=rng())
    query = Histories.from_lists([[3, 9, 14, 3]])
    items = np.array([0, 7, 21], dtype=np.int32)
    np.testing.assert_allclose(model.contributions(query, items).sum(axis=1), model.scores(query, items)[0], atol=1e-4)


def test_an_event_so_old_that_nothing_is_left_of_its_weight_contributes_nothing():
    model = ALS.fit(random_dataset(), ALSConfig(embedding_size=8, decay=0.5), rng=rng())
    query = Histories.from_lists([[7, *([3, 9] * 200)]])
    found = model.contributions(query, np.array([0, 21], dtype=np.int32))
    assert np.isfinite(found).all()
    assert (np.abs(found[:, 0]) <= np.abs(found[:, -1])).all()


def test_hybrid_ranks_a_product_without_history_by_its_features():
    dataset = featured()
    model = Hybrid.fit(dataset, HybridConfig(embedding_size=8, epochs=60), rng=rng())
    left, right = model.scores(Histories.from_lists([[0, 1, 2], [3, 4, 5]]))
    assert left[6] > left[[3, 4, 5]].max()
    assert right[6] < right[[3, 4, 5]].min()


def test_hybrid_sits_out_where_products_have_no_features():
    assert Hybrid.trials(checkerboard()) == []

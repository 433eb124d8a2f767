"""How a regression on nearest items is cut into batches changes nothing of it."""

import numpy as np
import pytest
import scipy.sparse as sp

from recommender.models import ridge


@pytest.fixture
def baskets():
    draw = np.random.default_rng(0)
    return sp.csr_matrix((draw.random((200, 60)) < 0.1).astype(np.float32))


def by_definition(inputs, outputs, worth, neighbors, reg):
    gram, targets = inputs.T @ (worth[:, None] * inputs), inputs.T @ (worth[:, None] * outputs)
    nearness = np.abs(targets) / np.sqrt(np.diag(gram) + reg)[:, None]
    np.fill_diagonal(nearness, 0)
    weights = np.zeros_like(gram)
    for item in range(len(gram)):
        near = np.argsort(-nearness[:, item], kind="stable")[:neighbors]
        near = near[nearness[near, item] > 0]
        system = gram[np.ix_(near, near)] + reg * np.eye(len(near))
        weights[near, item] = np.linalg.solve(system, targets[near, item])
    return weights


@pytest.mark.parametrize("union", [1, 20, 512])
def test_every_item_is_regressed_on_its_nearest_ones(union, baskets, monkeypatch):
    monkeypatch.setattr(ridge, "UNION", union)
    worth = np.random.default_rng(1).random(200).astype(np.float32)
    inputs, outputs = baskets[:, ::-1].tocsr(), baskets
    found = ridge.neighborhood_ridge(inputs, outputs, worth, 8, 5.0)
    expected = by_definition(inputs.toarray(), outputs.toarray(), worth, 8, 5.0)
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-5)


def test_items_are_in_batches_once_and_no_batch_has_too_many_nearest(baskets):
    worth = np.ones(200, np.float32)
    nearest = ridge.nearest_products(baskets, baskets, worth, np.ones(60, np.float32), 8)
    items, starts = ridge._batches(nearest.indptr, nearest.indices, 20)
    assert sorted(items.tolist()) == list(range(60))
    batches = np.split(items, starts[1:-1])
    assert len(batches) < 60
    for batch in batches:
        assert len(np.unique(nearest[batch].indices)) <= 20

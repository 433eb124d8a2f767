"""Products that are made row by row are those of the dense matrices, and the largest of them are kept."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.models.item_products import nearest_products, upper_products


def drawn(seed):
    draw = np.random.default_rng(seed)
    shape = int(draw.integers(0, 20)), int(draw.integers(1, 30))
    dense = [np.where(draw.random(shape) < 0.3, draw.normal(size=shape), 0).astype(np.float32) for _ in range(2)]
    return draw, *(sp.csr_matrix(one) for one in dense), draw.random(shape[0]).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_upper_triangle_is_complete_and_sorted_and_begins_with_the_diagonal(seed):
    _, inputs, _, worth = drawn(seed)
    n_items = inputs.shape[1]
    indptr, indices, data = upper_products(inputs, worth)
    found = sp.csr_matrix((data, indices, indptr), shape=(n_items, n_items))
    expected = np.triu((inputs.T @ sp.diags_array(worth) @ inputs).toarray())
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-5, atol=1e-6)
    for row in range(n_items):
        own = indices[indptr[row] : indptr[row + 1]].tolist()
        assert own == sorted(set(own))
        assert own[:1] in ([], [row])


def test_inputs_in_any_order_are_left_as_they_are():
    inputs = sp.csr_matrix((np.array([2, 3], np.float32), np.array([1, 0], np.int32), np.array([0, 2], np.int32)))
    _, indices, data = upper_products(inputs, np.ones(1, np.float32))
    assert (indices.tolist(), data.tolist()) == ([0, 1, 1], [9, 6, 4])
    assert inputs.indices.tolist() == [1, 0]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), kept=st.integers(1, 30))
def test_of_each_row_those_of_the_largest_magnitude_times_scale_are_kept(seed, kept):
    draw, outputs, inputs, worth = drawn(seed)
    products = (outputs.T @ sp.diags_array(worth) @ inputs).toarray()
    np.fill_diagonal(products, 0)
    scales = draw.uniform(0.5, 2, outputs.shape[1]).astype(np.float32)
    found = nearest_products(outputs, inputs, worth, scales, kept)
    beyond = np.argsort(-np.abs(products) * scales, axis=1, kind="stable")[:, kept:]
    np.put_along_axis(products, beyond, 0, axis=1)
    np.testing.assert_allclose(found.toarray(), products, rtol=1e-5, atol=1e-6)
    assert found.has_sorted_indices


def test_of_equals_the_first_are_kept_and_what_cancels_out_is_not():
    outputs = sp.csr_matrix(np.array([[1, 1, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]], dtype=np.float32))
    inputs = sp.csr_matrix(np.array([[1, 1, 1, 1, 0], [1, 0, 1, 0, 1], [0, 0, -1, 0, 1]], dtype=np.float32))
    found = nearest_products(outputs, inputs, np.ones(3, np.float32), np.ones(5, np.float32), 2)
    assert [found[[row]].indices.tolist() for row in range(5)] == [[1, 2], [0, 2], [0, 1], [0, 1], [0]]

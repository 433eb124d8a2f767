"""The sequence transformer: what it learns, when it stops, what it leaves behind."""

import numpy as np
import pytest
import torch

from recommender.dataset import Dataset, Histories
from recommender.ids import IdMap
from recommender.models.sequence import Sequence, SequenceConfig, tokens
from recommender.models.sequence_network import Transformer, validate

SMALL = {
    "embedding_size": 16,
    "heads": 2,
    "layers": 1,
    "dropout": 0.0,
    "max_length": 6,
    "learning_rate": 0.01,
    "batch_size": 8,
}
N_ITEMS = 12


def circle() -> Dataset:
    """Shoppers who walk along a circle: what comes next is the next item, and nothing else."""
    walks = [[(start + step) % N_ITEMS for step in range(n)] for start in range(N_ITEMS) for n in (3, 4, 5, 6)] * 4
    return Dataset.from_histories(Histories.from_lists(walks), IdMap.from_ids(f"{item:02d}" for item in range(N_ITEMS)))


def fit(**changes) -> Sequence:
    return Sequence.fit(circle(), SequenceConfig(**{**SMALL, **changes}), rng=np.random.default_rng(0))


def test_tokens_hold_the_newest_items_last():
    histories = Histories.from_lists([[3, 1, 2, 0], [], [5]])
    assert tokens(histories, 3).tolist() == [[2, 3, 1], [0, 0, 0], [0, 0, 6]]


def test_it_learns_the_order():
    model = fit(epochs=30)
    asked = Histories.from_lists([[0, 1, 2], [8, 9], [10, 11]])
    assert model.scores(asked).argmax(axis=1).tolist() == [3, 10, 0]


def test_of_nothing_it_says_nothing():
    assert not fit(epochs=1).scores(Histories.from_lists([[]])).any()


def test_a_state_does_not_see_what_comes_after_it():
    network = Transformer(N_ITEMS, 16, 1, 2, 0.0, 6).eval()
    one, other = torch.tensor([[0, 0, 1, 2, 3, 4]]), torch.tensor([[0, 0, 1, 2, 9, 9]])
    torch.testing.assert_close(network(one)[:, :4], network(other)[:, :4])


def test_training_ends_when_the_validation_no_longer_rises(caplog):
    caplog.set_level("INFO")
    fit(epochs=200, patience=3)
    figures = [record.args[2] for record in caplog.records]
    assert len(figures) < 200
    assert max(figures[:-3]) >= max(figures[-3:])


def test_a_checkpoint_is_where_the_next_training_begins(tmp_path, caplog):
    checkpoint = tmp_path / "weights.safetensors"
    learned = fit(epochs=30, checkpoint=checkpoint)
    again = fit(epochs=0, checkpoint=checkpoint)
    for name, array in learned.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    fit(epochs=1, checkpoint=checkpoint, embedding_size=8)
    assert "does not fit" in caplog.text


def test_without_a_gpu_it_is_not_tried(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert Sequence.trials(circle()) == []


def test_validation_takes_what_was_asked_with_out_of_the_ranking():
    network = Transformer(2, 4, 1, 2, 0.0, 3).eval()
    assert validate(network, torch.tensor([[0, 1, 2], [0, 2, 1]])) == pytest.approx(1.0)

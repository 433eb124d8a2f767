"""Sequence: a causal transformer over what a shopper took, in order (`sequence_network` has the papers).

It is tried only where a GPU is: on two cores it stays far below models that are fitted in seconds
(tests/benchmarks/RESULTS.md).
"""

from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from recommender.dataset import Dataset, Floats, Histories
from recommender.models.base import Arrays, Known, Model, ModelConfig

if TYPE_CHECKING:
    from recommender.models.sequence_network import Transformer

HELD_OUT = 0.1
"""Share of the shoppers whose last item decides when to stop."""


class SequenceConfig(ModelConfig):
    embedding_size: int = 256
    layers: int = 2
    heads: int = 4
    max_length: int = 50
    """Of a longer history the newest items count."""
    dropout: float = 0.3
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    batch_size: int = 256
    negatives: int = 8_192
    epochs: int = 200
    patience: int = 12
    seconds: float = 120.0
    checkpoint: Path | None = None
    """A safetensors file that keeps the best weights while training lasts; a later training begins with them."""


class Sequence(Model[SequenceConfig]):
    name = "sequence"
    Config = SequenceConfig
    asked_with = frozenset()
    untouched_at_zero = False

    def __init__(self, config: SequenceConfig, weights: Arrays, n_items: int) -> None:
        super().__init__(config, n_items)
        self._weights = weights

    @classmethod
    def fit(cls, dataset: Dataset, config: SequenceConfig, *, rng: np.random.Generator) -> Self:
        import torch  # noqa: PLC0415  # seconds of imports that shops without this model do not need

        from recommender.models.sequence_network import Schedule, train  # noqa: PLC0415

        schedule = Schedule(
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            batch_size=config.batch_size,
            negatives=config.negatives,
            epochs=config.epochs,
            patience=config.patience,
            seconds=config.seconds,
            checkpoint=config.checkpoint,
        )
        with torch.random.fork_rng():
            torch.manual_seed(int(rng.integers(2**31)))
            network = _network(config, dataset.n_items).to("cuda" if torch.cuda.is_available() else "cpu")
            lengths = np.diff(dataset.histories.indptr)
            held_out = (rng.random(len(lengths)) < HELD_OUT) & (lengths > 1)
            train(network, tokens(dataset.histories, config.max_length), held_out, schedule, rng)
        return cls(config, {name: value.cpu().numpy() for name, value in network.state_dict().items()}, dataset.n_items)

    @classmethod
    def trials(cls, dataset: Dataset) -> list[SequenceConfig]:
        from torch import cuda  # noqa: PLC0415

        del dataset
        if not cuda.is_available():
            return []
        return [SequenceConfig(embedding_size=size, dropout=drop) for size, drop in product((256, 128), (0.3, 0.5))]

    def arrays(self) -> Arrays:
        return self._weights

    @classmethod
    def from_arrays(cls, config: SequenceConfig, arrays: Arrays, n_items: int) -> Self:
        return cls(config, arrays, n_items)

    def _scores(self, queries: Histories) -> Floats:
        from torch import from_numpy, inference_mode  # noqa: PLC0415

        with inference_mode():
            asked = tokens(queries, self.config.max_length)
            scores = self._network(from_numpy(asked))[:, -1] @ self._network.items.weight[1:].T
        found = scores.numpy()
        found[np.diff(queries.indptr) == 0] = 0.0
        return found

    def ask(self, query: Histories) -> Known:
        scores = self.scores(query)[0]
        return Known(scores, float(scores.std()), len(query.items))

    @cached_property
    def _network(self) -> "Transformer":
        from torch import from_numpy  # noqa: PLC0415

        network = _network(self.config, self.n_items)
        network.load_state_dict({name: from_numpy(np.array(one)) for name, one in self._weights.items()})
        return network.eval()


def _network(config: SequenceConfig, n_items: int) -> "Transformer":
    from recommender.models.sequence_network import Transformer  # noqa: PLC0415

    size, layers, heads = config.embedding_size, config.layers, config.heads
    return Transformer(n_items, size, layers, heads, config.dropout, config.max_length)


def tokens(histories: Histories, max_length: int) -> npt.NDArray[np.int64]:
    """Items + 1, newest last, 0 before a history begins; shape (len(histories), max_length)."""
    rows = histories.rows
    behind = histories.indptr[rows + 1] - 1 - np.arange(len(rows))
    kept = behind < max_length
    found = np.zeros((len(histories), max_length), dtype=np.int64)
    found[rows[kept], max_length - 1 - behind[kept]] = histories.items[kept] + 1
    return found

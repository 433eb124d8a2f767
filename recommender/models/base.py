"""The one interface of every model: fitted by a classmethod, asked with histories, never with a user's index."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from recommender.dataset import Dataset, Floats, Histories
from recommender.errors import BadRequestError

Arrays = Mapping[str, npt.NDArray[Any]]
Items = npt.NDArray[np.int32]
"""Item indexes."""


class ModelConfig(BaseModel):
    """Hyper-parameters of one model; a misspelt one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=ModelConfig)


class SignalConfig(ModelConfig):
    """Hyper-parameters of a model that learns from events of several kinds."""

    half_life_days: float | None = None
    weight_power: float = 1.0
    """Power of the events' weights: below 1 views, carts and purchases differ less, at 0 not at all."""


def weight_powers(dataset: Dataset) -> tuple[float, ...]:
    """Powers worth trying: 1 alone where all events weigh the same."""
    weights = dataset.histories.weights
    return (1.0, 0.5, 0.0) if len(weights) and weights.min() < weights.max() else (1.0,)


class Scoring(ABC):
    """What one model says to one history, worked out for those items only that are asked about.

    Attributes
    ----------
    spread : the standard deviation of the scores over the whole catalogue
    """

    spread: float

    @abstractmethod
    def scores(self, items: Items) -> Floats:
        """The scores of `items`, a new array, float32, shape (len(items),)."""

    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        """Add to `total` what is near enough to the scores times `scale` to tell which items are worth scoring.

        Cheap for very many items.

        Parameters
        ----------
        items : ascending
        total : float32, shape (len(items),)
        """
        found = self.scores(items)
        found *= np.float32(scale)  # in place: for a million items, a new array costs as much as the sum
        total += found

    @classmethod
    @abstractmethod
    def add_whole(cls, scorings: Sequence[Self], scales: Floats, total: Floats) -> None:
        """Add the scores of every item by one model for several histories, each times its scale.

        Parameters
        ----------
        scales : float32, shape (len(scorings),)
        total : float32, shape (len(scorings), n_items), what is added to
        """

    @abstractmethod
    def contributions(self, items: Items) -> Floats:
        """What each event of the history adds to the scores of `items`, float32, shape (len(items), n_events).

        Zeros where the model cannot say.
        """


@dataclass(frozen=True)
class Known(Scoring):
    """Scores that are there for every item, float32, shape (n_items,); no event is told apart in them."""

    every: Floats
    spread: float
    n_events: int

    def scores(self, items: Items) -> Floats:
        return self.every[items]

    @classmethod
    def add_whole(cls, scorings: Sequence[Self], scales: Floats, total: Floats) -> None:
        for row, one in enumerate(scorings):
            total[row] += scales[row] * one.every

    def contributions(self, items: Items) -> Floats:
        return np.zeros((len(items), self.n_events), dtype=np.float32)


class Scorer(ABC):
    """What ranks ``n_items`` items: all of them for a batch of histories, some of them for one history.

    The first ``n_fitted`` are those that it was fitted on, and that its scores are brought to one scale by.
    """

    untouched_at_zero: ClassVar[bool] = True
    """Whether an item that nobody took scores 0, or so little beside the others that it makes no difference."""

    def __init__(self, n_items: int) -> None:
        self.n_items = self.n_fitted = n_items

    @abstractmethod
    def _scores(self, queries: Histories) -> Floats: ...

    @abstractmethod
    def ask(self, query: Histories) -> Scoring:
        """What it says to one history; the same scores as `scores`, up to rounding."""

    def contributions(self, query: Histories, items: Items) -> Floats:
        """What each event of one history adds to the scores of `items`, shape (len(items), n_events)."""
        return self.ask(query).contributions(items)

    def scores(self, queries: Histories, items: Items | None = None) -> Floats:
        """Scores of every item, or of `items`, for each history; float32, shape (len(queries), n)."""
        if queries.items.size and int(queries.items.max()) >= self.n_items:
            raise BadRequestError(f"item index {int(queries.items.max())} is outside the {self.n_items} known items")
        dense = self._scores(queries)
        return dense if items is None else dense[:, items]

    def top(
        self, queries: Histories, n: int, eligible: npt.NDArray[np.bool_] | None = None
    ) -> list[npt.NDArray[np.int32]]:
        """The `n` best eligible items for each history: score descending, then item index ascending.

        `eligible` has shape (n_items,) or (len(queries), n_items). A history gets fewer than `n` if and only if
        fewer are eligible.
        """
        if n < 1:
            raise BadRequestError(f"n must be at least 1, got {n}")
        scores = self.scores(queries)
        masks = np.broadcast_to(True if eligible is None else eligible, scores.shape)
        return [top_n(row, mask, n) for row, mask in zip(scores, masks, strict=True)]


class Model(Scorer, Generic[ConfigT]):
    """A scorer of the catalogue that is fitted on behaviour.

    A subclass gives ``name``, a config with its ``trials`` (what a validation run may try), ``ask`` and one private
    hook. Everything it learned must be in ``arrays``: that is what is saved, and all that is loaded.
    """

    name: ClassVar[str]
    Config: ClassVar[type[ModelConfig]]
    asked_with: ClassVar[frozenset[str]] = frozenset({"decay"})
    """Fields of the config that only change how a history is read: a fitted model can be tried with others."""

    def __init__(self, config: ConfigT, n_items: int) -> None:
        super().__init__(n_items)
        self.config = config

    @classmethod
    @abstractmethod
    def fit(cls, dataset: Dataset, config: ConfigT, *, rng: np.random.Generator) -> Self:
        """Learn from `dataset`. The same data, config and rng state give the same model."""

    @classmethod
    @abstractmethod
    def trials(cls, dataset: Dataset) -> list[ConfigT]:
        """Configurations worth trying on `dataset`, the likeliest first; empty where the model cannot be fitted."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """All that was learned, by name."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, config: ConfigT, arrays: Arrays, n_items: int) -> Self:
        """The model again, from its config and ``arrays`` (which may be memory-mapped)."""

    def configured(self, config: ConfigT) -> Self:
        """The same fitted model with other ``asked_with`` fields."""
        return self.from_arrays(config, self.arrays(), self.n_items)

    def refreshed(self, dataset: Dataset, places: npt.NDArray[np.int32], *, rng: np.random.Generator) -> Self:
        """The model brought up to `dataset`, which is the one it was fitted on and what came since.

        Parameters
        ----------
        places : shape (dataset.n_items,), the index each item has in this model, -1 where it is new
        """
        del places
        return self.fit(dataset, self.config, rng=rng)

    def without(self, histories: Histories, as_of: int) -> Self | None:
        """The model as if it had been fitted without some of its shoppers; None where only a new fit can give that.

        Parameters
        ----------
        histories : what those shoppers added to the dataset it was fitted on
        as_of : that dataset's moment, microseconds since 1970; its times are clock times
        """
        del histories, as_of
        return None


AnyModel = Model[Any]


def top_n(scores: Floats, eligible: npt.NDArray[np.bool_], n: int) -> npt.NDArray[np.int32]:
    """Indexes of the `n` highest scores among `eligible`: score descending, ties by index ascending.

    Exact: everything that ties with the n-th score takes part in the final sort.
    """
    candidates = np.flatnonzero(eligible)
    losses = -scores[candidates]
    if n < len(candidates):
        kept = losses <= np.partition(losses, n - 1)[n - 1]
        candidates, losses = candidates[kept], losses[kept]
    order = np.lexsort((candidates, losses))[:n]
    return candidates[order].astype(np.int32)

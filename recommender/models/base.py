"""The one interface of every model: fitted by a classmethod, asked with histories, never with a user's index."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
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

    @abstractmethod
    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        """Add to `total` what is near enough to the scores times `scale` to tell which items are worth scoring.

        Cheap for very many items.

        Parameters
        ----------
        items : ascending
        total : float32, shape (len(items),)
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

    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        from recommender.models.scan import add_chosen  # noqa: PLC0415  # only large catalogues need the compiler

        add_chosen(self.every, items, np.float32(scale), total)

    def contributions(self, items: Items) -> Floats:
        return np.zeros((len(items), self.n_events), dtype=np.float32)


@dataclass(frozen=True)
class Lists:
    """Items listed for several histories: those for history u are ``items[indptr[u] : indptr[u + 1]]``."""

    indptr: npt.NDArray[np.int64]
    items: Items

    def of(self, row: int) -> slice:
        return slice(int(self.indptr[row]), int(self.indptr[row + 1]))


class Scorings(ABC):
    """What one model says to several histories, all at once."""

    @abstractmethod
    def add_whole(self, weight: float, total: Floats) -> Floats:
        """Add the scores of every item, brought to one scale and times `weight`; a history's constant scores add 0.

        Parameters
        ----------
        total : float32, C-contiguous, shape (n, n_items), what is added to

        Returns
        -------
        float32, shape (n,), the standard deviation of each history's scores, by which they were divided
        """

    @abstractmethod
    def told(self, lists: Lists, newest: int) -> tuple[Floats, Floats]:
        """The scores of the listed items, and their links with the events of the history they are listed for.

        Returns
        -------
        scores : float32, shape (len(lists.items),), as they are
        links : float32, shape (len(lists.items), newest + 2): what one event adds at most, what each of the `newest`
            events adds (NaN where there are fewer events), the share of events that add more than 0; all 0 without
            events
        """


@dataclass(frozen=True)
class Every(Scorings):
    """Scores that are there for every item, float32, shape (n, n_items); no event is told apart in them.

    ``n_events``, shape (n,), says how many each history has.
    """

    every: Floats
    spreads: Floats
    n_events: npt.NDArray[np.int64]

    def add_whole(self, weight: float, total: Floats) -> Floats:
        for row, scale in enumerate(scales(weight, self.spreads)):
            total[row] += scale * self.every[row]
        return self.spreads

    def told(self, lists: Lists, newest: int) -> tuple[Floats, Floats]:
        rows = np.repeat(np.arange(len(self.n_events)), np.diff(lists.indptr))
        links = np.zeros((len(rows), newest + 2), dtype=np.float32)
        n_events = self.n_events[rows, None]
        links[:, 1:-1][(n_events > 0) & (np.arange(newest) >= n_events)] = np.nan
        return self.every[rows, lists.items], links


def scales(weight: float, spreads: Floats) -> Floats:
    """What scores are multiplied by to have the deviation `weight`; 0 where they are all the same."""
    return np.divide(np.float32(weight), spreads, where=spreads > 0, out=np.zeros_like(spreads))


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

    def ask_all(self, queries: Histories) -> Scorings:
        """What it says to several histories; the same scores as `scores`, up to rounding."""
        every = self._scores(queries)
        return Every(every, every[:, : self.n_fitted].std(axis=1), np.diff(queries.indptr))

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

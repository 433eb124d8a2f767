"""The shape that neighbour and linear models share: a score is the history times an item-to-item matrix."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from recommender.dataset import Floats, Histories
from recommender.models.base import Arrays, Items, Lists, Model, Scoring, Scorings, SignalConfig


class ItemToItemConfig(SignalConfig):
    decay: float = 0.7
    """What an event's weight is multiplied by for each step (basket, page view) the shopper took since."""


ItemToItemConfigT = TypeVar("ItemToItemConfigT", bound=ItemToItemConfig)


class ItemToItem(Model[ItemToItemConfigT]):
    """``weights[i, j]``: what one event with item i adds to the score of item j; CSR, float32."""

    def __init__(self, config: ItemToItemConfigT, weights: sp.csr_matrix) -> None:
        super().__init__(config, weights.shape[0])
        self.weights = weights

    def arrays(self) -> Arrays:
        return {"data": self.weights.data, "indices": self.weights.indices, "indptr": self.weights.indptr}

    @classmethod
    def from_arrays(cls, config: ItemToItemConfigT, arrays: Arrays, n_items: int) -> Self:
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        return cls(config, sp.csr_matrix(parts, shape=(n_items, n_items)))

    def _scores(self, queries: Histories) -> Floats:
        return (queries.matrix(self.n_items, self.config.decay, self.config.weight_power) @ self.weights).toarray()

    def ask(self, query: Histories) -> "LinkedItems":
        return LinkedItems.of(self.weights, query.items, query.strengths(self.config.decay, self.config.weight_power))

    def ask_all(self, queries: Histories) -> "LinkedLists":
        return LinkedLists(self.weights, queries, queries.strengths(self.config.decay, self.config.weight_power))


@dataclass(frozen=True)
class LinkedItems(Scoring):
    """Scores of what the events of a history are linked with; 0 elsewhere.

    Attributes
    ----------
    events, items, values : shape (n_links,), what an event adds to the score of an item, event by event
    sums : float32, shape (n_items,), the scores
    """

    n_events: int
    events: npt.NDArray[np.int64]
    items: Items
    values: Floats
    sums: Floats
    spread: float

    @classmethod
    def of(cls, weights: sp.csr_matrix, history: Items, strengths: Floats) -> Self:
        """From the rows of `history`, each times the strength of its event."""
        starts = weights.indptr[history]
        counts = weights.indptr[history + 1] - starts
        events = np.repeat(np.arange(len(history)), counts)
        places = np.arange(len(events)) + (starts - (np.cumsum(counts) - counts))[events]
        links = events, weights.indices[places], weights.data[places] * strengths[events]
        return cls.summed(len(history), weights.shape[1], *links)

    @classmethod
    def summed(cls, n_events: int, n_items: int, events: npt.NDArray[np.int64], items: Items, values: Floats) -> Self:
        """From all links; an event may have several with one item."""
        sums = np.zeros(n_items, dtype=np.float32)
        np.add.at(sums, items, values)
        variance = float(values @ sums[items]) / n_items - (float(values.sum()) / n_items) ** 2
        return cls(n_events, events, items, values, sums, max(variance, 0.0) ** 0.5)

    def scores(self, items: Items) -> Floats:
        return self.sums[items]

    def add_estimates(self, items: Items, scale: float, total: Floats) -> None:
        """Link by link: there are thousands of links, where there may be a million items."""
        places = np.minimum(np.searchsorted(items, self.items), len(items) - 1)
        there = items[places] == self.items
        np.add.at(total, places[there], np.float32(scale) * self.values[there])

    def contributions(self, items: Items) -> Floats:
        found = np.zeros((len(items), self.n_events), dtype=np.float32)
        if len(items):
            order = np.argsort(items)
            wanted = np.zeros(len(self.sums), dtype=np.bool_)
            wanted[items] = True
            at = np.flatnonzero(wanted[self.items])
            found[order[np.searchsorted(items[order], self.items[at])], self.events[at]] = self.values[at]
        return found


@dataclass(frozen=True)
class LinkedLists(Scorings):
    """Scores of what the events of several histories are linked with.

    Attributes
    ----------
    weights : float32 CSR, shape (n_items, n_items), the links of each item
    strengths : float32, shape (n_events,), what the links of an event are multiplied by
    """

    weights: sp.csr_matrix
    queries: Histories
    strengths: Floats

    def add_whole(self, weight: float, total: Floats) -> Floats:
        from recommender.models.links import add_links  # noqa: PLC0415  # one history is answered without the compiler

        spreads = np.empty(len(self.queries), dtype=np.float32)
        add_links(self._links, self._events, np.float32(weight), total, spreads)
        return spreads

    def told(self, lists: Lists, newest: int) -> tuple[Floats, Floats]:
        from recommender.models.links import tell_links  # noqa: PLC0415

        n_listed = len(lists.items)
        scores, links = np.empty(n_listed, np.float32), np.empty((n_listed, newest + 2), np.float32)
        tell_links(self._links, self._events, (lists.indptr, lists.items), scores, links)
        return scores, links

    @property
    def _links(self) -> tuple[npt.NDArray[np.generic], ...]:
        return self.weights.indptr, self.weights.indices, self.weights.data

    @property
    def _events(self) -> tuple[npt.NDArray[np.generic], ...]:
        return self.queries.indptr, self.queries.items, self.strengths


@dataclass(frozen=True)
class Baskets:
    """What shoppers took at one time each, in the order of shoppers and times.

    Attributes
    ----------
    items : float32 CSR, shape (n_baskets, n_items)
    owners : int64, shape (n_baskets,), the shopper of each
    times : int64, shape (n_baskets,)
    """

    items: sp.csr_matrix
    owners: npt.NDArray[np.int64]
    times: npt.NDArray[np.int64]

    @classmethod
    def of(cls, histories: Histories, values: Floats, n_items: int) -> Self:
        """`values` of the events, shape (n_events,); those of one item in one basket are added."""
        rows = histories.rows
        begins = np.r_[True, (rows[1:] != rows[:-1]) | (histories.times[1:] != histories.times[:-1])][: len(rows)]
        starts = np.flatnonzero(begins)
        indptr = np.r_[starts, len(rows)]
        items = sp.csr_matrix((values, histories.items, indptr), shape=(len(starts), n_items), copy=True)
        items.sum_duplicates()
        return cls(items, rows[starts], histories.times[starts])

    def __len__(self) -> int:
        return len(self.owners)

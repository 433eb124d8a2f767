"""What models are fitted on and asked with: histories, the interaction matrix and product features."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from recommender.errors import NotEnoughDataError
from recommender.ids import IdMap
from schemas import Columns

Floats = npt.NDArray[np.float32]
DAY_MICROSECONDS = 86_400_000_000


def decayed(steps: npt.NDArray[np.int32], decay: float) -> Floats:
    """``decay ** steps``, float32."""
    return np.power(np.float32(decay), steps.astype(np.float32), dtype=np.float32)


def recency(times: npt.NDArray[np.int64], as_of: int, half_life_days: float | None) -> Floats:
    """0.5 ** (age / half-life) of each time, all in microseconds since 1970; 1 without a half-life."""
    if half_life_days is None:
        return np.ones(len(times), dtype=np.float32)
    return (0.5 ** ((as_of - times) / (half_life_days * DAY_MICROSECONDS))).astype(np.float32)


@dataclass(frozen=True)
class Histories:
    """Ragged, time-ordered events of n shoppers: the events of shopper u are ``[indptr[u], indptr[u + 1])``.

    Attributes
    ----------
    indptr : int64, shape (n + 1,)
    items : int32, shape (n_events,), item indexes, oldest first within a shopper
    times : int64, shape (n_events,), microseconds since 1970, ascending within a shopper
    weights : float32, shape (n_events,), what one event of its kind is worth
    """

    indptr: npt.NDArray[np.int64]
    items: npt.NDArray[np.int32]
    times: npt.NDArray[np.int64]
    weights: Floats

    @classmethod
    def from_lists(cls, items: Sequence[npt.ArrayLike], times: Sequence[npt.ArrayLike] | None = None) -> "Histories":
        """One list of item indexes per shopper; without `times` the position in the list is the time."""
        arrays = [np.asarray(one, dtype=np.int32) for one in items]
        stamps = [np.arange(len(one)) for one in arrays] if times is None else [np.asarray(one) for one in times]
        indptr = np.concatenate([[0], np.cumsum([len(one) for one in arrays])]).astype(np.int64)
        flat = np.concatenate(arrays) if arrays else np.empty(0, np.int32)
        flat_times = np.concatenate(stamps).astype(np.int64) if arrays else np.empty(0, np.int64)
        return cls(indptr, flat, flat_times, np.ones(len(flat), dtype=np.float32))

    @classmethod
    def from_pairs(cls, rows: npt.NDArray[np.int64], items: npt.NDArray[np.int32], n: int) -> "Histories":
        """Items of `n` shoppers, each with the shopper it is of, ascending; all at one time."""
        indptr = np.searchsorted(rows, np.arange(n + 1)).astype(np.int64)
        return cls(indptr, items, np.zeros(len(items), dtype=np.int64), np.ones(len(items), dtype=np.float32))

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The shopper of each event, shape (n_events,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def of(self, row: int) -> slice:
        return slice(int(self.indptr[row]), int(self.indptr[row + 1]))

    def block(self, start: int, stop: int) -> "Histories":
        """Shoppers ``[start, stop)``, without copying their events."""
        stop = min(stop, len(self))
        events = slice(int(self.indptr[start]), int(self.indptr[stop]))
        indptr = self.indptr[start : stop + 1] - self.indptr[start]
        return Histories(indptr, self.items[events], self.times[events], self.weights[events])

    def take(self, rows: npt.NDArray[np.int64]) -> "Histories":
        """The shoppers at `rows`, in that order."""
        lengths = np.diff(self.indptr)[rows]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        events = np.repeat(self.indptr[rows] - indptr[:-1], lengths) + np.arange(indptr[-1])
        return Histories(indptr, self.items[events], self.times[events], self.weights[events])

    def keep(self, mask: npt.NDArray[np.bool_]) -> "Histories":
        """The events where `mask` holds; every shopper stays, some with nothing."""
        counts = np.bincount(self.rows[mask], minlength=len(self))
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Histories(indptr, self.items[mask], self.times[mask], self.weights[mask])

    def steps(self) -> npt.NDArray[np.int32]:
        """How many distinct times lie between each event and the shopper's newest; a basket is one step."""
        return self._steps

    @cached_property
    def _steps(self) -> npt.NDArray[np.int32]:
        if not len(self.items):
            return np.empty(0, dtype=np.int32)
        rows = self.rows
        newer = np.r_[(self.times[1:] != self.times[:-1]) & (rows[1:] == rows[:-1]), False]
        behind = np.cumsum(newer[::-1])[::-1]
        return (behind - behind[self.indptr[rows + 1] - 1]).astype(np.int32)

    def strengths(self, decay: float, weight_power: float) -> Floats:
        """``weight ** weight_power * decay ** step`` of each event, float32, shape (n_events,)."""
        return self.weights ** np.float32(weight_power) * decayed(self.steps(), decay)

    def shares(self, decay: float, weight_power: float) -> Floats:
        """``strengths`` divided by their sum over the shopper's events; 0 where that is 0."""
        strengths, rows = self.strengths(decay, weight_power), self.rows
        totals = np.bincount(rows, strengths, minlength=len(self))[rows]
        return np.divide(strengths, totals, where=totals > 0, out=np.zeros_like(strengths), casting="same_kind")

    def matrix(self, n_items: int, decay: float = 1.0, weight_power: float = 1.0) -> sp.csr_matrix:
        """Shoppers x items, float32: the sum of ``strengths`` over a shopper's events with an item."""
        values = self.strengths(decay, weight_power)
        matrix = sp.csr_matrix((values, self.items, self.indptr), shape=(len(self), n_items), copy=True)
        matrix.sum_duplicates()
        return matrix


@dataclass(frozen=True)
class ItemFeatures:
    """Product features as LightFM means them: items x features, rows summing to 1."""

    matrix: sp.csr_matrix
    names: tuple[str, ...]


@dataclass(frozen=True)
class ItemVectors:
    """What the products' texts and photos mean, as vectors of one encoder.

    Attributes
    ----------
    text, photos : float32, shape (n_items, size); zeros for a product without any
    """

    text: Floats
    photos: Floats


@dataclass(frozen=True)
class Dataset:
    """Behaviour up to a moment, by user and item index.

    Attributes
    ----------
    users, items : the ids behind the indexes
    histories : the events, one row per user
    interactions : float32 CSR, shape (n_users, n_items), one weight > 0 per pair
    last_at : int64, shape (n_pairs,), when each stored pair of ``interactions`` was last seen, microseconds
    as_of : the moment, microseconds; everything here is older
    timed : whether times are clock times; False where they are mere positions in a sequence
    features : product features, if there are any
    embeddings : vectors of the products' texts and photos, if there are any
    """

    users: IdMap
    items: IdMap
    histories: Histories
    interactions: sp.csr_matrix
    last_at: npt.NDArray[np.int64]
    as_of: int
    timed: bool = True
    features: ItemFeatures | None = None
    embeddings: ItemVectors | None = None

    @property
    def n_items(self) -> int:
        return len(self.items)

    def recency(self, times: npt.NDArray[np.int64], half_life_days: float | None) -> Floats:
        """0.5 ** (age / half-life) of each time; 1 without a half-life or where times are positions."""
        return recency(times, self.as_of, half_life_days if self.timed else None)

    def preferences(self, half_life_days: float | None, weight_power: float) -> sp.csr_matrix:
        """Shoppers x items, float32 in (0, 1]: min(weight, 1) ** `weight_power`, fading with the time since the pair
        was last seen."""
        weights = np.minimum(self.interactions.data, 1.0) ** np.float32(weight_power)
        values = weights * self.recency(self.last_at, half_life_days)
        shape = self.interactions.shape
        return sp.csr_matrix(
            (values.astype(np.float32), self.interactions.indices, self.interactions.indptr), shape=shape
        )

    @classmethod
    def from_frames(
        cls,
        histories: pd.DataFrame,
        interactions: pd.DataFrame,
        items: IdMap,
        event_weight: Callable[[pd.Series], npt.NDArray[np.float32]],
        as_of: int,
        features: ItemFeatures | None = None,
        embeddings: ItemVectors | None = None,
    ) -> "Dataset":
        """Align tidy frames to indexes.

        Parameters
        ----------
        histories : user_id, item_id, kind, occurred_at; ordered by user and time
        interactions : user_id, item_id, weight, last_at; one row per pair
        items : the catalogue's ids; events on other items are left out
        event_weight : kinds -> float32 weights of single events
        as_of : microseconds since 1970
        """
        users = IdMap.from_ids(histories[Columns.USER].unique())
        if not len(users) or not len(items):
            raise NotEnoughDataError(
                f"there are {len(users):,} shoppers with behaviour and {len(items):,} products; "
                "load a catalogue with `recommender catalog load` and events with `recommender ingest` first"
            )
        pairs, last_at = _interactions(interactions, users, items)
        events = histories_from_frame(histories, users, items, event_weight)
        return cls(users, items, events, pairs, last_at, as_of, features=features, embeddings=embeddings)

    @classmethod
    def from_histories(cls, histories: Histories, items: IdMap) -> "Dataset":
        """A dataset from bare sequences: every pair weighs 1, however often it occurs, and times are positions."""
        users = IdMap.from_ids(f"{row:09d}" for row in range(len(histories)))
        interactions = histories.matrix(len(items))
        interactions.data[:] = 1.0
        last_at = np.zeros(interactions.nnz, dtype=np.int64)
        return cls(users, items, histories, interactions, last_at, as_of=0, timed=False)


def _codes(values: pd.Series, ids: IdMap) -> npt.NDArray[np.int32]:
    codes, distinct = pd.factorize(values)
    return ids.find([str(one) for one in distinct])[codes]


def _microseconds(values: pd.Series) -> npt.NDArray[np.int64]:
    return values.dt.tz_convert(None).to_numpy(dtype="datetime64[us]").astype(np.int64)


def histories_from_frame(
    frame: pd.DataFrame, users: IdMap, items: IdMap, event_weight: Callable[[pd.Series], Floats]
) -> Histories:
    """Events that speak for an item, in the order of users and times; the others say nothing a model could use.

    Parameters
    ----------
    frame : user_id, item_id, kind, occurred_at; users and items that the maps do not know are left out
    event_weight : kinds -> float32 weights; an event of weight 0 or less is left out
    """
    rows, columns, weights = (
        _codes(frame[Columns.USER], users),
        _codes(frame[Columns.ITEM], items),
        event_weight(frame[Columns.KIND]),
    )
    kept = np.flatnonzero((rows >= 0) & (columns >= 0) & (weights > 0))
    times = _microseconds(frame[Columns.OCCURRED_AT])
    order = kept[np.lexsort((times[kept], rows[kept]))]
    indptr = np.searchsorted(rows[order], np.arange(len(users) + 1)).astype(np.int64)
    return Histories(indptr, columns[order], times[order], weights[order])


def _interactions(frame: pd.DataFrame, users: IdMap, items: IdMap) -> tuple[sp.csr_matrix, npt.NDArray[np.int64]]:
    rows, columns = _codes(frame[Columns.USER], users), _codes(frame[Columns.ITEM], items)
    known = np.flatnonzero((rows >= 0) & (columns >= 0))
    order = known[np.lexsort((columns[known], rows[known]))]
    indptr = np.searchsorted(rows[order], np.arange(len(users) + 1)).astype(np.int32)
    weights = frame[Columns.WEIGHT].to_numpy(dtype=np.float32)[order]
    matrix = sp.csr_matrix((weights, columns[order], indptr), shape=(len(users), len(items)))
    return matrix, _microseconds(frame[Columns.LAST_AT])[order]

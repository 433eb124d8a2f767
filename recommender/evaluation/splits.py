"""What a model is measured on: histories to ask with, the items that came next, and those taken out of the list."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.dataset import Dataset, Floats, Histories
from recommender.ids import IdMap

VALIDATION_PART = 10
"""One of so many sessions is held out to choose by."""


@dataclass(frozen=True)
class Split:
    """One question per row of ``queries``.

    Attributes
    ----------
    queries : what each shopper had done before
    truth : what they took next, in the same rows
    known : items taken out of each row's ranking (bought before, say), in the same rows
    """

    queries: Histories
    truth: Histories
    known: Histories

    def __len__(self) -> int:
        return len(self.queries)

    def block(self, start: int, stop: int) -> "Split":
        return Split(self.queries.block(start, stop), self.truth.block(start, stop), self.known.block(start, stop))

    def sample(self, size: int, rng: np.random.Generator) -> "Split":
        """At most `size` rows, drawn without replacement, in their order."""
        if size >= len(self):
            return self
        return self._take(np.sort(rng.choice(len(self), size, replace=False)).astype(np.int64))

    def shuffled(self, size: int, rng: np.random.Generator) -> "Split":
        """At most `size` rows in any order, so that the first of them stand for all."""
        return self._take(rng.permutation(len(self))[:size].astype(np.int64))

    def _take(self, rows: npt.NDArray[np.int64]) -> "Split":
        return Split(self.queries.take(rows), self.truth.take(rows), self.known.take(rows))

    def take_out_known(self, scores: Floats) -> Floats:
        """`scores` with the known items at -inf (in place)."""
        scores[self.known.rows, self.known.items] = -np.inf
        return scores


@dataclass(frozen=True)
class LeaveOneOut:
    """Each shopper's last item is the test, the one before it the validation, what precedes is fitted on.

    The test asks with everything before the last item, the validation with everything before the last but one;
    items of the question's own history are taken out.
    """

    fit: Dataset
    validation: Split
    test: Split

    @classmethod
    def of(cls, histories: Histories, items: IdMap) -> "LeaveOneOut":
        rows = histories.rows
        behind = histories.indptr[rows + 1] - 1 - np.arange(len(rows))
        fit = histories.keep(behind >= 2)
        before = histories.keep(behind >= 1)
        return cls(
            fit=Dataset.from_histories(fit, items),
            validation=_questions(fit, histories.keep(behind == 1), fit),
            test=_questions(before, histories.keep(behind == 0), before),
        )


def _questions(asked: Histories, truth: Histories, known: Histories) -> Split:
    """The rows that have both a history and something after it."""
    rows = np.flatnonzero((np.diff(asked.indptr) > 0) & (np.diff(truth.indptr) > 0)).astype(np.int64)
    return Split(asked.take(rows), truth.take(rows), known.take(rows))


@dataclass(frozen=True)
class Sessions:
    """Sessions in the order of time, and what is asked of later ones: every beginning of one asks for what came next.

    The last sessions of the training part are the validation; a repeated item may be the answer, so nothing is taken
    out.
    """

    early: Dataset
    validation: Split
    fit: Dataset
    test: Split

    @classmethod
    def of(cls, sessions: Histories, test: Split, items: IdMap) -> "Sessions":
        held = max(len(sessions) // VALIDATION_PART, 1)
        early = sessions.block(0, len(sessions) - held)
        validation = beginnings(sessions.block(len(sessions) - held, len(sessions)))
        return cls(Dataset.from_histories(early, items), validation, Dataset.from_histories(sessions, items), test)


def beginnings(sessions: Histories) -> Split:
    """A question for each item but the first of each session: what came before it asks for it."""
    place = np.arange(len(sessions.items)) - sessions.indptr[sessions.rows]
    asked = np.flatnonzero(place > 0)
    lengths = place[asked]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    events = np.repeat(asked - lengths - indptr[:-1], lengths) + np.arange(indptr[-1])
    queries = Histories(indptr, sessions.items[events], sessions.times[events], sessions.weights[events])
    ones = np.arange(len(asked) + 1, dtype=np.int64)
    truth = Histories(ones, sessions.items[asked], sessions.times[asked], sessions.weights[asked])
    return Split(queries, truth, nothing_known(len(asked)))


def nothing_known(n_queries: int) -> Histories:
    """For a split in which nothing is taken out of the ranking."""
    indptr = np.zeros(n_queries + 1, dtype=np.int64)
    return Histories(indptr, np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float32))


def by_time(asked: Histories, truth: Histories, known: Histories) -> Split:
    """The split at a moment: shoppers with a history before it who took something after that is not in `known`.

    `asked`, `truth` and `known` are aligned by row; `truth` may hold repeats and known items.
    """
    return _questions(asked, _without(truth, known), known)


def _without(events: Histories, known: Histories) -> Histories:
    """Each shopper's distinct items among `events` that are not among `known`."""
    width = int(max(events.items.max(initial=0), known.items.max(initial=0))) + 1
    keys = events.rows * width + events.items
    first = np.zeros(len(keys), dtype=np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    return events.keep(first & ~np.isin(keys, known.rows * width + known.items))

"""Business rules as arithmetic on arrays: which of the ranked candidates are shown, where, and with what probability.

Everything here comes after the hard constraints: it chooses among candidates that are eligible, and always as many as
were asked for, or all there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.catalog import Mask, Rows
from recommender.dataset import Floats
from recommender.ranking import Ranked
from schemas import Promotion

SIMILARITY_DECIMALS = 5
"""What sums in float32 agree on: equal items must be equally similar, wherever they stand."""
Places = npt.NDArray[np.int64]
"""Positions in a pool of candidates, in the order in which they are shown."""


@dataclass(frozen=True)
class Limit:
    """At most so many items of one group. ``group``: int32, shape (n_items,), -1 for an item that is in none."""

    group: Rows
    at_most: int


@dataclass(frozen=True)
class Terms:
    """What a choice keeps to. Masks have shape (n_items,); ``balance`` and the promotion are those of `schemas.rules`.

    ``tail`` is how many candidates after the k best take part in the balance between score and similarity.
    """

    eligible: Mask
    promoted: Mask
    promotion: Promotion | None = None
    limits: tuple[Limit, ...] = ()
    balance: float = 1.0
    tail: int = 0

    @property
    def by_score_alone(self) -> bool:
        """Whether the best by score are chosen, in that order, and nothing else counts."""
        return self.promotion is None and not self.limits and self.balance == 1

    def shares(self, k: int) -> tuple[int, int]:
        """The least and the most promoted items of a list of `k`: what was asked for, as far as there are items."""
        n_promoted = int(np.count_nonzero(self.eligible & self.promoted))
        n_others = int(np.count_nonzero(self.eligible)) - n_promoted
        length = min(k, n_promoted + n_others)
        least = min(asked_of(self.promotion, k), n_promoted, length)
        at_most = 100 if self.promotion is None else self.promotion.at_most_percent
        return least, max(at_most * k // 100, least, length - n_others)


@dataclass(frozen=True)
class Choice:
    """``places``: the candidates chosen; ``spare``: those that would follow without breaking a limit.

    ``lacking``: items, shape (n,), of which one has to be chosen before any candidate; add the best of them to the pool
    and choose again. Empty where the choice is made.
    """

    places: Places
    spare: Places
    lacking: Rows


NONE: Places = np.empty(0, dtype=np.int64)
NONE_LACKING: Rows = np.empty(0, dtype=np.int32)


def asked_of(promotion: Promotion | None, k: int) -> int:
    """How many places of `k` a promotion asks for."""
    return 0 if promotion is None else -(-promotion.at_least_percent * k // 100)


def deviation(scores: Floats) -> float:
    """The standard deviation of scores, what a boost of 1 adds; 1 where all are the same, or there are none."""
    return float(scores.std(dtype=np.float64)) or 1.0 if len(scores) else 1.0


def boosted(boosts: Iterable[tuple[float, Mask]], n_items: int) -> Floats:
    """What boosts add to the score of every item, each given with the items that it is for; float32, (n_items,)."""
    added = np.zeros(n_items, dtype=np.float32)
    for by, items in boosts:
        added[items] += np.float32(by)
    return added


def choose(pool: Ranked, k: int, terms: Terms, vectors: Floats | None = None, *, spare: int = 0) -> Choice:
    """Fill `k` places one after the other, each with the candidate that is worth most there.

    The worth is that of maximal marginal relevance (Carbonell and Goldstein 1998): balance * score - (1 - balance) *
    similarity to the most similar item above, with scores on the scale on which the k best and their tail span [0, 1].
    Ties go to the candidate that stands higher in the pool. A place that the promotion needs takes a promoted item, one
    that it has no room at takes another. Among these, items that keep to all limits come first.

    Parameters
    ----------
    pool : eligible candidates, best first, among them the `k` + ``terms.tail`` best of all
    vectors : float32, shape (len(pool), size), of length 1 or 0, by whose cosine candidates are similar; None: none is
    spare : how many more to choose, of those that keep to the limits
    """
    if terms.by_score_alone:
        ranked = np.arange(min(k + spare, len(pool.items)))
        return Choice(ranked[:k], ranked[k:], NONE_LACKING)
    filling = _Filling(pool, k, terms, vectors)
    lacking = filling.fill()
    if len(lacking):
        return Choice(NONE, NONE, lacking)
    filling.fill_spare(spare)
    taken = np.array(filling.taken, dtype=np.int64)
    return Choice(taken[: filling.length], taken[filling.length :], NONE_LACKING)


class _Filling:
    """The places of a list while they are filled; ``taken`` are the candidates so far."""

    def __init__(self, pool: Ranked, k: int, terms: Terms, vectors: Floats | None) -> None:
        self.taken: list[int] = []
        self.length = min(k, int(np.count_nonzero(terms.eligible)))
        self._pool, self._terms, self._vectors = pool, terms, vectors
        hidden = terms.eligible.copy()
        hidden[pool.items] = False
        self._hidden = np.flatnonzero(hidden).astype(np.int32)
        self._free = np.ones(len(pool.items), dtype=np.bool_)
        self._owed, self._room = terms.shares(k)
        self._counts = [np.zeros(int(limit.group.max(initial=-1)) + 2, dtype=np.int64) for limit in terms.limits]
        self._relevance = terms.balance * _spanning(pool.scores, k + terms.tail)
        self._nearest = np.zeros(len(pool.items))

    def fill(self) -> Rows:
        """Fill the list; stops at a place for which the pool has nothing and returns the items to look for."""
        while len(self.taken) < self.length:
            free, lacking = self._fitting()
            if len(lacking):
                return lacking
            self._take_best(free)
        return NONE_LACKING

    def fill_spare(self, spare: int) -> None:
        """Go on after the list as long as the limits allow."""
        for _ in range(spare):
            free = self._free & self._keeps_to_limits(self._pool.items)
            if not free.any():
                return
            self._take_best(free)

    def _fitting(self) -> tuple[Mask, Rows]:
        """The candidates for the next place; or, where the pool lacks them, the items outside it that are."""
        shared = self._free & self._keeps_to_share(self._pool.items)
        within = shared & self._keeps_to_limits(self._pool.items)
        if within.any():
            return within, NONE_LACKING
        hidden = self._hidden[self._keeps_to_share(self._hidden)]
        lacking = hidden[self._keeps_to_limits(hidden)]
        if len(lacking):
            return within, lacking
        return shared, NONE_LACKING if shared.any() else hidden

    def _keeps_to_share(self, items: Rows) -> Mask:
        promoted = self._terms.promoted[items]
        if self._owed >= self.length - len(self.taken):
            return promoted
        return ~promoted if self._room <= 0 else np.ones_like(promoted)

    def _keeps_to_limits(self, items: Rows) -> Mask:
        fits = np.ones(len(items), dtype=np.bool_)
        for limit, count in zip(self._terms.limits, self._counts, strict=True):
            fits &= count[limit.group[items]] < limit.at_most
        return fits

    def _take_best(self, free: Mask) -> None:
        worth = np.where(free, self._relevance - (1 - self._terms.balance) * self._nearest, -np.inf)
        best = int(np.argmax(worth))
        item = self._pool.items[best]
        self.taken.append(best)
        self._free[best] = False
        promoted = int(self._terms.promoted[item])
        self._owed, self._room = self._owed - promoted, self._room - promoted
        for limit, count in zip(self._terms.limits, self._counts, strict=True):
            count[limit.group[item]] += limit.group[item] >= 0
        if self._vectors is not None:
            self._nearest = np.maximum(self._nearest, _cosines(self._vectors, best))


def _spanning(scores: Floats, n: int) -> npt.NDArray[np.float64]:
    """Scores, best first, on the scale on which the first `n` span [0, 1]; zeros where these are all the same."""
    exact = scores.astype(np.float64)
    if not len(exact) or exact[0] == exact[:n][-1]:
        return np.zeros_like(exact)
    lowest = exact[:n][-1]
    return (exact - lowest) / (exact[0] - lowest)


def _cosines(vectors: Floats, row: int) -> npt.NDArray[np.float64]:
    """The cosine of each vector with that of `row`, at least 0."""
    return np.round(np.maximum(vectors @ vectors[row], 0), SIMILARITY_DECIMALS).astype(np.float64)


@dataclass(frozen=True)
class Drawn:
    """``places``: what is shown; ``propensities``: float64, of each candidate to be shown at its place."""

    places: Places
    propensities: npt.NDArray[np.float64]


def explore(choice: Choice, promoted: Mask, epsilon: float, rng: np.random.Generator) -> Drawn:
    """Show, at each place with probability `epsilon`, a spare candidate in place of the chosen one.

    The spare candidates are dealt to the places in turn, so that a place has a hand of its own: no candidate can come
    twice, places are independent, and the propensities are exact, 1 - epsilon for the chosen candidate and epsilon / n
    for each of a hand of n. A promoted candidate gives way to promoted ones only, another to others only. A place
    with an empty hand is certain. (Sampling without replacement, as by Plackett and Luce, has no such closed form for
    what stands at one place.)

    Parameters
    ----------
    promoted : shape (n_candidates,)
    """
    places, propensities = choice.places.copy(), np.ones(len(choice.places))
    draws = rng.random((len(places), 2))
    for place, hand in enumerate(_hands(choice, promoted)):
        if len(hand) and draws[place, 0] < epsilon:
            places[place] = hand[int(draws[place, 1] * len(hand))]
            propensities[place] = epsilon / len(hand)
        elif len(hand):
            propensities[place] = 1 - epsilon
    return Drawn(places, propensities)


def _hands(choice: Choice, promoted: Mask) -> list[Places]:
    """The spare candidates of each place, dealt in turn among the places of their kind."""
    hands = [NONE] * len(choice.places)
    for kind in (True, False):
        places = np.flatnonzero(promoted[choice.places] == kind)
        spare = choice.spare[promoted[choice.spare] == kind]
        for turn, place in enumerate(places):
            hands[place] = spare[turn :: len(places)]
    return hands

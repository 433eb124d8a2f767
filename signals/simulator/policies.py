"""Policies: who decides what is shown to whom, with which probability."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from signals.simulator.market import FloatArray, IntArray


@dataclass(frozen=True)
class Shown:
    """One list a row, best place first. ``propensities``: with which each item was shown at its place, in (0, 1]."""

    items: IntArray
    propensities: FloatArray


class Policy(Protocol):
    def __call__(self, shoppers: IntArray, rng: np.random.Generator) -> Shown:
        """A list for each of ``shoppers``, all of one length, no item twice in a list."""
        ...


class Ranking:
    """Shows the best by a score; at each place, with probability ``epsilon``, an item of the place's own hand instead.

    The items that follow the list are dealt to its places in turn, ``hand`` to each, so that places are independent
    and propensities exact: the rule by which the engine explores.

    Parameters
    ----------
    scores : shape (n_items,), the same for everybody, or (n_shoppers, n_items); of equals the first comes first

    Raises
    ------
    ValueError : fewer items than ``k`` places and their hands need, or ``epsilon`` outside [0, 1]
    """

    def __init__(self, scores: FloatArray, k: int = 10, *, epsilon: float = 0.0, hand: int = 1) -> None:
        needed, n_items = k * (1 + hand), scores.shape[-1]
        if k < 1 or hand < 1 or needed > n_items:
            raise ValueError(
                f"{k} places with hands of {hand} need {needed} items, there are {n_items}; "
                "pass k and hand of at least 1, and small enough"
            )
        if not 0 <= epsilon <= 1:
            raise ValueError(f"epsilon is a probability, from 0 to 1; got {epsilon}")
        best = np.argsort(-np.atleast_2d(scores), axis=1, kind="stable")[:, :needed]
        self._hands = best.reshape(-1, 1 + hand, k).transpose(0, 2, 1)
        self._chances = np.array([1 - epsilon] + hand * [epsilon / hand])

    def hands(self, shoppers: IntArray) -> IntArray:
        """What each place may show, the item of the place itself first; shape (shoppers, k, 1 + hand)."""
        return self._hands[np.zeros_like(shoppers) if len(self._hands) == 1 else shoppers]

    @property
    def chances(self) -> FloatArray:
        """The probability of each item of a hand; shape (1 + hand,)."""
        return self._chances

    def propensities(self, shoppers: IntArray, items: IntArray) -> FloatArray:
        """With which probability each of ``items``, shape (shoppers, k), is shown at its place."""
        found: FloatArray = (self.hands(shoppers) == items[:, :, None]) @ self._chances
        return found

    def __call__(self, shoppers: IntArray, rng: np.random.Generator) -> Shown:
        hands = self.hands(shoppers)
        drawn = np.searchsorted(np.cumsum(self._chances), rng.random(hands.shape[:2]), side="right")
        drawn = np.minimum(drawn, len(self._chances) - 1)
        return Shown(np.take_along_axis(hands, drawn[:, :, None], axis=2)[:, :, 0], self._chances[drawn])

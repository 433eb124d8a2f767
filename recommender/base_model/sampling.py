"""How one token is drawn from the scores of all that may come next."""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from numba import njit

from recommender.errors import WriterError

Scores = npt.NDArray[np.float32]
TokenIds = npt.NDArray[np.int64]
ASKED: Final = 32
"""Of so many tokens, the likeliest, it is asked one by one whether they may come next, before it is asked of all."""
NEAR: Final = 8.0
"""How much lower than the best a token's score may be for it to be among the likeliest."""


class Allowing(Protocol):
    """Says which tokens may come next; to say it of all takes as long as of thirty."""

    def allows(self, token: int) -> bool: ...

    def choices(self) -> TokenIds: ...


class Sampler:
    """Draws for one answer: its own stream of random numbers, whatever is written beside it.

    Parameters
    ----------
    temperature : 0 takes the best each time
    top_p : only the best tokens are drawn from, as many as together have at least this probability
    """

    def __init__(self, temperature: float, top_p: float, seed: int) -> None:
        self._temperature = temperature
        self._top_p = top_p
        self._rng = np.random.default_rng(seed)

    def draw(self, scores: Scores, allowing: Allowing | None = None) -> int:
        """An index of ``scores``, which has shape (n,), n >= 1; where not all are allowed, as if there were no others.

        Raises `WriterError` where the scores are no numbers.
        """
        if allowing is None:
            _require_finite(scores.max())
            return self._drawn(scores)
        likely = self._drawn_of_likeliest(scores, allowing)
        if likely is not None:
            return likely
        choices = allowing.choices()
        return int(choices[self._drawn(scores[choices])])

    def _drawn(self, scores: Scores) -> int:
        if self._temperature == 0:
            return int(scores.argmax())
        odds = self._odds(scores)
        able = np.flatnonzero(odds >= (1 - self._top_p) * odds.sum() / len(odds))  # the others are not kept in any case
        order = able[np.argsort(-odds[able], kind="stable")]
        total = np.cumsum(odds[order]).tolist()
        return int(order[self._place(total, self._kept(total, odds.sum()))])

    def _drawn_of_likeliest(self, scores: Scores, allowing: Allowing) -> int | None:
        """What is drawn of all that are allowed, as far as the likeliest tokens tell; None where they do not.

        What has not been asked about may be allowed or not: as soon as as many tokens are kept in both cases, no more
        need be known.
        """
        best, odds, others, highest = likeliest(scores, self._temperature or 1.0)
        _require_finite(highest)
        order, own = best.tolist(), odds.tolist()
        if self._temperature == 0:
            return next((token for token in order if allowing.allows(token)), None)
        unknown = list(accumulate(reversed(own), initial=others))[-2::-1]
        allowed: list[int] = []
        total: list[float] = []
        for token, odd, rest in zip(order, own, unknown, strict=True):
            if allowing.allows(token):
                allowed.append(token)
                total.append(odd + (total[-1] if total else 0))
            if (
                total
                and total[-1] > 0
                and (kept := self._kept(total, total[-1])) == self._kept(total, total[-1] + rest)
            ):
                return allowed[self._place(total, kept)]
        return None

    def _odds(self, scores: Scores) -> npt.NDArray[np.float64]:
        return np.exp((scores.astype(np.float64) - scores.max()) / self._temperature)

    def _kept(self, total: list[float], of: float) -> int:
        """How many of the best are drawn from; one more than there are where they are too few."""
        return bisect_left(total, self._top_p * of) + 1

    def _place(self, total: list[float], kept: int) -> int:
        point = self._rng.random() * total[:kept][-1]
        return bisect_right(total[: kept - 1], point)


def _require_finite(highest: float) -> None:
    if not np.isfinite(highest):
        raise WriterError("the model's scores are not finite; its weights are damaged or need another dtype")


@njit(nogil=True, cache=True)
def likeliest(scores, temperature):  # type: ignore[no-untyped-def]
    """Compiled: in one call where numpy makes eight, after each of which a thread waits for the interpreter.

    Parameters
    ----------
    scores : float32, shape (n,), n >= 1
    temperature : above 0

    Returns
    -------
    the likeliest tokens, int64, shape (at most `ASKED`,), best first, the lowest first of those alike
    odds of each against the best, float64
    odds of all the others, added up
    the highest score; NaN where one is
    """
    highest = scores[0]
    for score in scores:
        if not score <= highest:
            highest = score
        if np.isnan(highest):
            break
    near = np.flatnonzero(scores >= highest - NEAR)
    order = near[np.argsort(-scores[near], kind="mergesort")][:ASKED]
    odds = np.exp((scores.astype(np.float64) - highest) / temperature)
    own = odds[order]
    odds[order] = 0.0
    return order, own, odds.sum(), highest

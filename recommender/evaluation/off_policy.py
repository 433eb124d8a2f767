"""What another policy would have earned, estimated from lists that were logged with their propensities.

The reward of a place is taken to depend on the shopper, the place and the item shown there, not on the rest of the
list: the item-position model of Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen (Offline Evaluation of
Ranking Policies with Click Models, 2018). With lists of one item these are the estimators for contextual bandits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.errors import BadRequestError

Values = npt.NDArray[np.float64]

LEVEL: Final = 0.95
DEVIATIONS: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class LoggedLists:
    """Lists that a logging policy showed, one a row, and what the policy to be judged would have done there.

    Attributes
    ----------
    rewards : float64, shape (n, k), what each place earned: 1 for a click, say
    propensities : shape (n, k), in (0, 1], with which the logging policy showed at the place what it showed
    targets : shape (n, k), in [0, 1], with which the policy to be judged shows the same item at the same place
    expected : shape (n, k), a model's guess of the reward of what was shown; only `doubly_robust` needs it
    expected_target : shape (n, k), the same model's guess of what the judged policy earns at the place
    shoppers : shape (n,), whose list it was; lists of one shopper are not independent. None: they all are.

    Raises
    ------
    BadRequestError : shapes that differ, no list at all, values out of range
    """

    rewards: Values
    propensities: Values
    targets: Values
    expected: Values | None = None
    expected_target: Values | None = None
    shoppers: npt.NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        shape = self.rewards.shape
        if len(shape) != 2 or not self.rewards.size:
            raise BadRequestError(f"rewards have the shape (lists, places), neither of them 0; got {shape}")
        for name in ("propensities", "targets", "expected", "expected_target"):
            _require_same_shape(name, getattr(self, name), shape)
        _require_same_shape("shoppers", self.shoppers, shape[:1])
        _require_range("propensities", self.propensities, "above 0 and at most 1", self.propensities > 0)
        _require_range("targets", self.targets, "from 0 to 1", self.targets >= 0)

    def __len__(self) -> int:
        return len(self.rewards)

    def weights(self, clip: float | None = None) -> Values:
        """How much likelier the judged policy shows each item at its place; shape (n, k), at most `clip`."""
        if clip is not None and not clip > 0:
            raise BadRequestError(f"clip is above 0, or None for no clipping; got {clip}")
        return np.minimum(self.targets / self.propensities, np.inf if clip is None else clip)


@dataclass(frozen=True)
class Estimate:
    """The reward of a list under the judged policy, with its 95 % interval.

    ``effective_lists`` is how many lists logged under the judged policy itself would say as much about a place (Kish,
    1965); an estimate that rests on a few says little, whatever its interval. ``mean_weight`` is 1 up to noise where
    the logging policy can show all that the judged one shows, and lower where it cannot: then the estimate is too low.
    """

    value: float
    interval: tuple[float, float]
    effective_lists: float
    mean_weight: float


def ips(lists: LoggedLists, clip: float | None = None) -> Estimate:
    """Inverse propensity scoring (Horvitz and Thompson, 1952): unbiased where nothing is clipped."""
    weights = lists.weights(clip)
    return _estimate(lists, (weights * lists.rewards).sum(axis=1), weights)


def snips(lists: LoggedLists, clip: float | None = None) -> Estimate:
    """Self-normalised inverse propensity scoring (Swaminathan and Joachims, 2015), place by place.

    Consistent and mostly of less variance than `ips`. Its interval is that of the ratio's linearisation.

    Raises
    ------
    BadRequestError : a place where nothing that was shown could come from the judged policy
    """
    weights = lists.weights(clip)
    means = weights.mean(axis=0)
    if not (means > 0).all():
        place = int(np.flatnonzero(means == 0)[0]) + 1
        raise BadRequestError(
            f"no list shows at place {place} what the judged policy could show there, so the log says nothing of it; "
            "judge a policy that is nearer to the logged one, or log with more exploration"
        )
    values = (weights * lists.rewards).mean(axis=0) / means
    return _estimate(lists, values.sum() + (weights * (lists.rewards - values) / means).sum(axis=1), weights)


def doubly_robust(lists: LoggedLists, clip: float | None = None) -> Estimate:
    """A model's guess, corrected by what it missed (Dudik, Langford and Li, 2011).

    Unbiased where the propensities are right or the model is, and of less variance the better the model is.

    Raises
    ------
    BadRequestError : `lists` without ``expected`` and ``expected_target``
    """
    if lists.expected is None or lists.expected_target is None:
        raise BadRequestError("doubly_robust needs a model's guesses: pass both expected and expected_target")
    weights = lists.weights(clip)
    return _estimate(lists, (lists.expected_target + weights * (lists.rewards - lists.expected)).sum(axis=1), weights)


def estimates(lists: LoggedLists, clip: float | None = None) -> Mapping[str, Estimate]:
    """Every estimator that `lists` allow, by name: IPS, SNIPS, and DR where a model's guesses are there."""
    found = {"IPS": ips(lists, clip), "SNIPS": snips(lists, clip)}
    return found if lists.expected is None else {**found, "DR": doubly_robust(lists, clip)}


def _estimate(lists: LoggedLists, per_list: Values, weights: Values) -> Estimate:
    """The mean of one value a list; its error is that of sums over shoppers (Liang and Zeger, 1986)."""
    value = float(per_list.mean())
    residuals = per_list - value
    sums = residuals if lists.shoppers is None else _sums_by(lists.shoppers, residuals)
    groups = len(sums)
    spread = np.sqrt(np.sum(sums**2) * groups / max(groups - 1, 1)) / len(lists)
    error = DEVIATIONS * float(spread) if groups > 1 else float("inf")
    squares = float((weights**2).sum())
    effective = float(weights.sum()) ** 2 / (squares * weights.shape[1]) if squares else 0.0
    return Estimate(value, (value - error, value + error), effective, float(weights.mean()))


def _sums_by(groups: npt.NDArray[np.int64], values: Values) -> Values:
    places = np.unique(groups, return_inverse=True)[1]
    return np.bincount(places, values).astype(np.float64)


def _require_same_shape(name: str, values: npt.NDArray[np.generic] | None, shape: tuple[int, ...]) -> None:
    if values is not None and values.shape != shape:
        raise BadRequestError(f"{name} have the shape {values.shape}; {shape} goes with the rewards")


def _require_range(name: str, values: Values, allowed: str, above: npt.NDArray[np.bool_]) -> None:
    bad = ~(above & (values <= 1))
    if bad.any():
        raise BadRequestError(f"{name} are {allowed}; got {values[bad][0]} in list {int(np.nonzero(bad)[0][0])}")

"""How much of a difference is noise: bootstrap over the questions."""

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
LEVEL = 0.95


def interval_of_mean(values: npt.NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    """The percentile bootstrap's 95 % interval of the mean (Efron, 1979); of differences, it is the paired bootstrap.

    Parameters
    ----------
    values : shape (n,), one per question, n at least 1
    """
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)

"""How one token is drawn from the scores of all that may come next."""

import numpy as np
import numpy.typing as npt

from recommender.errors import WriterError

Scores = npt.NDArray[np.float32]


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

    def draw(self, scores: Scores) -> int:
        """An index of ``scores``, which has shape (n,), n >= 1. Raises `WriterError` where they are no numbers."""
        best = scores.max()
        if not np.isfinite(best):
            raise WriterError("the model's scores are not finite; its weights are damaged or need another dtype")
        if self._temperature == 0:
            return int(scores.argmax())
        odds = np.exp((scores.astype(np.float64) - best) / self._temperature)
        order = np.argsort(-odds, kind="stable")
        total = np.cumsum(odds[order])
        kept = int(np.searchsorted(total, self._top_p * total[-1])) + 1
        point = self._rng.random() * total[:kept][-1]
        return int(order[np.searchsorted(total[: kept - 1], point, side="right")])

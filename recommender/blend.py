"""The blend: a weighted sum of models, each brought to one scale per shopper."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.dataset import Floats, Histories
from recommender.models.base import Items, Lists, Scorer, Scoring, Scorings

POPULARITY = "popularity"


def standardise(scores: Floats, n_items: int | None = None) -> Floats:
    """Scores divided by their standard deviation over the first `n_items`, row by row; a constant row becomes 0.

    None: over all of the catalogue.
    """
    spread = scores[:, :n_items].std(axis=1, keepdims=True)
    return np.divide(scores, spread, where=spread > 0, out=np.zeros_like(scores))


@dataclass(frozen=True)
class Blend:
    """Members and their weights (> 0), by model name."""

    members: Mapping[str, Scorer]
    weights: Mapping[str, float]

    def standardised(self, queries: Histories) -> dict[str, Floats]:
        """Each member's scores, brought to one scale; float32, shape (len(queries), n_items)."""
        return {name: standardise(one.scores(queries), one.n_fitted) for name, one in self.members.items()}

    def sum(self, scores: Mapping[str, Floats]) -> Floats:
        """Sum over members of weight * standardised score; float32, of the scores' shape."""
        total = np.zeros_like(next(iter(scores.values())))
        for name, one in scores.items():
            total += self.weights[name] * one
        return total

    def scores(self, queries: Histories) -> Floats:
        """The blended scores of every item; float32, shape (len(queries), n_items)."""
        return self.sum(self.standardised(queries))

    def ask(self, query: Histories) -> "Asked":
        """What the blend says to one history, worked out for those items only that are asked about."""
        return Asked(self, query)

    def ask_all(self, queries: Histories) -> "AskedAll":
        """What the blend says to several histories at once."""
        return AskedAll(self, queries, {name: model.ask_all(queries) for name, model in self.members.items()})


@dataclass(frozen=True)
class Asked:
    """A blend asked with one history; its members are asked once, and only if anything is."""

    blend: Blend
    query: Histories

    @cached_property
    def scorings(self) -> Mapping[str, Scoring]:
        """What each member says, by model name."""
        return {name: model.ask(self.query) for name, model in self.blend.members.items()}

    def standardised(self, items: Items) -> dict[str, Floats]:
        """Each member's scores of `items`, brought to one scale; float32, shape (len(items),)."""
        return {name: _scaled(one.scores(items), one.spread) for name, one in self.scorings.items()}

    def scores(self, items: Items) -> Floats:
        """The blended scores of `items`; float32, shape (len(items),)."""
        return self.blend.sum(self.standardised(items))

    def estimates(self, items: Items) -> Floats:
        """Near enough to the blended scores to tell which of very many `items`, ascending, are worth scoring."""
        total = np.zeros(len(items), dtype=np.float32)
        for name, one in self.scorings.items():
            one.add_estimates(items, self.scale(name), total)
        return total

    def scale(self, name: str) -> float:
        """What a member's scores are multiplied by before they are added; 0 where it says the same of all items."""
        spread = self.scorings[name].spread
        return self.blend.weights[name] / spread if spread > 0 else 0.0

    def parts(self, items: Items) -> "ScoreParts":
        """What the blended scores of `items` are made of."""
        history = np.zeros((len(items), len(self.query.items)), dtype=np.float32)
        popularity, total = np.zeros(len(items), dtype=np.float32), np.zeros(len(items), dtype=np.float32)
        for name, scoring in self.scorings.items():
            weight = np.float32(self.blend.weights[name])
            scores = weight * _scaled(scoring.scores(items), scoring.spread)
            total += scores
            history += weight * _scaled(scoring.contributions(items), scoring.spread)
            popularity += scores if name == POPULARITY else 0
        return ScoreParts(history, popularity, total)


@dataclass(frozen=True)
class AskedAll:
    """A blend asked with several histories; what its members say by model name."""

    blend: Blend
    queries: Histories
    scorings: Mapping[str, Scorings]

    def add_whole(self, total: Floats) -> dict[str, Floats]:
        """Add the blended scores of every item to `total`, float32, C-contiguous, shape (len(queries), n_items).

        Returns
        -------
        the standard deviation of each member's scores for each history, float32, shape (len(queries),)
        """
        return {name: one.add_whole(self.blend.weights[name], total) for name, one in self.scorings.items()}

    def told(self, spreads: Mapping[str, Floats], lists: Lists, newest: int) -> dict[str, tuple[Floats, Floats]]:
        """What each member says of the listed items: `Scorings.told`, brought to one scale by the `spreads`."""
        rows = np.repeat(np.arange(len(self.queries)), np.diff(lists.indptr))
        found = {}
        for name, one in self.scorings.items():
            scores, links = one.told(lists, newest)
            spread = spreads[name][rows]
            found[name] = np.divide(scores, spread, where=spread > 0, out=np.zeros_like(scores)), links
        return found


def _scaled(values: Floats, spread: float) -> Floats:
    return values / np.float32(spread) if spread > 0 else np.zeros_like(values)


@dataclass(frozen=True)
class ScoreParts:
    """Blended scores of n items taken apart; what no model can attribute is in ``total`` alone.

    Attributes
    ----------
    history : float32, shape (n, n_events), what each event of the history adds
    popularity : float32, shape (n,), what popularity adds
    total : float32, shape (n,), the score
    """

    history: Floats
    popularity: Floats
    total: Floats

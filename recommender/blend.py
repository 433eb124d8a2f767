"""The blend: a weighted sum of models, each brought to one scale per shopper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from recommender.dataset import Floats, Histories
from recommender.models.base import AnyModel
from recommender.models.content import ContentModel
from recommender.models.kin import WithKin

POPULARITY = "popularity"


def standardise(scores: Floats) -> Floats:
    """Scores divided by their standard deviation over the catalogue, row by row; a constant row becomes 0."""
    spread = scores.std(axis=1, keepdims=True)
    return np.divide(scores, spread, where=spread > 0, out=np.zeros_like(scores))


class BlendMember(Protocol):
    """What a blend asks of its members; `recommender.models.base.Model` says what each answer is."""

    def scores(self, queries: Histories) -> Floats: ...

    def contributions(self, query: Histories, items: npt.NDArray[np.int32]) -> Floats: ...


def as_members(models: Mapping[str, AnyModel]) -> dict[str, BlendMember]:
    """The models, by name; where the one of content lends, the others score a new product as its kin."""
    content = models.get(ContentModel.name)
    if not isinstance(content, ContentModel) or not content.lends:
        return dict(models)
    return {name: model if model is content else WithKin(model, content.kin) for name, model in models.items()}


@dataclass(frozen=True)
class Blend:
    """Members and their weights (> 0), by model name."""

    members: Mapping[str, BlendMember]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, models: Mapping[str, AnyModel], weights: Mapping[str, float]) -> Self:
        """The blend of those `models` that have a weight above 0; one of content lends without any weight too."""
        members, kept = as_members(models), {name: weight for name, weight in weights.items() if weight > 0}
        return cls({name: members[name] for name in kept}, kept)

    def standardised(self, queries: Histories) -> dict[str, Floats]:
        """Each member's scores, brought to one scale; float32, shape (len(queries), n_items)."""
        return {name: standardise(model.scores(queries)) for name, model in self.members.items()}

    def sum(self, scores: Mapping[str, Floats]) -> Floats:
        """Sum over members of weight * standardised score; float32, of the scores' shape."""
        return np.sum([self.weights[name] * one for name, one in scores.items()], axis=0, dtype=np.float32)

    def scores(self, queries: Histories) -> Floats:
        """The blended scores of every item; float32, shape (len(queries), n_items)."""
        return self.sum(self.standardised(queries))

    def parts(self, query: Histories, items: npt.NDArray[np.int32]) -> "ScoreParts":
        """What the blended scores of `items` for one history are made of."""
        history = np.zeros((len(items), len(query.items)), dtype=np.float32)
        popularity, total = np.zeros(len(items), dtype=np.float32), np.zeros(len(items), dtype=np.float32)
        for name, model in self.members.items():
            scores = model.scores(query)[0]
            spread = float(scores.std())
            if spread > 0:
                scale = np.float32(self.weights[name] / spread)
                total += scale * scores[items]
                history += scale * model.contributions(query, items)
                popularity += scale * scores[items] if name == POPULARITY else 0
        return ScoreParts(history, popularity, total)


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

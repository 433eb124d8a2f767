"""Is a new blend worse than the one in use? Both are asked the same questions, and neither has seen the answers.

The questions are those of the validation window: what its shoppers bought that was new to them. The new blend's models
were fitted on what is older than the window. So were the artifacts in use, if they are that old; then they are asked as
they are. Otherwise they have seen answers, and the comparison is one of recipes: the members, configurations and
weights in use, fitted on the same data as the new ones.

It is the blends that are compared, without the trees that order their best anew. Trees are grown on a window's answers,
the new ones on these, those in use mostly on these too; whether they help is judged where they are grown.

The new blend counts as worse where the whole 95 % interval of the mean difference in NDCG@10, a paired bootstrap over
the shoppers, is below 0. The new recipe was chosen on these very questions, the one in use on an earlier window: what
doubt there is speaks for the new one, so that a training is held back only by what is plainly better.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np

from recommender.artifacts import Artifacts, Comparison
from recommender.dataset import Dataset, Floats, Histories
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import Scorer, measure
from recommender.evaluation.splits import Split
from recommender.ids import IdMap
from recommender.models.content import ContentModel
from recommender.selection import K, Selection, Trial

LEAST_QUERIES: Final = 30
"""Shoppers in the validation window below which nothing is chosen by it."""
MOST_QUERIES: Final = 10_000
"""Shoppers who are asked at most: the interval is narrow by then."""


@dataclass(frozen=True)
class Window:
    """The validation window: what was known when it began, and what its shoppers are asked."""

    begins_at: datetime
    early: Dataset
    questions: Split

    @property
    def is_enough(self) -> bool:
        """Whether anything can be chosen or judged by it."""
        return len(self.questions) >= LEAST_QUERIES


def recipe_of(artifacts: Artifacts) -> Selection:
    """The selection that artifacts were made with: their members, configurations, weights and trees."""
    manifest = artifacts.manifest
    trials = {name: Trial(artifacts.models[name], member.ndcg) for name, member in manifest.members.items()}
    weights = {name: member.weight for name, member in manifest.members.items()}
    trees = None if artifacts.reranker is None else artifacts.reranker.trees
    return Selection(trials, weights, manifest.validation_ndcg, manifest.validation_queries, trees)


def compare(new: Selection, in_use: Artifacts, window: Window, seed: int) -> Comparison:
    """Ask both the questions of `window`; the models of `new` were fitted on what is older than it."""
    questions = window.questions.sample(MOST_QUERIES, np.random.default_rng(seed))
    refitted = in_use.manifest.as_of > window.begins_at
    old = (
        _refitted(recipe_of(in_use), new, window.early, seed) if refitted else _as_they_are(in_use, window.early.items)
    )
    fitted = new.blend({name: trial.model for name, trial in new.trials.items()})
    theirs, ours = (measure(score, questions, K).at(K).ndcg for score in (old, fitted.scores))
    return Comparison(
        version=in_use.manifest.version,
        refitted=refitted,
        questions=len(questions),
        in_use=float(theirs.mean()),
        new=float(ours.mean()),
        difference=interval_of_mean(ours - theirs, np.random.default_rng(seed)),
    )


def _refitted(recipe: Selection, new: Selection, early: Dataset, seed: int) -> Scorer:
    """The recipe on the early data; a configuration that the new one shares is fitted there already.

    A model without a weight is not asked, but that of content, which may lend.
    """
    asked = {name for name, weight in recipe.weights.items() if weight > 0} | {ContentModel.name}
    members = {name: trial for name, trial in recipe.trials.items() if name in asked}
    models = {name: new.trials[name].model for name, trial in members.items() if _shares(new.trials, name, trial)}
    missing = {name: trial for name, trial in members.items() if name not in models}
    models |= replace(recipe, trials=missing).refit(early, seed)
    return recipe.blend(models).scores


def _shares(trials: Mapping[str, Trial], name: str, trial: Trial) -> bool:
    return name in trials and trials[name].model.config == trial.model.config


def _as_they_are(artifacts: Artifacts, items: IdMap) -> Scorer:
    """The blend of `artifacts`, asked about the catalogue `items`: what it does not know comes last."""
    places = artifacts.items.find(items.ids(np.arange(len(items))))

    def scores(queries: Histories) -> Floats:
        known = queries.keep(places[queries.items] >= 0)
        found = artifacts.blend.scores(replace(known, items=places[known.items]))
        return np.where(places >= 0, found[:, places], np.float32(-np.inf))

    return scores

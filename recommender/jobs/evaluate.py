"""Evaluate: the future held out, everything chosen before it, the whole catalogue ranked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from sqlalchemy import Engine

from recommender.artifacts import Artifacts
from recommender.base_model.protocols import Encoder
from recommender.blend import standardise
from recommender.dataset import Dataset, Floats
from recommender.embedder import BUNDLED, Embedder, embedder_of, known_of
from recommender.errors import BadRequestError
from recommender.evaluation.bootstrap import interval_of_mean
from recommender.evaluation.protocol import Measured, measure_all
from recommender.evaluation.sequences import read_sequences, read_sessions
from recommender.evaluation.splits import LeaveOneOut, Sessions, Split
from recommender.jobs.reading import Source
from recommender.models.base import AnyModel
from recommender.ranking import scores_of
from recommender.selection import Progress, Selection, select, silent

TRIALS = 12
BUDGET_SECONDS = 540.0
K = 10
CUTS = (5, K, 20)
BLEND = "blend"
Figures = dict[str, float]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Lead:
    """How far the blend is ahead of the single model that is best on the test part, in NDCG@10.

    ``interval`` is the 95 % interval of the mean difference: a paired bootstrap over the questions.
    """

    over: str
    difference: float
    interval: Interval


@dataclass(frozen=True)
class Evaluation:
    """What the test part says.

    Attributes
    ----------
    measured : the ranks of all that was sought, under every model alone and under the ``blend``
    items : products that are ranked
    weights : of the models in the blend; 0: switched off
    validation : NDCG@10 of each model alone where the blend was chosen
    trees : whether trees order the blend's best anew
    fit_seconds, score_seconds : what fitting and choosing took, and what measuring all models took
    """

    measured: Mapping[str, Measured]
    items: int
    weights: Mapping[str, float]
    validation: Mapping[str, float]
    trees: bool
    fit_seconds: float
    score_seconds: float

    @property
    def users(self) -> int:
        """Questions asked."""
        return self.measured[BLEND].n_queries

    @property
    def models(self) -> dict[str, Figures]:
        """Figures of every model alone, as those of `blend`."""
        return {name: _figures(one) for name, one in self.measured.items() if name != BLEND}

    @property
    def blend(self) -> Figures:
        """Recall, NDCG and MRR at 5, 10 and 20, and the coverage of the top 10, each in [0, 1]."""
        return _figures(self.measured[BLEND])

    @property
    def intervals(self) -> dict[str, Interval]:
        """95 % intervals of the blend's figures at 10, bootstrap over the questions."""
        at_k = self.measured[BLEND].at(K)
        return {
            f"recall@{K}": interval_of_mean(at_k.recall, np.random.default_rng(0)),
            f"ndcg@{K}": interval_of_mean(at_k.ndcg, np.random.default_rng(0)),
        }

    @property
    def lead(self) -> Lead:
        ndcg = {name: one.at(K).ndcg for name, one in self.measured.items()}
        best = max((name for name in ndcg if name != BLEND), key=lambda name: float(ndcg[name].mean()))
        gains = ndcg[BLEND] - ndcg[best]
        return Lead(best, float(gains.mean()), interval_of_mean(gains, np.random.default_rng(0)))

    def as_json(self) -> dict[str, object]:
        models, blend, lead = self.models, self.blend, self.lead
        return {
            "users": self.users,
            "items": self.items,
            **blend,
            "intervals": self.intervals,
            "models": models,
            "blend": blend,
            "popularity": models["popularity"],
            "lead": {"over": lead.over, "ndcg@10": lead.difference, "interval": lead.interval},
            "members": {name: weight for name, weight in self.weights.items() if weight > 0},
            "validation_ndcg@10": dict(self.validation),
            "trees": self.trees,
            "fit_seconds": self.fit_seconds,
            "score_seconds": self.score_seconds,
        }


@dataclass(frozen=True)
class EvaluationByTime(Evaluation):
    """Figures on what was bought from ``split_at`` on."""

    split_at: datetime

    def as_json(self) -> dict[str, object]:
        return {"split_at": self.split_at.isoformat(), **super().as_json()}


def evaluate(
    engine: Engine,
    *,
    split_at: datetime | None = None,
    repeats: bool = False,
    trials: int = TRIALS,
    budget_seconds: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
    encoder: Encoder | Literal["bundled"] | None = BUNDLED,
    photos: Path | None = None,
    before: Artifacts | None = None,
) -> EvaluationByTime:
    """Measure on what shoppers bought from `split_at` on (default: the start of the last window), new to them.

    Everything is chosen on the window before `split_at` and then fitted on all that is older than it. Shoppers
    without a history before `split_at` are not asked; what they bought before is taken out of the ranking. Choosing
    ends within `budget_seconds`, with the best found by then; None: after all `trials`. `encoder` and `photos` are
    those of `recommender.jobs.train.train`.

    Parameters
    ----------
    repeats : ask for all that was bought, what had been bought before as well; nothing is taken out of the ranking
    before : artifacts; what they have embedded already is not embedded again

    Raises
    ------
    NotEnoughDataError : no data, or nothing bought in one of the windows
    BadRequestError : `split_at` outside the time range of the events
    """
    progress(0.0, "reading events")
    source = Source.of(engine)
    split_at = split_at or source.split_at
    validate_at = split_at - source.window
    if not source.first_at < validate_at or not split_at < source.end:
        raise BadRequestError(
            f"split_at {split_at.isoformat()} leaves nothing to fit, choose or test on; the events reach from "
            f"{source.first_at.isoformat()} to {source.last_at.isoformat()}, the window is {source.window.days} days"
        )
    source = _embedded(source, embedder_of(encoder, photos, known_of(before)), progress)
    early, dataset = source.dataset(validate_at), source.dataset(split_at)
    validation = source.split(early, validate_at, split_at, repeats=repeats)
    test = source.split(dataset, split_at, source.end, repeats=repeats)
    measured = evaluate_splits(
        early, validation, dataset, test, trials=trials, budget_seconds=budget_seconds, seed=seed, progress=progress
    )
    return EvaluationByTime(**vars(measured), split_at=split_at)


def evaluate_sequences(
    path: Path,
    *,
    trials: int = TRIALS,
    budget_seconds: float | None = BUDGET_SECONDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """The leave-one-out protocol: fit on all but the last two items of each shopper, choose by the last but one,
    score the last among the whole catalogue, given everything before it; ties count against the blend.

    Other parameters as in `evaluate_splits`.
    """
    parts = LeaveOneOut.of(*read_sequences(path))
    return evaluate_splits(
        parts.fit,
        parts.validation,
        None,
        parts.test,
        trials=trials,
        budget_seconds=budget_seconds,
        seed=seed,
        progress=progress,
    )


def evaluate_sessions(
    path: Path,
    test: Path,
    *,
    trials: int = TRIALS,
    budget_seconds: float | None = BUDGET_SECONDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """The sessions protocol: the next item of sessions later than those that are learned from, among the whole
    catalogue; everything is chosen on the last tenth of these, and then fitted on all of them.

    Parameters
    ----------
    path, test : files as `read_sessions` reads them
    """
    parts = Sessions.of(*read_sessions(path, test))
    return evaluate_splits(
        parts.early,
        parts.validation,
        parts.fit,
        parts.test,
        trials=trials,
        budget_seconds=budget_seconds,
        seed=seed,
        progress=progress,
    )


def evaluate_splits(
    early: Dataset,
    validation: Split,
    later: Dataset | None,
    test: Split,
    *,
    trials: int = TRIALS,
    budget_seconds: float | None = BUDGET_SECONDS,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Choose on `validation` what was fitted on `early`, fit it on `later`, and measure it on `test`.

    Fitting and choosing end within `budget_seconds`, with the best found by then; None: after all `trials`.

    Parameters
    ----------
    later : None: what was fitted to choose is what is measured
    """
    start = time.perf_counter()
    selection = select(early, validation, trials, seed, lambda share, text: progress(0.7 * share, text), budget_seconds)
    models: Mapping[str, AnyModel] = {name: trial.model for name, trial in selection.trials.items()}
    if later is not None:
        models = selection.refit(later, seed, lambda share, text: progress(0.7 + 0.2 * share, text))
    fitted = time.perf_counter()
    progress(0.9, "measuring")
    measured = _measured(selection, models, early if later is None else later, test)
    return Evaluation(
        measured=measured,
        items=early.n_items,
        weights=selection.weights,
        validation={name: trial.ndcg for name, trial in selection.trials.items() if trial.ndcg is not None},
        trees=selection.trees is not None,
        fit_seconds=fitted - start,
        score_seconds=time.perf_counter() - fitted,
    )


def _embedded(source: Source, embedder: Embedder | None, progress: Progress) -> Source:
    if embedder is None:
        return source
    found = embedder.embed(source.catalog, source.items, lambda _, text: progress(0.0, text))
    return replace(source, embeddings=found.vectors)


def _measured(
    selection: Selection, models: Mapping[str, AnyModel], dataset: Dataset, test: Split
) -> dict[str, Measured]:
    """Every model alone, and the blend."""
    blend, reranker = selection.blend(models), selection.reranker(dataset)

    def scores(block: Split) -> dict[str, Floats]:
        singles = {name: standardise(model.scores(block.queries)) for name, model in models.items()}
        members = {name: singles[name] for name in blend.members}
        return {**singles, BLEND: scores_of(blend, reranker, block, members)}

    return measure_all(scores, test, K)


def _figures(measured: Measured) -> Figures:
    return {name: value for k in CUTS for name, value in measured.figures(k).items()} | {"coverage": measured.coverage}

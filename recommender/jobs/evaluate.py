"""Evaluate: the future held out, everything chosen before it, the whole catalogue ranked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from recommender.blend import Blend
from recommender.errors import BadRequestError
from recommender.evaluation.protocol import measure
from recommender.evaluation.sequences import read_sequences
from recommender.evaluation.splits import LeaveOneOut, Split
from recommender.jobs.reading import Source
from recommender.models.base import AnyModel
from recommender.selection import Progress, Selection, select, silent

TRIALS = 12
K = 10
Figures = dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """Figures on the test part: recall@10, ndcg@10 and coverage, each in [0, 1], of every model and of the blend."""

    split_at: datetime
    users: int
    models: Mapping[str, Figures]
    blend: Figures
    weights: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        return {
            "split_at": self.split_at.isoformat(),
            "users": self.users,
            "models": dict(self.models),
            "blend": self.blend,
            "popularity": self.models["popularity"],
            "members": {name: weight for name, weight in self.weights.items() if weight > 0},
        }


def evaluate(
    engine: Engine,
    *,
    split_at: datetime | None = None,
    trials: int = TRIALS,
    seed: int = 0,
    progress: Progress = silent,
) -> Evaluation:
    """Measure on what shoppers bought, new to them, from `split_at` on (default: the start of the last window).

    Everything is chosen on the window before `split_at` and then fitted on all that is older than it. Shoppers
    without a history before `split_at` are not asked; what they bought before is taken out of the ranking.

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
    early = source.dataset(validate_at)
    validation = source.split(early, validate_at, split_at)
    selection = select(early, validation, trials, seed, lambda share, text: progress(0.7 * share, text))
    dataset = source.dataset(split_at)
    models = selection.refit(dataset, seed, lambda share, text: progress(0.7 + 0.2 * share, text))
    progress(0.9, "measuring")
    return _measured(selection, models, source.split(dataset, split_at, source.end), split_at)


def _measured(selection: Selection, models: Mapping[str, AnyModel], test: Split, split_at: datetime) -> Evaluation:
    singles = {name: _figures(model, test) for name, model in models.items()}
    blend = _figures(selection.blend(models), test)
    return Evaluation(split_at, len(test), singles, blend, selection.weights)


def _figures(model: AnyModel | Blend, test: Split) -> Figures:
    measured = measure(model.scores, test, K)
    return {**measured.figures(K), "coverage": measured.coverage}


@dataclass(frozen=True)
class SequenceEvaluation:
    """Leave-one-out figures of the blend on the last item of each sequence; times in seconds."""

    users: int
    items: int
    figures: Figures
    fit_seconds: float
    score_seconds: float
    members: Mapping[str, float]

    def as_json(self) -> dict[str, object]:
        return {
            "users": self.users,
            "items": self.items,
            **self.figures,
            "fit_seconds": self.fit_seconds,
            "score_seconds": self.score_seconds,
            "members": dict(self.members),
        }


def evaluate_sequences(
    path: Path, *, trials: int = TRIALS, seed: int = 0, progress: Progress = silent
) -> SequenceEvaluation:
    """The leave-one-out protocol: fit on all but the last two items of each shopper, choose by the last but one,
    score the last among the whole catalogue, given everything before it; ties count against the blend.
    """
    histories, items = read_sequences(path)
    parts = LeaveOneOut.of(histories, items)
    start = time.perf_counter()
    selection = select(parts.fit, parts.validation, trials, seed, lambda share, text: progress(0.9 * share, text))
    blend = selection.blend({name: trial.model for name, trial in selection.trials.items()})
    fitted = time.perf_counter()
    progress(0.9, "measuring")
    measured = measure(blend.scores, parts.test, K)
    return SequenceEvaluation(
        users=len(histories),
        items=len(items),
        figures={**measured.figures(5), **measured.figures(K)},
        fit_seconds=fitted - start,
        score_seconds=time.perf_counter() - fitted,
        members=blend.weights,
    )

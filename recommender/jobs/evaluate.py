"""Evaluate: the future held out, everything chosen before it, the whole catalogue ranked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine

from recommender.base_model.protocols import Encoder
from recommender.dataset import Dataset
from recommender.errors import BadRequestError
from recommender.evaluation.protocol import Measured, measure, measure_blocks
from recommender.evaluation.sequences import read_sequences
from recommender.evaluation.splits import LeaveOneOut, Split
from recommender.jobs.embedding import BUNDLED, Embedder, embedder_of
from recommender.jobs.reading import Source
from recommender.models.base import AnyModel
from recommender.ranking import scores_of
from recommender.selection import Progress, Selection, select, silent

TRIALS = 12
BUDGET_SECONDS = 540.0
K = 10
Figures = dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """Figures on the test part: recall@10, ndcg@10 and coverage, each in [0, 1], of every model and of the blend.

    ``trees`` is whether trees order the blend's best anew.
    """

    split_at: datetime
    users: int
    models: Mapping[str, Figures]
    blend: Figures
    weights: Mapping[str, float]
    trees: bool

    def as_json(self) -> dict[str, object]:
        return {
            "split_at": self.split_at.isoformat(),
            "users": self.users,
            "models": dict(self.models),
            "blend": self.blend,
            "popularity": self.models["popularity"],
            "members": {name: weight for name, weight in self.weights.items() if weight > 0},
            "trees": self.trees,
        }


def evaluate(
    engine: Engine,
    *,
    split_at: datetime | None = None,
    trials: int = TRIALS,
    budget_seconds: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
    encoder: Encoder | Literal["bundled"] | None = BUNDLED,
    photos: Path | None = None,
) -> Evaluation:
    """Measure on what shoppers bought, new to them, from `split_at` on (default: the start of the last window).

    Everything is chosen on the window before `split_at` and then fitted on all that is older than it. Shoppers
    without a history before `split_at` are not asked; what they bought before is taken out of the ranking. Choosing
    ends within `budget_seconds`, with the best found by then; None: after all `trials`. `encoder` and `photos` are
    those of `recommender.jobs.train.train`.

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
    source = _embedded(source, embedder_of(encoder, photos), lambda share, text: progress(0.1 * share, text))
    early = source.dataset(validate_at)
    validation = source.split(early, validate_at, split_at)
    selection = select(
        early, validation, trials, seed, lambda share, text: progress(0.1 + 0.6 * share, text), budget_seconds
    )
    dataset = source.dataset(split_at)
    models = selection.refit(dataset, seed, lambda share, text: progress(0.7 + 0.2 * share, text))
    progress(0.9, "measuring")
    test = source.split(dataset, split_at, source.end)
    singles = {name: _figures(measure(model.scores, test, K)) for name, model in models.items()}
    blend = _figures(_measured(selection, models, dataset, test))
    return Evaluation(split_at, len(test), singles, blend, selection.weights, selection.trees is not None)


def _embedded(source: Source, embedder: Embedder | None, progress: Progress) -> Source:
    if embedder is None:
        return source
    return replace(source, embeddings=embedder.embed(source.catalog, source.items, progress).vectors)


def _measured(selection: Selection, models: Mapping[str, AnyModel], dataset: Dataset, test: Split) -> Measured:
    blend, reranker = selection.blend(models), selection.reranker(dataset)
    return measure_blocks(lambda block: scores_of(blend, reranker, block), test, K)


def _figures(measured: Measured) -> Figures:
    return {**measured.figures(K), "coverage": measured.coverage}


@dataclass(frozen=True)
class SequenceEvaluation:
    """Leave-one-out figures of the blend on the last item of each sequence; times in seconds.

    ``singles`` is the validation NDCG@10 of each model alone; ``trees`` is whether trees order the blend's best anew.
    """

    users: int
    items: int
    figures: Figures
    fit_seconds: float
    score_seconds: float
    members: Mapping[str, float]
    singles: Mapping[str, float]
    trees: bool

    def as_json(self) -> dict[str, object]:
        return {
            "users": self.users,
            "items": self.items,
            **self.figures,
            "fit_seconds": self.fit_seconds,
            "score_seconds": self.score_seconds,
            "members": dict(self.members),
            "validation_ndcg@10": dict(self.singles),
            "trees": self.trees,
        }


def evaluate_sequences(
    path: Path,
    *,
    trials: int = TRIALS,
    budget_seconds: float | None = BUDGET_SECONDS,
    seed: int = 0,
    progress: Progress = silent,
) -> SequenceEvaluation:
    """The leave-one-out protocol: fit on all but the last two items of each shopper, choose by the last but one,
    score the last among the whole catalogue, given everything before it; ties count against the blend.

    Fitting and choosing end within `budget_seconds`, with the best found by then; None: after all `trials`.
    """
    histories, items = read_sequences(path)
    parts = LeaveOneOut.of(histories, items)
    start = time.perf_counter()
    selection = select(
        parts.fit, parts.validation, trials, seed, lambda share, text: progress(0.9 * share, text), budget_seconds
    )
    fitted = time.perf_counter()
    progress(0.9, "measuring")
    measured = _measured(selection, {name: one.model for name, one in selection.trials.items()}, parts.fit, parts.test)
    return SequenceEvaluation(
        users=len(histories),
        items=len(items),
        figures={**measured.figures(5), **measured.figures(K)},
        fit_seconds=fitted - start,
        score_seconds=time.perf_counter() - fitted,
        members={name: weight for name, weight in selection.weights.items() if weight > 0},
        singles={name: one.ndcg for name, one in selection.trials.items() if one.ndcg is not None},
        trees=selection.trees is not None,
    )

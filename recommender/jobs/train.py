"""Train: choose on the last part of the time range, refit on everything, write artifacts."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import Artifacts, ArtifactStore, Manifest, Member
from recommender.dataset import Dataset
from recommender.errors import NotEnoughDataError
from recommender.jobs.reading import Source
from recommender.models.base import AnyModel
from recommender.selection import Progress, Selection, select, silent, unmeasured

TRIALS = 6
UNMEASURED = {"popularity": 0.1, "item_neighbors": 1.0}
"""Members and weights where there is too little behaviour to choose by."""
LEAST_QUERIES = 30
"""Shoppers in the validation window below which nothing is chosen by it."""
_LIBRARIES = ("numpy", "scipy", "implicit", "lightfm-next")


def train(
    engine: Engine, folder: Path, *, trials: int = TRIALS, seed: int = 0, progress: Progress = silent
) -> Manifest:
    """Fit a new blend on everything in the database and make it the current one in `folder`.

    Members, configurations and weights are chosen on the last window of the time range by models fitted on what is
    older; the chosen ones are then fitted on everything.

    Raises
    ------
    NotEnoughDataError : no products or no events
    ArtifactError : `folder` cannot be written
    """
    progress(0.0, "reading events")
    source = Source.of(engine)
    selection = _select(source, trials, seed, lambda share, text: progress(0.6 * share, text))
    dataset = source.dataset(source.end)
    models = selection.refit(dataset, seed, lambda share, text: progress(0.6 + 0.4 * share, text))
    manifest = _manifest(source, dataset, selection, models, seed)
    return ArtifactStore(folder).save(Artifacts(manifest, dataset.items, models))


def _select(source: Source, trials: int, seed: int, progress: Progress) -> Selection:
    try:
        early = source.dataset(source.split_at)
        validation = source.split(early, source.split_at, source.end)
    except NotEnoughDataError:
        validation = None
    if validation is None or len(validation) < LEAST_QUERIES:
        return unmeasured(source.dataset(source.end), UNMEASURED, seed, len(validation or ()))
    return select(early, validation, trials, seed, progress)


def _manifest(
    source: Source, dataset: Dataset, selection: Selection, models: Mapping[str, AnyModel], seed: int
) -> Manifest:
    now = datetime.now(UTC)
    members = {
        name: Member(weight=selection.weights[name], config=model.config.model_dump(), ndcg=selection.trials[name].ndcg)
        for name, model in models.items()
    }
    return Manifest(
        version=f"{now:%Y%m%dT%H%M%S%f}",
        created_at=now,
        first_event_at=source.first_at,
        as_of=source.end,
        seed=seed,
        counts={
            "users": len(dataset.users),
            "items": len(dataset.items),
            "events": len(dataset.histories.items),
            "pairs": dataset.interactions.nnz,
        },
        members=members,
        validation_ndcg=selection.ndcg,
        validation_queries=selection.queries,
        libraries={"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES},
    )

"""Train: choose on the last part of the time range, refit on everything, write artifacts."""

import platform
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Engine

from recommender.artifacts import KEPT_VERSIONS, Artifacts, ArtifactStore, EmbeddedBy, Manifest, Member
from recommender.base_model.encoder import load_encoder
from recommender.base_model.protocols import Encoder
from recommender.dataset import Dataset
from recommender.errors import ArtifactError, NotEnoughDataError
from recommender.jobs.comparison import Window
from recommender.jobs.embedding import Embedder
from recommender.jobs.photo_files import PhotoFolder
from recommender.jobs.publishing import Reason, Training, judge
from recommender.jobs.reading import Source
from recommender.models.base import AnyModel
from recommender.selection import Progress, Selection, select, silent, unmeasured
from recommender.shop.privacy import settle_erasures
from recommender.threads import one_thread, threads_in_use

TRIALS = 6
UNMEASURED = {"popularity": 0.1, "item_neighbors": 1.0}
"""Members and weights where there is too little behaviour to choose by."""
_LIBRARIES = ("numpy", "scipy", "implicit", "lightfm-next", "lightgbm")
BUNDLED: Final = "bundled"


def train(
    engine: Engine,
    folder: Path,
    *,
    trials: int = TRIALS,
    seed: int = 0,
    progress: Progress = silent,
    encoder: Encoder | Literal["bundled"] | None = BUNDLED,
    photos: Path | None = None,
    publish_anyway: bool = False,
    deterministic: bool = False,
) -> Training:
    """Fit a new blend on everything in the database and make it the current one in `folder`, unless it is worse.

    Members, configurations and weights are chosen on the last window of the time range by models fitted on what is
    older; the chosen ones are then fitted on everything. Texts and photos of the products are embedded by `encoder`
    (None: not at all, and the shop cannot search); what the artifacts in use hold already is not embedded again.
    `recommender.jobs.publishing` says when the artifacts of before stay in use.

    This is also what keeps the deadline of erasures. Models that were fitted before a shopper was erased may be asked
    for 30 days (`recommender.artifacts.ERASURE_DEADLINE`); after that no shop opens or reloads them. A training always
    replaces them, with models that never saw the shopper, and keeps no version of before.

    Parameters
    ----------
    photos : the folder that the products' relative image paths start from; without it no photo is looked at. What
        became of each photo is counted in the manifest: an unreadable one does not end the training.
    publish_anyway : the new blend comes into use even where it is worse
    deterministic : one thread computes, so that the same data, seed and versions give the same artifacts on any number
        of cores

    Raises
    ------
    NotEnoughDataError : no products or no events
    ArtifactError : `folder` cannot be written
    """
    began, store = datetime.now(UTC), ArtifactStore(folder)
    with one_thread() if deterministic else nullcontext():
        progress(0.0, "reading events")
        source = Source.of(engine)
        settle_erasures(engine, store)
        in_use = _in_use(store)
        embedder = _embedder(encoder, photos, in_use)
        window = _window(source)
        selection = _select(source, window, trials, seed, lambda share, text: progress(0.5 * share, text))
        progress(0.5, "comparing with the blend in use")
        reason, comparison = judge(selection, in_use, window, source.items, embedder, seed)
        if in_use is not None and reason is Reason.WORSE and not publish_anyway:
            return Training(in_use.manifest, reason, False, comparison)
        dataset = source.dataset(source.end)
        models = selection.refit(dataset, seed, lambda share, text: progress(0.5 + 0.3 * share, text))
        manifest = _manifest(source, dataset, selection, models, seed, began)
        made = {"comparison": comparison, "deterministic": deterministic, "threads": threads_in_use()}
        manifest = manifest.model_copy(update=made)
        artifacts = Artifacts(manifest, dataset.items, models, None, selection.reranker(dataset))
        artifacts = _embedded(artifacts, embedder, source, progress)
    return Training(_published(engine, store, artifacts), reason, True, comparison)


def _embedded(artifacts: Artifacts, embedder: Embedder | None, source: Source, progress: Progress) -> Artifacts:
    if embedder is None:
        return artifacts
    items, models, reranker = artifacts.items, artifacts.models, artifacts.reranker
    embeddings = embedder.embed(source.catalog, items, lambda share, text: progress(0.8 + 0.2 * share, text))
    by = EmbeddedBy(encoder=embeddings.encoder, digest=embeddings.digest, photos=dict(embedder.photos))
    manifest = artifacts.manifest.model_copy(update={"embedded_by": by})
    return Artifacts(manifest, items, models, embeddings, reranker)


def _published(engine: Engine, store: ArtifactStore, artifacts: Artifacts) -> Manifest:
    """The artifacts in use; a shopper who was erased while they were made is taken out of them or named."""
    saved = store.save(artifacts, keep=1 if _holds_erased(store) else KEPT_VERSIONS)
    return settle_erasures(engine, store) or saved


def _holds_erased(store: ArtifactStore) -> bool:
    try:
        return bool(store.manifest().erased_pending)
    except ArtifactError:
        return False


def _embedder(
    encoder: Encoder | Literal["bundled"] | None, photos: Path | None, in_use: Artifacts | None
) -> Embedder | None:
    if encoder is None:
        return None
    used = load_encoder() if isinstance(encoder, str) else encoder
    return Embedder(used, None if photos is None else PhotoFolder(photos), in_use)


def _in_use(store: ArtifactStore) -> Artifacts | None:
    """The artifacts of the last training; none where there was none, or where they can no longer be read."""
    try:
        return store.load()
    except ArtifactError:
        return None


def _window(source: Source) -> Window | None:
    """The last window; None where nobody can be asked in it."""
    try:
        early = source.dataset(source.split_at)
        return Window(source.split_at, early, source.split(early, source.split_at, source.end))
    except NotEnoughDataError:
        return None


def _select(source: Source, window: Window | None, trials: int, seed: int, progress: Progress) -> Selection:
    if window is not None and window.is_enough:
        return select(window.early, window.questions, trials, seed, progress)
    asked = 0 if window is None else len(window.questions)
    return unmeasured(source.dataset(source.end), UNMEASURED, seed, asked)


def _manifest(
    source: Source, dataset: Dataset, selection: Selection, models: Mapping[str, AnyModel], seed: int, began: datetime
) -> Manifest:
    members = {
        name: Member(weight=selection.weights[name], config=model.config.model_dump(), ndcg=selection.trials[name].ndcg)
        for name, model in models.items()
    }
    return Manifest(
        version=f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
        created_at=began,
        first_event_at=source.first_at,
        as_of=source.end,
        seed=seed,
        counts={
            "users": len(dataset.users),
            "items": len(dataset.items),
            "events": len(dataset.histories.items),
            "pairs": dataset.interactions.nnz,
            **{f"flagged_{rule}": count for rule, count in source.flagged.items()},
        },
        members=members,
        validation_ndcg=selection.ndcg,
        validation_queries=selection.queries,
        reranked=selection.trees is not None,
        libraries={"python": platform.python_version()} | {name: version(name) for name in _LIBRARIES},
    )

"""Train: choose on the last part of the time range, refit on everything, write artifacts. Refresh: only refit."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine

from recommender.artifacts import KEPT_VERSIONS, Artifacts, ArtifactStore, EmbeddedBy, Manifest, Member
from recommender.base_model.protocols import Encoder
from recommender.dataset import Dataset
from recommender.embedder import BUNDLED, Embedder, Known, embedder_of, known_of
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError, NotEnoughDataError
from recommender.jobs.comparison import Window, recipe_of
from recommender.jobs.publishing import Reason, Training, judge
from recommender.jobs.reading import Source
from recommender.jobs.refreshing import refreshed
from recommender.jobs.versions import libraries
from recommender.models.base import AnyModel
from recommender.photo_index import PhotoIndex
from recommender.selection import Progress, Selection, select, silent, unmeasured
from recommender.shop.privacy import settle_erasures
from recommender.threads import one_thread, threads_in_use

TRIALS = 6
UNMEASURED = {"popularity": 0.1, "item_neighbors": 1.0}
"""Members and weights where there is too little behaviour to choose by."""


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
    repeats: bool = False,
    deterministic: bool = False,
) -> Training:
    """Fit a new blend on everything in the database and make it the current one in `folder`, unless it is worse.

    Texts and photos of the products are embedded by `encoder` (None: not at all; then nothing is known of a product
    without behaviour, and the shop cannot search); what the artifacts in use or the photo index hold already is not
    embedded again. Members, configurations and weights are chosen on the last window of the time range by models fitted
    on what is older; the chosen ones are then fitted on everything.
    `recommender.jobs.publishing` says when the artifacts of before stay in use.

    This is also what keeps the deadline of erasures. Models that were fitted before a shopper was erased may be asked
    for 30 days (`recommender.artifacts.ERASURE_DEADLINE`); after that no shop opens or reloads them. A training always
    replaces them, with models that never saw the shopper, and keeps no version of before.

    Parameters
    ----------
    photos : the folder that the products' relative image paths start from; without it no photo is looked at. What
        became of each photo is counted in the manifest: an unreadable one does not end the training.
    publish_anyway : the new blend comes into use even where it is worse
    repeats : choose by all that was bought, what the shopper had bought before as well: for a shop where people buy
        the same again, and are recommended it (`Constraints.include_bought`)
    deterministic : one thread computes, so that the same data, seed and versions give the same artifacts on any number
        of cores

    Raises
    ------
    NotEnoughDataError : no products or no events
    ArtifactError : `folder` cannot be written
    """
    with one_thread() if deterministic else nullcontext():
        progress(0.0, "reading events")
        work = _Work.begin(engine, folder, seed, encoder, photos).embedded(progress)
        source, in_use, window = work.source, work.in_use, _window(work.source, repeats)
        selection = _select(source, window, trials, seed, lambda share, text: progress(0.2 + 0.5 * share, text))
        progress(0.7, "comparing with the blend in use")
        reason, comparison = judge(selection, in_use, window, source.items, work.embedder, seed)
        if in_use is not None and reason is Reason.WORSE and not publish_anyway:
            return Training(in_use.manifest, reason, False, comparison)
        dataset = source.dataset(source.end)
        models = selection.refit(dataset, seed, lambda share, text: progress(0.7 + 0.3 * share, text))
        facts = {"comparison": comparison, "deterministic": deterministic, "repeats": repeats}
        return Training(work.publish(selection, models, dataset, facts), reason, True, comparison)


def refresh(
    engine: Engine,
    folder: Path,
    *,
    seed: int = 0,
    progress: Progress = silent,
    encoder: Encoder | Literal["bundled"] | None = BUNDLED,
    photos: Path | None = None,
    deterministic: bool = False,
) -> Training:
    """Bring the blend in use up to everything in the database: members, configurations, weights and trees stay.

    It takes the time of one fit, and `recommender.jobs.refreshing` says what shortens it. Where the artifacts in use
    hold something of a shopper who was erased, nothing is taken over from them: this is a whole training then. The
    arguments are `train`'s.

    Raises
    ------
    NotEnoughDataError : no products or no events
    ArtifactError : there are no artifacts in `folder` that can be read, or it cannot be written
    """
    with one_thread() if deterministic else nullcontext():
        progress(0.0, "reading events")
        work = _Work.begin(engine, folder, seed, encoder, photos)
        in_use = work.in_use or work.store.load(verify=True)
        if in_use.manifest.erased_pending:
            return train(
                engine,
                folder,
                seed=seed,
                progress=progress,
                encoder=encoder,
                photos=photos,
                repeats=in_use.manifest.repeats,
                deterministic=deterministic,
            )
        work = work.embedded(progress)
        dataset = work.source.dataset(work.source.end)
        models = refreshed(in_use, dataset, seed, lambda share, text: progress(0.2 + 0.8 * share, text))
        facts = {
            "refreshed": in_use.manifest.version,
            "deterministic": deterministic,
            "repeats": in_use.manifest.repeats,
        }
        manifest = work.publish(recipe_of(in_use), models, dataset, facts)
        return Training(manifest, Reason.REFRESHED, True, None)


@dataclass(frozen=True)
class _Work:
    """What every training begins with and how it ends."""

    engine: Engine
    store: ArtifactStore
    seed: int
    began: datetime
    source: Source
    in_use: Artifacts | None
    """None where there are none, or where they can no longer be read."""
    embedder: Embedder | None
    embeddings: ItemEmbeddings | None = None

    @classmethod
    def begin(
        cls, engine: Engine, folder: Path, seed: int, encoder: Encoder | Literal["bundled"] | None, photos: Path | None
    ) -> "_Work":
        began, store, source = datetime.now(UTC), ArtifactStore(folder), Source.of(engine)
        settle_erasures(engine, store)
        in_use = _in_use(store)
        embedder = embedder_of(encoder, photos, _embedded_before(store, in_use))
        return cls(engine, store, seed, began, source, in_use, embedder)

    def embedded(self, progress: Progress) -> "_Work":
        """The same, and what the products' texts and photos mean; as it is where nothing embeds them."""
        if self.embedder is None:
            return self
        catalog, items = self.source.catalog, self.source.items
        embeddings = self.embedder.embed(catalog, items, lambda share, text: progress(0.2 * share, text))
        return replace(self, embeddings=embeddings, source=replace(self.source, embeddings=embeddings.vectors))

    def publish(
        self, recipe: Selection, models: Mapping[str, AnyModel], dataset: Dataset, facts: Mapping[str, object]
    ) -> Manifest:
        """Save all; a shopper who was erased meanwhile is taken out of it or named."""
        manifest = self._manifest(recipe, models, dataset).model_copy(update=facts)
        artifacts = Artifacts(manifest, dataset.items, models, self.embeddings, recipe.reranker(dataset))
        saved = self.store.save(artifacts, keep=1 if _holds_erased(self.store) else KEPT_VERSIONS)
        return settle_erasures(self.engine, self.store) or saved

    def _manifest(self, recipe: Selection, models: Mapping[str, AnyModel], dataset: Dataset) -> Manifest:
        members = {
            name: Member(weight=recipe.weights[name], config=model.config.model_dump(), ndcg=recipe.trials[name].ndcg)
            for name, model in models.items()
        }
        return Manifest(
            version=f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
            created_at=self.began,
            first_event_at=self.source.first_at,
            as_of=self.source.end,
            seed=self.seed,
            counts={
                "users": len(dataset.users),
                "items": len(dataset.items),
                "events": len(dataset.histories.items),
                "pairs": dataset.interactions.nnz,
                **{f"flagged_{rule}": count for rule, count in self.source.flagged.items()},
            },
            members=members,
            validation_ndcg=recipe.ndcg,
            validation_queries=recipe.queries,
            reranked=recipe.trees is not None,
            libraries=libraries(),
            threads=threads_in_use(),
            embedded_by=self._embedded_by(),
        )

    def _embedded_by(self) -> EmbeddedBy | None:
        if self.embedder is None or self.embeddings is None:
            return None
        photos = dict(self.embedder.photos)
        return EmbeddedBy(encoder=self.embeddings.encoder, digest=self.embeddings.digest, photos=photos)


def _holds_erased(store: ArtifactStore) -> bool:
    try:
        return bool(store.manifest().erased_pending)
    except ArtifactError:
        return False


def _in_use(store: ArtifactStore) -> Artifacts | None:
    try:
        return store.load(verify=True)
    except ArtifactError:
        return None


def _embedded_before(store: ArtifactStore, in_use: Artifacts | None) -> list[Known]:
    """What has not to be embedded again: of the artifacts in use, and of the photo index where it can be read."""
    known = known_of(in_use)
    try:
        indexed = PhotoIndex(store.folder).load(verify=True)
    except ArtifactError:
        return known
    return known if indexed is None else [*known, indexed.known()]


def _window(source: Source, repeats: bool) -> Window | None:
    """The last window; None where nobody can be asked in it."""
    try:
        early = source.dataset(source.split_at)
        return Window(source.split_at, early, source.split(early, source.split_at, source.end, repeats=repeats))
    except NotEnoughDataError:
        return None


def _select(source: Source, window: Window | None, trials: int, seed: int, progress: Progress) -> Selection:
    if window is not None and window.is_enough:
        return select(window.early, window.questions, trials, seed, progress)
    asked = 0 if window is None else len(window.questions)
    return unmeasured(source.dataset(source.end), UNMEASURED, seed, asked)

"""Go back to artifacts of before, where nobody who was erased since is in them."""

from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore, Manifest
from recommender.errors import ArtifactError
from recommender.shop.privacy import settle_erasures
from signals.privacy import erasures_since


def roll_back(engine: Engine, folder: Path, to: str | None = None) -> Manifest:
    """Make the version of before, or the kept version `to`, the one in use; open shops take it when they reload.

    What was in use is kept, so that `to` leads back to it.

    Raises
    ------
    ArtifactError : there is no such version, it is damaged, or it holds something of a shopper who was erased
    """
    store = ArtifactStore(folder)
    version = store.previous() if to is None else to
    if version == store.current_version():
        raise ArtifactError(f"artifacts {version!r} are in use already")
    _refuse_erased(engine, store.manifest(version))
    manifest = store.use(version)
    return settle_erasures(engine, store) or manifest


def _refuse_erased(engine: Engine, manifest: Manifest) -> None:
    later = {erasure.mark for erasure in erasures_since(engine, manifest.created_at)}
    if manifest.erased_pending or later - set(manifest.erased):
        raise ArtifactError(
            f"artifacts {manifest.version!r} hold something of shoppers who were erased since they were made, and may "
            "not come back into use; run `recommender train`"
        )

"""Erasing a shopper from the whole shop: the database and the artifacts, which are told at once or catch up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from recommender.artifacts import Artifacts, ArtifactStore, Manifest
from recommender.dataset import Histories, histories_from_frame
from recommender.errors import ArtifactError
from recommender.forgetting import Forgotten, without
from recommender.ids import IdMap
from recommender.run_folder import RunFolder
from recommender.shop.requests import WEIGHTS
from signals.interactions import histories
from signals.prepared import batch_folders
from signals.privacy import erase_shopper, erasures_since, ids_of

Learned = Mapping[tuple[datetime, str], Histories]
"""What artifacts of a creation time had learned from a shopper, by its mark."""


@dataclass(frozen=True)
class Erased:
    """Rows erased by table, the models that hold something of the shopper until they are refitted, and the latest
    time for that."""

    counts: Mapping[str, int]
    pending: tuple[str, ...]
    refit_before: datetime | None


def erase(engine: Engine, store: ArtifactStore, user_id: str) -> Erased:
    """Erase a shopper from the database (`signals.privacy.erase_shopper`), the artifacts in use and files of batches.

    Artifacts that are not there, or that cannot be read, are left alone, and so are batches moved to other folders.

    Raises
    ------
    UnknownShopperError : nothing was ever stored of the shopper
    """
    artifacts = _in_use(store)
    learned = None if artifacts is None else _learned(engine, artifacts, user_id)
    ids, folders = ids_of(engine, user_id), batch_folders(engine)
    erasure = erase_shopper(engine, user_id)
    erasure = replace(erasure, counts={**erasure.counts, "batch_rows": _forget(folders, ids)})
    known = {} if artifacts is None or learned is None else {(artifacts.manifest.created_at, erasure.mark): learned}
    manifest = settle_erasures(engine, store, known)
    if manifest is None:
        return Erased(erasure.counts, (), None)
    return Erased(erasure.counts, manifest.erased_pending, manifest.refit_before)


def _forget(folders: Iterable[str], ids: Sequence[str]) -> int:
    """Take a shopper out of the files of batches, as far as their folders are there; returns how many rows went."""
    return sum(RunFolder(Path(folder)).forget(ids) for folder in folders if Path(folder).is_dir())


def settle_erasures(engine: Engine, store: ArtifactStore, learned: Learned | None = None) -> Manifest | None:
    """Take every shopper who was erased since the data were read out of the artifacts in use; None without artifacts.

    Whoever saves artifacts calls this afterwards, so that no erasure is lost, whatever was saved at the same time. Of
    versions that still hold what was erased none is kept.
    """
    while True:
        artifacts = _in_use(store)
        if artifacts is None:
            return None
        settled = _settled(engine, artifacts, learned or {})
        if settled is artifacts:
            return artifacts.manifest
        if store.current_version() == artifacts.manifest.version:
            store.save(settled, keep=1)


def _settled(engine: Engine, artifacts: Artifacts, learned: Learned) -> Artifacts:
    created_at, version = artifacts.manifest.created_at, f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for erasure in erasures_since(engine, created_at):
        if erasure.mark not in artifacts.manifest.erased:
            forgotten = Forgotten(erasure.mark, erasure.at, learned.get((created_at, erasure.mark)))
            artifacts = without(artifacts, forgotten, version)
    return artifacts


def _in_use(store: ArtifactStore) -> Artifacts | None:
    try:
        return store.load(verify=True)
    except ArtifactError:
        return None


def _learned(engine: Engine, artifacts: Artifacts, user_id: str) -> Histories:
    """What the shopper did that training has seen."""
    ids, manifest = ids_of(engine, user_id), artifacts.manifest
    seen = histories(engine, manifest.as_of, ids, recorded_by=manifest.created_at)
    return histories_from_frame(
        seen, IdMap.from_ids(ids), artifacts.items, lambda kinds: kinds.map(WEIGHTS).to_numpy(dtype=np.float32)
    )

"""What training leaves behind and serving reads: safetensors files and a manifest, written at once or not at all.

A store folder holds one folder per version and ``current.json``, which names the one in use. Arrays are
memory-mapped, so that processes share them; nothing is ever unpickled.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from safetensors import SafetensorError

from recommender.array_files import (
    StoredFile,
    describe,
    ids_from_bytes,
    ids_to_bytes,
    make_durable,
    map_arrays,
    replace_text,
    save_arrays,
)
from recommender.base_model.protocols import Encoder
from recommender.blend import POPULARITY, Blend
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import IdMap
from recommender.models import MODELS
from recommender.models.base import AnyModel, Scorer
from recommender.reranking import Reranker
from schemas.base import Contract, UtcDatetime

FORMAT = "shop-recommender artifacts"
FORMAT_VERSION = 3
CURRENT = "current.json"
MANIFEST = "manifest.json"
EMBEDDINGS = "embeddings"
TREES = "trees"
KEPT_VERSIONS = 2
HASHED_BYTES = 16 * 2**20
"""Files up to this size are read through by every `ArtifactStore.load`."""
ERASURE_DEADLINE = timedelta(days=30)
"""How long models may be asked that still hold something of a shopper who was erased."""


class Member(Contract):
    """One model: ``weight`` in the blend (0: kept, but switched off) and what it reached alone on validation."""

    weight: float = Field(ge=0)
    config: dict[str, Any]
    ndcg: float | None


class EmbeddedBy(Contract):
    """The encoder whose vectors the artifacts hold; ``photos`` counts what became of the catalogue's photos."""

    encoder: str
    digest: str
    photos: dict[str, int] = Field(default_factory=dict)


class Comparison(Contract):
    """A new blend beside the one in use, artifacts ``version``, on the same ``questions``: NDCG@10 of each.

    ``difference`` is the 95 % interval of new less in use. ``refitted``: the artifacts in use had seen the answers, so
    their configurations and weights were fitted once more, on what came before the questions.
    """

    version: str
    refitted: bool
    questions: int
    in_use: float
    new: float
    difference: tuple[float, float]

    @property
    def is_worse(self) -> bool:
        """Whether the new one is worse by more than noise."""
        return self.difference[1] < 0


class Manifest(Contract):
    """Where artifacts come from: the data they were fitted on, with what, and how good they were.

    ``created_at`` is when reading the data began. ``validation_ndcg`` is the blend's NDCG@10 on the
    ``validation_queries`` shoppers of the window that chose it; None where they were too few to choose by.
    ``repeats`` is whether they were asked for what they had bought before as well. ``reranked`` is whether trees order
    the blend's best anew. ``embedded_by`` is None where nothing was embedded,
    ``comparison`` where the blend was compared with no other. ``refreshed`` is the version that chose the members,
    configurations, weights and trees, which were only brought up to newer data.

    ``threads`` is how many linear algebra ran on, one where ``deterministic`` was asked for.

    ``erased`` says when shoppers, by their marks in the privacy log, were erased since the data were read, and
    ``erased_pending`` names the models that still hold something of them. A new training begins without either.
    """

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    version: str
    created_at: UtcDatetime
    first_event_at: UtcDatetime
    as_of: UtcDatetime
    seed: int
    counts: dict[str, int]
    members: dict[str, Member]
    validation_ndcg: float | None
    validation_queries: int
    repeats: bool = False
    reranked: bool = False
    libraries: dict[str, str]
    deterministic: bool = False
    threads: int | None = None
    embedded_by: EmbeddedBy | None = None
    comparison: Comparison | None = None
    refreshed: str | None = None
    erased: dict[str, UtcDatetime] = Field(default_factory=dict)
    erased_pending: tuple[str, ...] = ()
    files: dict[str, StoredFile] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_answer(self) -> Self:
        if POPULARITY not in self.members or not any(member.weight > 0 for member in self.members.values()):
            raise ValueError("artifacts need the popularity model, and one model with a weight")
        return self

    @property
    def refit_before(self) -> datetime | None:
        """When the models must have been fitted again; None where they hold nothing that was erased."""
        return min(self.erased.values()) + ERASURE_DEADLINE if self.erased_pending else None

    def require_answerable(self, now: datetime) -> None:
        """Raises ArtifactError if these models had to be fitted again before `now`."""
        if self.refit_before is not None and now >= self.refit_before:
            raise ArtifactError(
                f"artifacts {self.version} still hold something of shoppers who were erased more than "
                f"{ERASURE_DEADLINE.days} days ago ({', '.join(self.erased_pending)}) and may no longer be used; "
                "run `recommender train`"
            )


class Artifacts:
    """Fitted models with their ids. ``models`` holds every fitted model, ``blend`` those with a weight.

    ``popularity`` is what ranks for everybody. Items from ``n_fitted`` on are newer than the models.
    """

    def __init__(
        self,
        manifest: Manifest,
        items: IdMap,
        models: Mapping[str, AnyModel],
        embeddings: ItemEmbeddings | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self.manifest = manifest
        self.items = items
        self.models = models
        self.embeddings = embeddings
        self.reranker = reranker
        self.popularity: Scorer = models[POPULARITY]
        self.n_fitted = len(items)
        weights = {name: member.weight for name, member in manifest.members.items() if member.weight > 0}
        self.blend = Blend({name: models[name] for name in weights}, weights)

    def embeddings_of(self, encoder: Encoder) -> ItemEmbeddings:
        """The embeddings that `encoder` made; raises ArtifactError if there are none, or another encoder's."""
        if self.embeddings is None:
            raise ArtifactError("the artifacts were made without embeddings; run `recommender train`, then reload")
        self.embeddings.require(encoder)
        return self.embeddings


class ArtifactStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, artifacts: Artifacts, *, keep: int = KEPT_VERSIONS) -> Manifest:
        """Write a new version and make it the current one; it is one of the `keep` that stay, older ones are removed.

        A failure leaves the current one as it was, and nothing behind.
        """
        version = artifacts.manifest.version
        partial, complete = self.folder / f".{version}.partial", self.folder / version
        with ExitStack() as stack:
            try:
                partial.mkdir(parents=True)
                manifest = _write(partial, artifacts)
                stack.enter_context(self._alone())
                earlier = self._least_needed_first()
                partial.rename(complete)
                self._point_at(version)
            except BaseException as error:
                for leftover in (partial, complete):
                    shutil.rmtree(leftover, ignore_errors=True)
                if not isinstance(error, (OSError, SafetensorError)):
                    raise
                raise ArtifactError(
                    f"artifacts could not be written to {str(self.folder)!r}: {error}; "
                    "the ones in use are untouched. Free some space or pass another folder with --artifacts"
                ) from error
            for old in earlier[: len(earlier) - keep + 1]:
                shutil.rmtree(self.folder / old, ignore_errors=True)
        return manifest

    def use(self, version: str) -> Manifest:
        """Make a kept version the current one, at once; raises ArtifactError if it is not kept or damaged."""
        with self._alone():
            manifest = self.load(version, verify=True).manifest
            self._point_at(version)
        return manifest

    def previous(self) -> str:
        """The latest version that was made before the one in use; raises ArtifactError if none is kept."""
        current, kept = self.current_version(), self._kept_versions()
        earlier = [version for version in kept if version < current]
        if not earlier:
            raise ArtifactError(
                f"no artifacts from before {current!r} are kept in {str(self.folder)!r}; kept are: {', '.join(kept)}"
            )
        return earlier[-1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes which version is in use, or removes one."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _point_at(self, version: str) -> None:
        digest = describe(self.folder / version / MANIFEST).sha256
        replace_text(self.folder / CURRENT, json.dumps({"version": version, "manifest_sha256": digest}))

    def _least_needed_first(self) -> list[str]:
        """The kept versions, the one in use last: after the next save it is the one to go back to."""
        try:
            in_use = self._pointer()["version"]
        except ArtifactError:
            return self._kept_versions()
        return sorted(self._kept_versions(), key=lambda version: (version == in_use, version))

    def _kept_versions(self) -> list[str]:
        return sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{MANIFEST}"))

    def current_version(self) -> str:
        """The version in use; raises ArtifactError where there is none yet."""
        return self._pointer()["version"]

    def manifest(self, version: str | None = None) -> Manifest:
        """The manifest of the version in use, or of one that is kept; raises ArtifactError as `load` does."""
        return _read_manifest(*self._located(version))

    def _pointer(self) -> dict[str, str]:
        try:
            pointer = json.loads((self.folder / CURRENT).read_text())
            return {"version": str(pointer["version"]), "manifest_sha256": str(pointer["manifest_sha256"])}
        except (FileNotFoundError, NotADirectoryError):
            raise ArtifactError(
                f"there are no artifacts in {str(self.folder)!r} yet; run `recommender train --artifacts {self.folder}`"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(f"{str(self.folder / CURRENT)!r} is damaged ({error}); train again") from error

    def load(self, version: str | None = None, *, verify: bool = False) -> Artifacts:
        """The current artifacts, or an earlier version that is still kept, memory-mapped.

        The manifest has to be what its pointer says, and every file what the manifest says: of its size, and of its
        sha256 where it has at most `HASHED_BYTES`. A larger file, an array of millions of numbers, is not read before
        a request needs a part of it; a bit that flips inside one is found with `verify` alone. Whoever puts artifacts
        back into use, trains on from them or writes them anew verifies them.

        Parameters
        ----------
        verify : read everything and compare all sha256

        Raises
        ------
        ArtifactError : they are missing, damaged, foreign or newer
        """
        folder, sha256 = self._located(version)
        manifest = _read_manifest(folder, sha256)
        parts = [name for name, there in ((EMBEDDINGS, manifest.embedded_by), (TREES, manifest.reranked)) if there]
        for name in ("items", *manifest.members, *parts):
            _check(folder, f"{name}.safetensors", manifest, verify=verify)
        items = ids_from_bytes(map_arrays(folder / "items.safetensors")["ids"])
        models = {name: _load_model(folder, name, member, len(items)) for name, member in manifest.members.items()}
        embeddings = _load_embeddings(folder, manifest.embedded_by, len(items))
        return Artifacts(manifest, items, models, embeddings, _load_reranker(folder) if manifest.reranked else None)

    def _located(self, version: str | None) -> tuple[Path, str | None]:
        """The folder of a version (None: the one in use), and its manifest's sha256 where that is known."""
        pointer = self._pointer()
        if version is None or version == pointer["version"]:
            return self.folder / pointer["version"], pointer["manifest_sha256"]
        kept = self._kept_versions()
        if version not in kept:
            raise ArtifactError(
                f"artifacts {version!r} are no longer in {str(self.folder)!r}; kept are: {', '.join(kept)}"
            )
        return self.folder / version, None


def _write(folder: Path, artifacts: Artifacts) -> Manifest:
    save_arrays({"ids": ids_to_bytes(artifacts.items)}, folder / "items.safetensors")
    for name, model in artifacts.models.items():
        save_arrays(model.arrays(), folder / f"{name}.safetensors")
    if artifacts.embeddings is not None:
        save_arrays(artifacts.embeddings.arrays(), folder / f"{EMBEDDINGS}.safetensors")
    if artifacts.reranker is not None:
        save_arrays(artifacts.reranker.arrays(), folder / f"{TREES}.safetensors")
    paths = sorted(folder.iterdir())
    for path in paths:
        make_durable(path)
    files = {path.name: describe(path) for path in paths}
    manifest = artifacts.manifest.model_copy(update={"files": files})
    replace_text(folder / MANIFEST, manifest.model_dump_json(indent=2))
    return manifest


def _read_manifest(folder: Path, sha256: str | None) -> Manifest:
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{str(path)!r} cannot be read ({error}); train again") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise ArtifactError(f"{str(path)!r} is not a manifest of this program; pass the folder that `train` wrote")
    if raw.get("format_version") != FORMAT_VERSION:
        raise ArtifactError(
            f"{str(path)!r} has format version {raw.get('format_version')!r}, this program reads {FORMAT_VERSION}; "
            "train again with this version, or update the program"
        )
    if sha256 is not None and describe(path).sha256 != sha256:
        raise ArtifactError(f"{str(path)!r} is damaged: its sha256 differs from {CURRENT}; train again")
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        raise ArtifactError(f"{str(path)!r} is damaged: {error.error_count()} fields are wrong; train again") from error


def _check(folder: Path, name: str, manifest: Manifest, *, verify: bool) -> None:
    path, stored = folder / name, manifest.files.get(name)
    try:
        intact = stored is not None and path.stat().st_size == stored.size
        if intact and (verify or path.stat().st_size <= HASHED_BYTES):
            intact = describe(path) == stored
    except OSError as error:
        raise ArtifactError(f"{str(path)!r} cannot be read ({error.strerror}); train again") from error
    if not intact:
        raise ArtifactError(f"{str(path)!r} is damaged: its size or sha256 differs from the manifest; train again")


def _load_model(folder: Path, name: str, member: Member, n_items: int) -> AnyModel:
    if name not in MODELS:
        raise ArtifactError(f"the artifacts hold a model {name!r}; known are {', '.join(MODELS)}; train again")
    kind = MODELS[name]
    try:
        config = kind.Config.model_validate(member.config)
        return kind.from_arrays(config, map_arrays(folder / f"{name}.safetensors"), n_items)
    except (ValidationError, KeyError, ValueError, OSError) as error:
        raise ArtifactError(f"model {name!r} in {str(folder)!r} is damaged ({error}); train again") from error


def _load_embeddings(folder: Path, by: EmbeddedBy | None, n_items: int) -> ItemEmbeddings | None:
    if by is None:
        return None
    try:
        embeddings = ItemEmbeddings.from_arrays(by.encoder, by.digest, map_arrays(folder / f"{EMBEDDINGS}.safetensors"))
    except (KeyError, ValueError, OSError) as error:
        raise ArtifactError(f"the embeddings in {str(folder)!r} are damaged ({error}); train again") from error
    if len(embeddings.text) != n_items:
        raise ArtifactError(
            f"the embeddings in {str(folder)!r} are damaged: {len(embeddings.text):,} rows for {n_items:,} items; "
            "train again"
        )
    return embeddings


def _load_reranker(folder: Path) -> Reranker:
    try:
        return Reranker.from_arrays(map_arrays(folder / f"{TREES}.safetensors"))
    except (KeyError, ValueError, OSError) as error:
        raise ArtifactError(f"the trees in {str(folder)!r} are damaged ({error}); train again") from error

"""The photo index of a shop: what the texts and photos of its catalogue mean, kept between trainings and beside them.

Its folder holds parts, memory-mapped arrays with a row for each of some products, and ``index.json``, which names the
parts, the encoder and the checksums. A part is never changed; in a later one a product takes the place of its earlier
row. ``index.json`` changes at once or not at all, so a reader sees whole parts only, and work that is killed goes on
from the last part.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import ValidationError
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
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import IdMap
from recommender.indexed import Indexed, ReadPart
from recommender.neighbors import PhotoNeighbors
from recommender.selection import Progress, silent
from schemas.base import Contract

FOLDER: Final = "photos"
"""Beside the versions of the artifacts."""
MANIFEST: Final = "index.json"
FORMAT: Final = "shop-recommender photo index"
FORMAT_VERSION: Final = 1
LOCK: Final = ".lock"
WATCHED: Final = ".watched"
SMALL: Final = 1_024
MOST_SMALL: Final = 32
"""So many parts in a row of fewer than `SMALL` products become one."""
EXACT_PHOTOS: Final = 50_000
"""Up to so many, a photo is compared with all of them."""
READS: Final = 5
"""How often a reader begins again whose parts another process merges meanwhile."""


class IndexPart(Contract):
    name: str
    rows: int
    file: StoredFile


class IndexManifest(Contract):
    """``next_part`` is the number of the next part; none is used twice. ``neighbors`` are of the first part."""

    format: str = FORMAT
    format_version: int = FORMAT_VERSION
    encoder: str
    digest: str
    parts: tuple[IndexPart, ...] = ()
    next_part: int = 0
    neighbors: IndexPart | None = None


class PhotoIndex:
    """The photo index beside the artifacts in a store's folder. Safe to share between threads and processes."""

    def __init__(self, store: Path) -> None:
        self.folder = store / FOLDER

    @property
    def mark(self) -> tuple[int, int] | None:
        """Differs after every change; None while there is no index."""
        try:
            found = (self.folder / MANIFEST).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns, found.st_ino

    def manifest(self) -> IndexManifest | None:
        """None while there is no index; raises ArtifactError if it is damaged or of another version."""
        path = self.folder / MANIFEST
        try:
            raw = json.loads(path.read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise ArtifactError(f"{str(path)!r} cannot be read ({error}); {_AGAIN}") from error
        try:
            found = IndexManifest.model_validate(raw)
        except ValidationError as error:
            raise ArtifactError(
                f"{str(path)!r} is damaged: {error.error_count()} fields are wrong; {_AGAIN}"
            ) from error
        if (found.format, found.format_version) != (FORMAT, FORMAT_VERSION):
            raise ArtifactError(f"{str(path)!r} is not an index that this version reads; {_AGAIN}")
        return found

    def load(self, encoder: Encoder | None = None, *, verify: bool = False) -> Indexed | None:
        """The index, memory-mapped; None while there is none.

        Parameters
        ----------
        verify : read everything and compare all sha256; else sizes only

        Raises
        ------
        ArtifactError : it is damaged, or was not made by `encoder` where one is given
        """
        for _ in range(READS):
            manifest = self.manifest()
            if manifest is None or not manifest.parts:
                return None
            _require(manifest, encoder)
            try:
                read = [self._read(manifest, part, verify=verify) for part in manifest.parts]
                return Indexed.of(read, self._neighbors(manifest, verify=verify))
            except FileNotFoundError:
                continue
        raise ArtifactError(f"the parts of the photo index in {str(self.folder)!r} are not there; {_AGAIN}")

    def append(self, encoder: Encoder, items: IdMap, embeddings: ItemEmbeddings) -> None:
        """Add the rows of `items`, in the order of their ids, as one part. Durable on return.

        Raises
        ------
        ArtifactError : the index is another encoder's, or cannot be written
        """
        with self._alone():
            manifest = self.manifest() or IndexManifest(encoder=encoder.name, digest=encoder.digest)
            _require(manifest, encoder)
            now = np.full(len(items), time.time_ns() // 1_000, dtype=np.int64)
            grown = self._with_part(manifest, ReadPart(items, embeddings, now))
            self._publish(self._with_small_ones_merged(grown))

    def compact(self, keep: IdMap, progress: Progress = silent) -> None:
        """One part, of those products that are in `keep` alone, and the neighbours of more than `EXACT_PHOTOS` photos.

        Nothing where that is what there is.
        """
        with self._alone():
            manifest, indexed = self.manifest(), self.load()
            if manifest is None or indexed is None:
                return
            places = indexed.places_among(keep)
            is_whole = len(manifest.parts) == 1 and len(places) == len(indexed.items)
            if is_whole and (manifest.neighbors or manifest.parts[0].rows <= EXACT_PHOTOS):
                return
            whole = ReadPart(IdMap(indexed.items.array[places]), indexed.taken(places), indexed.times[places])
            alone = manifest.model_copy(update={"parts": (), "neighbors": None})
            self._publish(self._with_neighbors(self._with_part(alone, whole), whole.embeddings, progress))

    def clear(self) -> None:
        """Remove all that is indexed."""
        with self._alone():
            (self.folder / MANIFEST).unlink(missing_ok=True)
            self._remove_all_but(())

    @contextmanager
    def watched(self) -> Iterator[bool]:
        """Whether nobody else of this machine looks after newer products, as long as the block lasts."""
        with _locked(self.folder, WATCHED, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_alone:
            yield is_alone

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with _locked(self.folder, LOCK, fcntl.LOCK_EX):
                yield
        except (OSError, SafetensorError) as error:
            raise ArtifactError(
                f"the photo index in {str(self.folder)!r} cannot be written: {error}; what it held is untouched. "
                "Free some space, or pass another folder with --artifacts"
            ) from error

    def _with_neighbors(self, manifest: IndexManifest, embeddings: ItemEmbeddings, progress: Progress) -> IndexManifest:
        rows = np.flatnonzero(embeddings.has_photo)
        if len(rows) <= EXACT_PHOTOS:
            return manifest
        path = self.folder / manifest.parts[0].name.replace("part", "near").replace("safetensors", "usearch")
        PhotoNeighbors.build(embeddings.photos, rows, path, progress)
        make_durable(path)
        near = IndexPart(name=path.name, rows=len(rows), file=describe(path))
        return manifest.model_copy(update={"neighbors": near})

    def _with_part(self, manifest: IndexManifest, made: ReadPart) -> IndexManifest:
        name = f"part-{manifest.next_part:06d}.safetensors"
        path = self.folder / name
        save_arrays({"ids": ids_to_bytes(made.items), "times": made.times, **made.embeddings.arrays()}, path)
        make_durable(path)
        part = IndexPart(name=name, rows=len(made.items), file=describe(path))
        return manifest.model_copy(update={"parts": (*manifest.parts, part), "next_part": manifest.next_part + 1})

    def _with_small_ones_merged(self, manifest: IndexManifest) -> IndexManifest:
        small = 0
        while small < len(manifest.parts) and manifest.parts[-1 - small].rows < SMALL:
            small += 1
        if small < MOST_SMALL:
            return manifest
        merged = Indexed.of([self._read(manifest, part) for part in manifest.parts[-small:]])
        others = manifest.model_copy(update={"parts": manifest.parts[:-small]})
        return self._with_part(others, ReadPart(*merged.known(), merged.times))

    def _publish(self, manifest: IndexManifest) -> None:
        replace_text(self.folder / MANIFEST, manifest.model_dump_json(indent=2))
        near = () if manifest.neighbors is None else (manifest.neighbors.name,)
        self._remove_all_but([*near, *(part.name for part in manifest.parts)])

    def _remove_all_but(self, named: Sequence[str]) -> None:
        for path in (*self.folder.glob("part-*"), *self.folder.glob("near-*")):
            if path.name not in named:
                path.unlink(missing_ok=True)

    def _checked(self, part: IndexPart, *, verify: bool) -> Path:
        path = self.folder / part.name
        if path.stat().st_size != part.file.size or (verify and describe(path) != part.file):
            raise ArtifactError(f"{str(path)!r} is damaged: its size or sha256 differs from {MANIFEST}; {_AGAIN}")
        return path

    def _neighbors(self, manifest: IndexManifest, *, verify: bool) -> PhotoNeighbors | None:
        near = manifest.neighbors
        return None if near is None else PhotoNeighbors.mapped(self._checked(near, verify=verify))

    def _read(self, manifest: IndexManifest, part: IndexPart, *, verify: bool = False) -> ReadPart:
        path = self._checked(part, verify=verify)
        try:
            arrays = map_arrays(path)
            made = ItemEmbeddings.from_arrays(manifest.encoder, manifest.digest, arrays)
            return ReadPart(ids_from_bytes(arrays["ids"]), made, arrays["times"])
        except (KeyError, ValueError) as error:
            raise ArtifactError(f"{str(path)!r} is damaged ({error}); {_AGAIN}") from error


_AGAIN: Final = "run `recommender photos index --anew`"


def _require(manifest: IndexManifest, encoder: Encoder | None) -> None:
    if encoder is not None and (encoder.name, encoder.digest) != (manifest.encoder, manifest.digest):
        raise ArtifactError(
            f"the photo index was made by {manifest.encoder!r} ({manifest.digest:.12}), "
            f"this program has {encoder.name!r} ({encoder.digest:.12}); {_AGAIN}"
        )


@contextmanager
def _locked(folder: Path, name: str, how: int) -> Iterator[bool]:
    """Hold the lock of a file; whether it is held, where that is not waited for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ArtifactError(f"{str(folder)!r} cannot be written to: {error}; pass another --artifacts") from error
    try:
        try:
            fcntl.flock(lock, how)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)

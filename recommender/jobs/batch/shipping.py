"""Artifacts on their way to another machine: their files, put down there once, however many processes read them."""

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from recommender.artifacts import CURRENT, MANIFEST

PREFIX: Final = "shop-recommender-artifacts-"


@dataclass(frozen=True)
class Shipment:
    """A store with one version: handles of its files, by their path in it, and the digest of the version's manifest."""

    files: Mapping[str, Any]
    digest: str

    @classmethod
    def of(cls, artifacts: Path, version: str, put: Callable[[bytes], Any]) -> Self:
        """`put` takes the bytes of a file and gives its handle."""
        folder, digest = artifacts / version, digest_of(artifacts / version)
        pointer = json.dumps({"version": version, "manifest_sha256": digest}).encode()
        files = {f"{version}/{path.name}": put(path.read_bytes()) for path in sorted(folder.iterdir())}
        return cls({**files, CURRENT: put(pointer)}, str(digest))

    def put_down(self, get: Callable[[Any], bytes], parent: Path | None = None) -> Path:
        """The store on this machine: written if it is not there yet, by one process at a time.

        Parameters
        ----------
        get : gives the bytes of a handle
        parent : where such stores are kept; None: the folder for temporary files
        """
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        store, partial = parent / f"{PREFIX}{self.digest[:16]}", parent / f"{PREFIX}partial"
        with (parent / f"{PREFIX}lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not store.exists():
                shutil.rmtree(partial, ignore_errors=True)
                for name, handle in self.files.items():
                    (partial / name).parent.mkdir(parents=True, exist_ok=True)
                    (partial / name).write_bytes(get(handle))
                partial.rename(store)
        return store


def digest_of(folder: Path) -> str | None:
    """Of a version's manifest, which has the checksum of every other file; None where there is none."""
    path = folder / MANIFEST
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None

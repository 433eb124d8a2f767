"""Arrays in safetensors files: written whole, read as views of one read-only memory map that processes share."""

import hashlib
import json
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from recommender.ids import IdMap
from schemas.base import Contract

_DTYPES = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64, "U8": np.uint8, "I8": np.int8}


def save_arrays(arrays: Mapping[str, npt.NDArray[Any]], path: Path) -> None:
    save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, path)


def map_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a safetensors file as views of one read-only memory map."""
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            dtype, (start, stop) = np.dtype(_DTYPES[entry["dtype"]]), entry["data_offsets"]
            count = (stop - start) // dtype.itemsize
            flat = np.frombuffer(data, dtype, count, offset=8 + length + start)
            arrays[name] = flat.reshape(entry["shape"])
    return arrays


class StoredFile(Contract):
    size: int
    sha256: str


def describe(path: Path) -> StoredFile:
    with path.open("rb") as file:
        return StoredFile(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def make_durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def replace_text(path: Path, text: str) -> None:
    """The file is what it was or has the whole text, also after a power cut."""
    partial = path.with_suffix(".partial")
    with partial.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def ids_to_bytes(ids: IdMap) -> npt.NDArray[np.uint8]:
    """Shape (n, width)."""
    array = np.ascontiguousarray(ids.array)
    return array.view(np.uint8).reshape(len(array), array.dtype.itemsize)


def ids_from_bytes(raw: npt.NDArray[np.uint8]) -> IdMap:
    return IdMap(raw.reshape(-1).view(f"S{raw.shape[1]}"))

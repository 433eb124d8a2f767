"""Arrays in safetensors files: written whole, read as views of one read-only memory map that processes share."""

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

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

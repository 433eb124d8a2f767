"""How sure a cosine makes us: measured on photos the tower has not seen, and kept beside its weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from recommender.base_model.photo_tower import CALIBRATION
from recommender.base_model.protocols import Embeddings
from recommender.errors import EncoderError

ALIKE: Final = 0.7
"""Two values whose words are at least this close may both be true of one photo."""

Shares = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sureness:
    """Of one field: cosines times ``scale`` make a softmax, of which ``least`` is enough to name a value.

    ``others``, shape (n, size), are values the tower knows: a photo of what a catalogue has no word for is theirs.
    """

    scale: float
    least: float
    others: Embeddings

    def shares(self, cosines: Shares) -> Shares:
        """Of the values along the last axis, adding up to 1."""
        raised = np.exp(self.scale * (cosines - cosines.max(axis=-1, keepdims=True)))
        return raised / raised.sum(axis=-1, keepdims=True)


Calibration = Mapping[str, Sureness]
"""By kind of field, as `prompts` names them."""


def with_others(vectors: Embeddings, others: Embeddings) -> Embeddings:
    """The rows of a catalogue's values, then those of `others` that mean none of them."""
    unlike = (others @ vectors.T < ALIKE).all(axis=1)
    return np.concatenate([vectors, others[unlike]])


def load_calibration(path: Path = CALIBRATION) -> Calibration:
    """Raises `EncoderError` where it is missing or damaged."""
    try:
        arrays = load_file(path)
        kinds = sorted({name.partition(".")[0] for name in arrays})
        return MappingProxyType({kind: _sureness(kind, arrays) for kind in kinds})
    except (OSError, SafetensorError, KeyError) as error:
        raise EncoderError(
            f"the photo tower's calibration {path} cannot be used: {error}; install this package again"
        ) from None


def save_calibration(calibration: Calibration, path: Path = CALIBRATION) -> None:
    arrays = {
        f"{kind}.{name}": np.asarray(value, dtype=np.float16 if name == "others" else np.float64)
        for kind, sureness in calibration.items()
        for name, value in asdict(sureness).items()
    }
    path.write_bytes(save(arrays))


def _sureness(kind: str, arrays: Mapping[str, npt.NDArray[np.float64]]) -> Sureness:
    scale, least, others = (arrays[f"{kind}.{field.name}"] for field in fields(Sureness))
    return Sureness(float(scale), float(least), others.astype(np.float32))

"""What a photo shows, in the catalogue's own words: its category and its colour, where that is sure enough."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from recommender.base_model.photo_tower.calibration import Calibration, Sureness, load_calibration, with_others
from recommender.base_model.photo_tower.prompts import embed_values, kind_of
from recommender.base_model.protocols import Embeddings, Encoder
from schemas import Seen

MAX_LIKELIEST: Final = 3
Vector = npt.NDArray[np.float32]


class Recogniser:
    """Compares a photo's vector with the values of each field, put into words. Thread-safe.

    Parameters
    ----------
    fields : field -> its values in this catalogue; fields that the photo tower was not measured on are left out
    calibration : of the encoder's photo tower; None means that of the bundled one. Of an encoder whose vectors have
        another size nothing is known, and nothing is seen.
    """

    def __init__(
        self, encoder: Encoder, fields: Mapping[str, Sequence[str]], calibration: Calibration | None = None
    ) -> None:
        known = load_calibration() if calibration is None else calibration
        self._fields = [
            _Field(name, tuple(values), embed_values(encoder, kind, values), known[kind])
            for name, values in fields.items()
            if values and (kind := kind_of(name)) in known and known[kind].others.shape[1] == encoder.size
        ]

    def seen(self, vector: Vector) -> tuple[Seen, ...]:
        """The most likely value of each field that is sure enough. `vector` is of length 1, shape (size,)."""
        found = (field.best(vector) for field in self._fields)
        return tuple(one for one in found if one is not None)

    def doubtful(self, vector: Vector) -> Mapping[str, tuple[str, ...]]:
        """The likeliest values, best first, of each field of which no value is sure enough."""
        return {field.name: field.likeliest(vector) for field in self._fields if field.best(vector) is None}


class _Field:
    def __init__(self, name: str, values: tuple[str, ...], vectors: Embeddings, sureness: Sureness) -> None:
        self.name = name
        self._values = values
        self._vectors = with_others(vectors, sureness.others)
        self._sureness = sureness

    def likeliest(self, vector: Vector) -> tuple[str, ...]:
        shares = self._sureness.shares(self._vectors @ vector)[: len(self._values)]
        return tuple(self._values[index] for index in np.argsort(-shares, kind="stable")[:MAX_LIKELIEST])

    def best(self, vector: Vector) -> Seen | None:
        shares = self._sureness.shares(self._vectors @ vector)[: len(self._values)]
        best = int(shares.argmax())
        confidence = float(shares[best])
        if confidence < self._sureness.least:
            return None
        return Seen(field=self.name, value=self._values[best], confidence=min(confidence, 1.0))

"""How a value of the catalogue is put to the text encoder, in training and when a photo is looked at."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from recommender.base_model.protocols import Embeddings, Encoder

CATEGORY: Final = "category"
COLOR: Final = "color"
GENDER: Final = "gender"
PATTERN: Final = "pattern"
PROMPTS: Final = {
    CATEGORY: ("{}", "a photo of {}"),
    COLOR: ("{}", "something in {}"),
    GENDER: ("{}", "something for {}"),
    PATTERN: ("{}", "a {} pattern"),
}
"""By the kind of field that a photo can show."""


def kind_of(field: str) -> str:
    """The kind of a catalogue's field, by its name; the name itself where it is none that photos show."""
    folded = field.casefold()
    return COLOR if folded == "colour" else folded


def prompted(kind: str, values: Sequence[str]) -> list[str]:
    """The values under the first prompt of their kind of field, then under the next."""
    return [prompt.format(value.lower()) for prompt in PROMPTS[kind] for value in values]


def embed_values(encoder: Encoder, kind: str, values: Sequence[str]) -> Embeddings:
    """One row of length 1 for each value: the mean over the prompts of its kind of field."""
    rows = encoder.embed_text(prompted(kind, values))
    means = rows.reshape(len(PROMPTS[kind]), len(values), -1).mean(axis=0)
    return means / np.linalg.norm(means, axis=1, keepdims=True)

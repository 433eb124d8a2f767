"""The three protocols of a base model. Each is chosen apart; none has tools, SQL or a network of ours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL.Image import Image

from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.prompts import Prompt

Embeddings = npt.NDArray[np.float32]
"""Shape (n, size), each row of length 1."""


class Writer(Protocol):
    """Writes answers to prompts. Thread-safe.

    Whatever keeps it from answering is a `WriterError`, raised before or while it writes.
    """

    @property
    def name(self) -> str:
        """What a reply and a log call it: a hub id, a folder's name, a served model's name."""

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        """One whole answer for each prompt, made together where the model can."""

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """The answer in pieces, as they are made. Closing the iterator ends the generation."""


class Encoder(Protocol):
    """Puts texts and photos into one space, where the dot product is the cosine. Thread-safe."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str:
        """Of the weights, sha256: embeddings of different digests must not meet."""

    @property
    def size(self) -> int: ...

    def embed_text(self, texts: Sequence[str]) -> Embeddings: ...

    def embed_photos(self, photos: Sequence[Image]) -> Embeddings:
        """Photos are RGB, as `decode_photo` returns them."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of a voice note ("" for none), and how sure the transcriber is of them, in [0, 1]."""

    text: str
    confidence: float


class Transcriber(Protocol):
    """Turns speech into text. Thread-safe.

    Whatever keeps it from listening is a `TranscriberError`.
    """

    @property
    def name(self) -> str: ...

    def transcribe(self, samples: npt.NDArray[np.float32], words: CatalogueWords) -> Transcript:
        """Mono samples in [-1, 1], shape (n,), 16,000 a second, that may be speech; `words` are those to expect."""

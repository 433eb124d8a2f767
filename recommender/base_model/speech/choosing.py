"""Which transcriber listens: the embedded one, none, or a checkpoint."""

from importlib import import_module
from typing import Final

from recommender.base_model.protocols import Transcriber
from recommender.base_model.speech.embedded import EmbeddedTranscriber
from recommender.base_model.speech.engine import pocketsphinx
from recommender.errors import TranscriberError

EMBEDDED: Final = "embedded"
NONE: Final = "none"


def open_transcriber(name: str | None) -> Transcriber:
    """Opens the transcriber that a name stands for.

    Parameters
    ----------
    name : None or "embedded", the embedded one; "none": voice notes are refused; anything else, the folder of a
        checkpoint or its name on the model hub

    Raises `TranscriberError` where it cannot be opened.
    """
    if name == NONE:
        raise TranscriberError("this shop takes no voice notes")
    if name is None or name == EMBEDDED:
        pocketsphinx()
        return EmbeddedTranscriber()
    if not name.strip():
        raise TranscriberError(
            f"a transcriber has a name; {EMBEDDED!r} is the embedded one, {NONE!r} refuses voice notes"
        )
    transcriber: Transcriber = import_module(
        "recommender.base_model.speech.transformers_transcriber"
    ).TransformersTranscriber.load(name)
    return transcriber

"""Pocketsphinx and soundfile, which are an extra: imported here, and by the process that listens."""

from importlib import import_module
from pathlib import Path
from typing import Any

from recommender.errors import TranscriberError


def pocketsphinx() -> Any:
    """The recogniser; raises `TranscriberError` where it is not installed."""
    return _imported("pocketsphinx", "the embedded recogniser of speech")


def soundfile() -> Any:
    """The decoder of sounds; raises `TranscriberError` where it is not installed."""
    return _imported("soundfile", "reading a sound")


def model_folder() -> Path:
    """Where the recogniser's acoustic model and dictionary lie."""
    return Path(pocketsphinx().get_model_path())


def _imported(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except (ImportError, OSError) as error:
        raise TranscriberError(
            f"{what} needs {name}, which cannot be imported ({error}): pip install 'shop-recommender[speech]'"
        ) from error

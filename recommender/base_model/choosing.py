"""Which base model writes: the bundled one, none, a checkpoint, or an endpoint."""

import re
from importlib import import_module
from typing import Final

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.openai_compatible import OpenAICompatibleWriter
from recommender.base_model.protocols import Writer
from recommender.base_model.writer_config import WriterConfig
from recommender.errors import WriterError

COMPACT: Final = "compact"
NONE: Final = "none"
_ENDPOINT: Final = re.compile(r"(?P<url>https?://[^#\s]+)(?:#(?P<model>\S+))?")


def open_writer(base_model: str | None, *, threads: int | None = None) -> Writer | None:
    """Opens the writer that a name stands for; None: no writer, so the reply's sentences are the template's.

    Parameters
    ----------
    base_model : None or "compact", the bundled model; "none"; "http(s)://host[:port]/v1#model", an OpenAI-compatible
        endpoint; anything else, the folder of a checkpoint or its name on the model hub
    threads : in how many a model that runs here computes at most; None: as `WriterConfig.max_concurrent` has it

    Raises `WriterError` where it cannot be opened.
    """
    if base_model == NONE:
        return None
    if base_model is None or base_model == COMPACT:
        return _open_compact(threads)
    if not base_model.strip():
        raise WriterError(f"a base model has a name; {COMPACT!r} is the bundled one and {NONE!r} goes without")
    if endpoint := _ENDPOINT.fullmatch(base_model):
        return _open_endpoint(endpoint["url"], endpoint["model"])
    if "://" in base_model:
        raise WriterError(f"{base_model} is no endpoint; write http(s)://host[:port]/v1#model")
    return _open_checkpoint(base_model, threads)


def _open_compact(threads: int | None) -> Writer:
    if not CHECKPOINT.is_dir():
        raise WriterError(
            f"the bundled compact model is not installed: there is no folder {CHECKPOINT}; "
            f"install the package again, or choose another base model or {NONE!r}"
        )
    return _open_checkpoint(str(CHECKPOINT), threads)


def _open_checkpoint(name: str, threads: int | None) -> Writer:
    """Imports torch and transformers, which take seconds, only now."""
    kind = import_module("recommender.base_model.transformers_writer").TransformersWriter
    writer: Writer = kind.load(name, config=WriterConfig(max_concurrent=threads))
    return writer


def _open_endpoint(url: str, model: str | None) -> Writer:
    if not model:
        raise WriterError(f"{url} does not say which model; write {url}#model, as the endpoint calls it")
    return OpenAICompatibleWriter(url, model)

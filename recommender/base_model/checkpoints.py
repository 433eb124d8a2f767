"""Checkpoints of any vision-language architecture that transformers knows, from a folder or the model hub."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from huggingface_hub.errors import HFValidationError
from safetensors import SafetensorError
from transformers import AutoModelForImageTextToText, AutoProcessor, AutoTokenizer
from transformers.utils import logging
from transformers.utils.import_utils import is_accelerate_available, is_torchvision_available

from recommender.base_model.chat_inputs import ChatInputs
from recommender.errors import WriterError

_FAILURES: Final = (OSError, ValueError, ImportError, RuntimeError, KeyError, TypeError, SafetensorError)
_MAX_REASON: Final = 300
READS_INSTRUCTIONS: Final = "reads_instructions"
"""A field of config.json; false: the model was trained without a system turn."""
MAX_WIDENED: Final = 1_000_000_000
"""Parameters of a float16 model that is computed in float32 on a CPU, which is slow in float16."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model ready to write, with what makes its inputs.

    Attributes
    ----------
    tokenizer : to read answers with; its own copy, since the one that makes inputs changes while it does
    end_tokens : any of them ends an answer
    context_size : tokens of a prompt and its answer together; None where the model sets no limit
    temperature, top_p : how its makers want it sampled; None where they do not say
    """

    name: str
    model: Any
    inputs: ChatInputs
    tokenizer: Any
    end_tokens: frozenset[int]
    context_size: int | None
    temperature: float | None = None
    top_p: float | None = None


def load_checkpoint(name_or_folder: str) -> Checkpoint:
    """Loads weights in the dtype they are stored in, onto a GPU where there is one; float16 widens on a CPU if small.

    Code in a checkpoint is never run, and weights are read from safetensors files alone. Raises `WriterError`.
    """
    folder = checkpoint_folder(name_or_folder)
    source = str(folder or name_or_folder)
    options = {"local_files_only": folder is not None, "trust_remote_code": False}
    try:
        with quietly():
            model = _load_model(source, options)
            inputs = _load_inputs(source, options, instructed=getattr(model.config, READS_INSTRUCTIONS, True))
    except _FAILURES as error:
        raise WriterError(_why(name_or_folder, folder, error)) from error
    except WriterError as error:
        raise WriterError(f"{name_or_folder} cannot be a base model: {error}") from error
    return Checkpoint(
        name=folder.resolve().name if folder else name_or_folder,
        model=model,
        inputs=inputs,
        tokenizer=deepcopy(inputs.tokenizer),
        end_tokens=_end_tokens(model, inputs.tokenizer),
        context_size=getattr(model.config.get_text_config(), "max_position_embeddings", None),
        **_sampling(model),
    )


def _sampling(model: Any) -> dict[str, float | None]:
    """How the makers of a model want it sampled, as far as they say something that can be done."""
    asked = getattr(model, "generation_config", None)
    temperature, top_p = getattr(asked, "temperature", None), getattr(asked, "top_p", None)
    if not getattr(asked, "do_sample", False):
        return {"temperature": None, "top_p": None}
    return {
        "temperature": temperature if temperature is not None and temperature > 0 else None,
        "top_p": top_p if top_p is not None and 0 < top_p <= 1 else None,
    }


@contextmanager
def quietly() -> Iterator[None]:
    """Without the bars and hints that transformers prints while it loads; what matters is raised."""
    log: Any = logging
    verbosity, bars = log.get_verbosity(), log.is_progress_bar_enabled()
    log.set_verbosity_error()
    log.disable_progress_bar()
    try:
        yield
    finally:
        log.set_verbosity(verbosity)
        if bars:
            log.enable_progress_bar()


def checkpoint_folder(name: str) -> Path | None:
    """The folder that is meant; None: a name on the hub, such as meta-models/Muse-Glimmer-30B."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise WriterError(f"{name} is no checkpoint: there is no config.json in this folder")
        return folder
    separators = {os.sep, "\\"}
    if folder.is_absolute() or name.startswith((".", "~")) or sum(name.count(mark) for mark in separators) > 1:
        raise WriterError(f"there is no folder {name}; name the folder of a checkpoint, or a model of the hub")
    return None


def _load_model(source: str, options: dict[str, Any]) -> Any:
    gpu = torch.cuda.is_available()
    spread = {"device_map": "auto"} if gpu and is_accelerate_available() else {}
    model: Any = AutoModelForImageTextToText.from_pretrained(
        source, dtype="auto", use_safetensors=True, **spread, **options
    )
    if model.config.is_encoder_decoder:
        raise WriterError("its architecture has an encoder apart, and only decoders are supported")
    if not gpu and model.dtype is torch.float16 and model.num_parameters() <= MAX_WIDENED:
        model = model.float()
    return (model if spread else model.to("cuda" if gpu else "cpu")).eval()


def _load_inputs(source: str, options: dict[str, Any], *, instructed: bool) -> ChatInputs:
    """With the processor, or with the tokenizer alone where the processor needs a library that is absent."""
    try:
        processor: Any = AutoProcessor.from_pretrained(source, **options)  # type: ignore[no-untyped-call]
    except (ImportError, ValueError) as error:
        if is_torchvision_available() and not isinstance(error, ImportError):
            raise
        tokenizer: Any = AutoTokenizer.from_pretrained(source, **options)
        blind: str | None = f"its processor needs a library: pip install torchvision ({shortened(error)})"
        return ChatInputs(tokenizer, blind=blind, instructed=instructed)
    blind = None if getattr(processor, "image_processor", None) else "it has no image processor"
    return ChatInputs(processor, blind=blind, instructed=instructed)


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    named = model.generation_config.eos_token_id
    ends = named if isinstance(named, list) else [named]
    return frozenset(end for end in [*ends, tokenizer.eos_token_id] if end is not None)


def shortened(error: BaseException) -> str:
    """An error of a library, on one line."""
    return " ".join(str(error).split())[:_MAX_REASON]


def _why(name: str, folder: Path | None, error: Exception) -> str:
    reason = shortened(error)
    if isinstance(error, torch.OutOfMemoryError):
        return f"{name} does not fit in memory; choose a smaller model, or one behind an OpenAI-compatible endpoint"
    if folder is not None:
        return f"{name} cannot be loaded as a model of images and text: {reason}"
    kind = "is no name of a model" if isinstance(error, HFValidationError) else "cannot be loaded from the model hub"
    return (
        f"{name} {kind}: {reason}. Write a name as owner/model, check the network (and HF_TOKEN for a gated model), "
        "or download the checkpoint and name its folder"
    )

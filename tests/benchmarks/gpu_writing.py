"""What a token costs on a GPU: ``python -m tests.benchmarks gpu_writing``.

The bundled writer, and models of random weights in the shapes of larger ones: tokens a second of one answer and of
several at once, by our loop and by ``model.generate``. Each step reads every weight once, so the bandwidth of the
memory, measured by a copy, sets a limit; the share of it that is reached is told beside.
"""

import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

import numpy as np
import torch
from transformers import LlavaForConditionalGeneration

from recommender.base_model.checkpoints import Checkpoint
from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig
from recommender.conversation.prompt import writing_prompt
from recommender.prompts import Prompt

Row = dict[str, object]
SHAPES: Final[dict[str, dict[str, int]]] = {
    "1B": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32},
    "8B": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32},
}
KEY_VALUE_HEADS: Final = 8
ANSWERS: Final = (1, 16)
NEW_TOKENS: Final = 64
COPIED: Final = 4_000_000_000


def run() -> Iterator[Row]:
    if not torch.cuda.is_available():
        yield {"skipped": "no GPU"}
        return
    bandwidth = _bandwidth()
    yield {"gpu": torch.cuda.get_device_name(), "copied_gigabytes_a_second": round(bandwidth / 1e9)}
    bundled = TransformersWriter.load(str(CHECKPOINT))._checkpoint
    yield from _rows("bundled", bundled, bandwidth)
    for name, shape in SHAPES.items():
        yield from _rows(name, replace(bundled, model=_random_model(bundled.model.config, shape)), bandwidth)
        torch.cuda.empty_cache()


def _bandwidth() -> float:
    """Bytes a second that a copy on the device reads and writes."""
    source = torch.empty(COPIED, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    target.copy_(source)
    return 2 * COPIED / _seconds(lambda: target.copy_(source))


def _random_model(config: Any, shape: dict[str, int]) -> Any:
    config = deepcopy(config)
    head = shape["hidden_size"] // shape["num_attention_heads"]
    for name, value in {**shape, "num_key_value_heads": KEY_VALUE_HEADS, "head_dim": head}.items():
        setattr(config.text_config, name, value)
    kept = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda"):
            return LlavaForConditionalGeneration(config).eval()
    finally:
        torch.set_default_dtype(kept)


def _rows(name: str, checkpoint: Checkpoint, bandwidth: float) -> Iterator[Row]:
    """No token ends an answer, so that all ways write as many."""
    writer = TransformersWriter(replace(checkpoint, end_tokens=frozenset()), WriterConfig(max_batch=max(ANSWERS)))
    model, shelves, rng = checkpoint.model, practice_shelves(9_001, 1), np.random.default_rng(0)
    weights = sum(weight.numel() * weight.element_size() for weight in model.model.language_model.parameters())
    for answers in ANSWERS:
        contexts = [draw_request(shelves[n % len(shelves)], rng, photo_share=0.0) for n in range(answers)]
        prompts = [Prompt(writing_prompt(context).turns, max_new_tokens=NEW_TOKENS) for context in contexts]
        inputs = writer._inputs(prompts)
        ways = {
            "loop": lambda prompts=prompts: writer.generate(prompts),
            "generate": lambda inputs=inputs: model.generate(
                **inputs, do_sample=True, min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS
            ),
        }
        row: Row = {"model": name, "parameters": model.num_parameters(), "answers": answers}
        for way, work in ways.items():
            work()
            steps_a_second = NEW_TOKENS / _seconds(work)
            row |= {
                f"{way}_tokens_a_second": round(answers * steps_a_second, 1),
                f"{way}_share_of_bandwidth": round(weights * steps_a_second / bandwidth, 4),
            }
        yield row


def _seconds(work: Callable[[], Any]) -> float:
    torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - start

"""Any vision-language checkpoint of transformers as a writer of answers."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, Self

import torch

from recommender.base_model.checkpoints import Checkpoint, load_checkpoint, shortened
from recommender.base_model.decoding import Answer, Run, decode
from recommender.base_model.general_run import GeneralRun
from recommender.base_model.grammar import Vocabulary
from recommender.base_model.llama.decoder import LlamaDecoder, LlamaRun
from recommender.base_model.sampling import Sampler
from recommender.base_model.turns import Turns
from recommender.base_model.writer_config import WriterConfig
from recommender.base_model.written_text import WrittenText
from recommender.errors import WriterError
from recommender.prompts import Prompt

TEMPERATURE: Final = 0.7
TOP_P: Final = 0.9


class TransformersWriter:
    """A `Writer`. A prompt's answer depends on the prompt alone, not on those answered beside it."""

    def __init__(self, checkpoint: Checkpoint, config: WriterConfig | None = None) -> None:
        self._checkpoint = checkpoint
        self._config = config or WriterConfig()
        self._llama = LlamaDecoder.of(checkpoint.model)
        cores = 1 if self._llama is None else os.cpu_count() or 1
        self._at_once = self._config.max_concurrent or cores
        self._turns = Turns(self._at_once)
        self._temperature = _first_set(self._config.temperature, checkpoint.temperature, TEMPERATURE)
        self._top_p = _first_set(self._config.top_p, checkpoint.top_p, TOP_P)

    @classmethod
    def load(cls, name_or_folder: str, *, config: WriterConfig | None = None) -> Self:
        """Of a local folder, or by name from the model hub. Raises `WriterError`."""
        return cls(load_checkpoint(name_or_folder), config)

    @property
    def name(self) -> str:
        return self._checkpoint.name

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        answers = [""] * len(prompts)

        def write(batch: Sequence[int]) -> None:
            for pieces in self._pieces([prompts[place] for place in batch]):
                for place, piece in zip(batch, pieces, strict=True):
                    answers[place] += piece

        with ThreadPoolExecutor(self._at_once) as threads:
            for written in [threads.submit(write, batch) for batch in self._batches(prompts)]:
                written.result()
        return answers

    def stream(self, prompt: Prompt) -> Iterator[str]:
        for (piece,) in self._pieces([prompt]):
            if piece:
                yield piece

    def _batches(self, prompts: Sequence[Prompt]) -> Iterator[list[int]]:
        """Places of prompts that are answered together; processors want as many photos in each.

        They are of like length, or, where a model reads but once what prompts begin with, they begin alike.
        """
        by_photos: dict[int, list[int]] = {}
        order: Callable[[Prompt], Any] = _length if self._llama is None else _texts
        for place in sorted(range(len(prompts)), key=lambda place: order(prompts[place])):
            by_photos.setdefault(len(prompts[place].photos), []).append(place)
        size = self._config.max_batch
        for places in by_photos.values():
            yield from (places[start : start + size] for start in range(0, len(places), size))

    def _pieces(self, prompts: Sequence[Prompt]) -> Iterator[tuple[str, ...]]:
        """Step by step, what each answer has more to read than before."""
        with self._named_failures():
            inputs = self._inputs(prompts)
            answers = [self._answer(prompt, inputs["input_ids"].shape[1]) for prompt in prompts]
            texts = [WrittenText(self._checkpoint.tokenizer) for _ in prompts]
            run = self._start(inputs, max(answer.tokens_left for answer in answers))
            for tokens in decode(run, answers, self._turns):
                yield tuple("" if token is None else text.add(token) for token, text in zip(tokens, texts, strict=True))
            yield tuple(text.rest() for text in texts)

    def _start(self, inputs: Mapping[str, torch.Tensor], max_new_tokens: int) -> Run:
        if self._llama is not None:
            return LlamaRun(self._llama, inputs, max_new_tokens)
        return GeneralRun(self._checkpoint.model, inputs, max_new_tokens)

    def _inputs(self, prompts: Sequence[Prompt]) -> dict[str, torch.Tensor]:
        model = self._checkpoint.model
        return {
            name: values.to(model.device, model.dtype if values.is_floating_point() else None)
            for name, values in self._checkpoint.inputs.of(prompts).items()
        }

    def _answer(self, prompt: Prompt, prompt_size: int) -> Answer:
        limit = self._checkpoint.context_size
        room = prompt.max_new_tokens if limit is None else min(prompt.max_new_tokens, limit - prompt_size)
        if room < 1:
            raise WriterError(f"the prompt has {prompt_size} tokens, and the model takes {limit} with the answer")
        return Answer(
            sampler=Sampler(self._temperature, self._top_p, prompt.seed),
            constraint=None if prompt.allowed is None else self._vocabulary.constraint(prompt.allowed),
            tokens_left=room,
            end_tokens=self._checkpoint.end_tokens,
        )

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self._checkpoint.tokenizer, sorted(self._checkpoint.end_tokens))

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except WriterError as error:
            raise WriterError(f"{self.name}: {error}") from error
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise WriterError(
                f"{self.name} ran out of memory; answer fewer prompts together, or shorter ones"
            ) from error
        except Exception as error:
            raise WriterError(f"{self.name} failed: {type(error).__name__}: {shortened(error)}") from error


def _length(prompt: Prompt) -> int:
    """In characters."""
    return sum(len(turn.text) for turn in prompt.turns)


def _texts(prompt: Prompt) -> list[str]:
    return [turn.text for turn in prompt.turns]


def _first_set(*values: float | None) -> float:
    return next(value for value in values if value is not None)

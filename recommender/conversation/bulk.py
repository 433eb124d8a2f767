"""Copy for many shoppers at once: generated together, and then checked reply by reply, sentence by sentence.

A sentence that fails is not written again, as in a conversation: the template's takes its place.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

import numpy as np

from recommender.conversation.context import WritingContext
from recommender.conversation.patience import MAX_SENTENCE
from recommender.conversation.prompt import SENTENCES, writing_prompt
from recommender.conversation.release import Release
from recommender.conversation.sentences import sentences
from recommender.conversation.template import TemplateWriter
from recommender.errors import WriterError
from recommender.prompts import Prompt
from schemas.conversation import Origin

TOGETHER: Final = 64
"""Prompts handed over at a time, those that begin alike; those of a failed generation are asked one by one."""
AT_ONCE: Final = 16
_SEEDS: Final = 2**31


class Generating(Protocol):
    """What is asked of a base model here."""

    def generate(self, prompts: Sequence[Prompt]) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Copy:
    """``text`` has passed the check. ``failure``: why the template wrote it, None where the base model did.

    ``replaced``: sentences of the base model that the template's stand for.
    """

    text: str
    failure: str | None
    replaced: int


def write_all(contexts: Sequence[WritingContext], model: Generating | None, *, seed: int = 0) -> list[Copy]:
    """The copy for each context, in their order; it depends on the context and the seed, not on the others.

    Parameters
    ----------
    model : None: the template writes
    """
    if model is None:
        return [_released(context, None, seed) for context in contexts]
    prompts = [writing_prompt(context, seed=context.draw(seed) % _SEEDS) for context in contexts]
    alike = sorted(range(len(prompts)), key=lambda place: [turn.text for turn in prompts[place].turns])
    copies: dict[int, Copy] = {}
    for at in range(0, len(alike), TOGETHER):
        places = alike[at : at + TOGETHER]
        answers = _answers(model, [prompts[place] for place in places])
        copies |= {
            place: _released(contexts[place], answer, seed) for place, answer in zip(places, answers, strict=True)
        }
    return [copies[place] for place in range(len(contexts))]


def _answers(model: Generating, prompts: Sequence[Prompt]) -> Sequence[str | WriterError]:
    """Of each prompt the text, or why there is none."""
    try:
        return model.generate(prompts)
    except WriterError:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(lambda prompt: _answer(model, prompt), prompts))


def _answer(model: Generating, prompt: Prompt) -> str | WriterError:
    try:
        return model.generate([prompt])[0]
    except WriterError as error:
        return error


@dataclass(frozen=True, slots=True)
class _Written:
    """A writer of what has been written already."""

    text: str | WriterError

    def write(self, context: WritingContext) -> Iterator[str]:
        if isinstance(self.text, WriterError):
            raise self.text
        for sentence in islice(sentences(iter([self.text])), SENTENCES[context.mode]):
            yield sentence[:MAX_SENTENCE]

    def rewrite(self, *_: object) -> None:
        """Nothing is asked again."""


def _released(context: WritingContext, written: str | WriterError | None, seed: int) -> Copy:
    plan = list(TemplateWriter(np.random.default_rng(context.draw(seed))).write(context))
    release = Release(context, plan)
    with closing(release.sentences(None if written is None else _Written(written))) as released:
        origins = [sentence.origin for sentence in released]
    failure = None if Origin.MODEL in origins else (release.notes[0] if release.notes else "the template wrote it")
    return Copy(release.text, failure, origins.count(Origin.TEMPLATE) if failure is None else 0)

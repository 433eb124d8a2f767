"""A base model as the writer of a reply: prompts made of the context, its text cut into sentences."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Final, Protocol

from recommender.conversation.channel import closable
from recommender.conversation.context import WritingContext
from recommender.conversation.prompt import SENTENCES, rewriting_prompt, writing_prompt
from recommender.conversation.sentences import sentences
from recommender.prompts import Prompt


class Generating(Protocol):
    """What is asked of a base model here: the answer to a prompt, in pieces."""

    def stream(self, prompt: Prompt) -> Iterator[str]: ...


_SEEDS: Final = 2**31


class ModelWriter:
    """Writes replies with a base model. What it says is checked like everything else."""

    def __init__(self, model: Generating, *, seed: int = 0) -> None:
        self._model = model
        self._seed = seed

    def write(self, context: WritingContext) -> Iterator[str]:
        with closing(closable(self._model.stream(writing_prompt(context, seed=self._draw(context))))) as pieces:
            yield from islice(sentences(pieces), SENTENCES[context.mode])

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        prompt = rewriting_prompt(context, sentence, problems, seed=self._draw(context, sentence))
        with closing(closable(self._model.stream(prompt))) as pieces:
            return next(sentences(pieces), None)

    def _draw(self, context: WritingContext, *more: str) -> int:
        return context.draw(self._seed, *more) % _SEEDS

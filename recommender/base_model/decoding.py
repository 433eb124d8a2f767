"""The loop that writes: several answers at once, a token of each per step.

An answer can be read as it is made and dropped at any time, and each has its own grammar, seed and length.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from recommender.base_model.grammar import Constraint
from recommender.base_model.sampling import Sampler, Scores


class Run(Protocol):
    """A model at work on some prompts."""

    def read_prompts(self) -> Scores:
        """Scores of the first tokens, shape (answers, vocabulary)."""

    def write(self, answers: Sequence[int], tokens: Sequence[int]) -> Scores:
        """Scores of the tokens after these, one for each of those answers that go on, in ascending order."""


@dataclass(slots=True)
class Answer:
    """One answer being written.

    Attributes
    ----------
    tokens_left : it ends when there are none, in the midst of a sentence if need be
    end_tokens : any of them ends it
    """

    sampler: Sampler
    constraint: Constraint | None
    tokens_left: int
    end_tokens: frozenset[int]
    ended: bool = False

    def next(self, scores: Scores) -> int | None:
        """The next token, drawn from scores of shape (vocabulary,); None: the answer has ended."""
        token = self.sampler.draw(scores, self.constraint)
        self.tokens_left -= 1
        if token in self.end_tokens:
            self.ended = True
            return None
        if self.constraint is not None:
            self.constraint.take(token)
        self.ended = self.tokens_left == 0 or (self.constraint is not None and self.constraint.ended)
        return token


def decode(run: Run, answers: Sequence[Answer], turn: AbstractContextManager[Any]) -> Iterator[tuple[int | None, ...]]:
    """A token of each answer per step, None for those that have ended, until all have.

    Parameters
    ----------
    turn : held while the model computes, and not while a caller thinks about what it got
    """
    with turn:
        scores = run.read_prompts()
    going = list(range(len(answers)))
    while True:
        tokens: list[int | None] = [None] * len(answers)
        for place, row in zip(going, scores, strict=True):
            tokens[place] = answers[place].next(row)
        yield tuple(tokens)
        written = {place: token for place, token in enumerate(tokens) if token is not None}
        going = [place for place in written if not answers[place].ended]
        if not going:
            return
        with turn:
            scores = run.write(going, [written[place] for place in going])

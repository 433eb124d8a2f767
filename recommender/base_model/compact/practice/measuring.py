"""How well a writer does on requests of shops that no training saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, groupby
from typing import Self

import numpy as np

from recommender.base_model.compact.practice.repetition import Repetition
from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.base_model.compact.practice.swaps import (
    Place,
    Share,
    distinct_bigrams,
    draw_pairs,
    measure_swaps,
)
from recommender.base_model.protocols import Writer
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import Verdict, check
from recommender.conversation.prompt import writing_prompt
from recommender.conversation.rendering import render
from recommender.conversation.sentences import sentences
from recommender.conversation.template import TemplateWriter

Write = Callable[[Sequence[WritingContext]], list[str]]
"""The raw replies, with slots, to some requests."""


@dataclass(frozen=True)
class Variety:
    """Distinct-2 of the accepted sentences and of the template's to the same pairs, cut to as many words."""

    own: float
    template: float

    @property
    def ratio(self) -> float:
        return self.own / self.template

    @classmethod
    def of(cls, own: Sequence[str], template: Sequence[str]) -> Self:
        words = min(len(" ".join(own).split()), len(" ".join(template).split()))
        return cls(distinct_bigrams(_first(own, words)), distinct_bigrams(_first(template, words)))


def _first(sentences: Sequence[str], words: int) -> list[str]:
    """The first sentences with about so many words: distinct-2 falls with the length of a text."""
    lengths = accumulate(len(sentence.split()) for sentence in sentences)
    return [sentence for sentence, length in zip(sentences, lengths, strict=True) if length <= words]


@dataclass(frozen=True)
class Measured:
    """What `measure` found: ``written`` with slots, ``read`` with their values as a shopper sees them.

    ``again`` is what repeats earlier replies, of the writer's accepted sentences and of the template's.
    """

    changed: dict[Place, Share]
    sentences: int
    accepted: float
    written: Variety
    read: Variety
    again: tuple[Repetition, Repetition]

    def figures(self) -> dict[str, object]:
        """As numbers for programs."""
        return {
            **{f"changed_{place}": round(share.share, 3) for place, share in self.changed.items()},
            **{f"pairs_{place}": share.pairs for place, share in self.changed.items()},
            "sentences": self.sentences,
            "accepted": round(self.accepted, 3),
            "distinct_2_written": round(self.written.own, 3),
            "times_the_template_written": round(self.written.ratio, 2),
            "distinct_2_read": round(self.read.own, 3),
            "times_the_template_read": round(self.read.ratio, 2),
            "sentences_again": [round(one.sentences, 3) for one in self.again],
            "four_grams_again": [round(one.four_grams, 3) for one in self.again],
        }


def measure(write: Write, shelves: Sequence[Shelf], *, pairs: int, requests: int, seed: int) -> Measured:
    """``pairs`` of requests that differ in one thing; ``requests`` of all kinds, for the share that is accepted."""
    rng = np.random.default_rng(seed)
    drawn = draw_pairs([shelf for shelf in shelves if shelf.products], pairs, rng)
    ones, others = [pair.one for pair in drawn], [pair.other for pair in drawn]
    paired, replies = [*ones, *others], [*write(ones), *write(others)]
    any_kind = [draw_request(shelves[number % len(shelves)], rng) for number in range(requests)]
    said = _sentences(write(any_kind), any_kind)
    own = [one for one in _sentences(replies, paired) if one.ok]
    template = _templates(paired)
    return Measured(
        changed=measure_swaps(drawn, replies[:pairs], replies[pairs:]),
        sentences=len(said),
        accepted=sum(one.ok for one in said) / max(1, len(said)),
        written=Variety.of([one.text for one in own], [one.text for one in template]),
        read=Variety.of([one.read for one in own], [one.read for one in template]),
        again=(_repeated([one for one in said if one.ok]), _repeated(_templates(any_kind))),
    )


@dataclass(frozen=True)
class _Said:
    text: str
    context: WritingContext

    @cached_property
    def _verdict(self) -> Verdict:
        return check(self.text, self.context)

    @property
    def ok(self) -> bool:
        return self._verdict.ok

    @property
    def read(self) -> str:
        """As a shopper reads it."""
        return render(self.text, self.context, self._verdict.literals)[0]


def _sentences(replies: Sequence[str], contexts: Sequence[WritingContext]) -> list[_Said]:
    return [
        _Said(text, context) for reply, context in zip(replies, contexts, strict=True) for text in sentences([reply])
    ]


def _templates(contexts: Sequence[WritingContext]) -> list[_Said]:
    return [
        _Said(said, context)
        for number, context in enumerate(contexts)
        for said in TemplateWriter(np.random.default_rng(number)).write(context)
    ]


def _repeated(said: Sequence[_Said]) -> Repetition:
    replies = groupby(said, key=lambda one: one.context.request_id)
    return Repetition.of([[one.read for one in reply] for _, reply in replies])


def writer_of(writer: Writer, *, grammar: bool) -> Write:
    """Replies of a writer; the n-th of each call is drawn with the same random numbers."""

    def write(contexts: Sequence[WritingContext]) -> list[str]:
        prompts = [writing_prompt(context, seed=number) for number, context in enumerate(contexts)]
        return writer.generate(prompts if grammar else [replace(prompt, allowed=None) for prompt in prompts])

    return write

"""How well a writer does on requests of shops that no training saw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Self

import numpy as np

from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.base_model.compact.practice.swaps import (
    Place,
    Share,
    Write,
    distinct_bigrams,
    draw_pairs,
    measure_swaps,
)
from recommender.base_model.protocols import Writer
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.conversation.prompt import writing_prompt
from recommender.conversation.rendering import render
from recommender.conversation.sentences import sentences
from recommender.conversation.template import TemplateWriter


@dataclass(frozen=True)
class Variety:
    """Distinct-2 of the accepted sentences and of the template's for the same requests, cut to as many words."""

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
    """What `measure` found: ``written`` with slots, ``read`` with their values as a shopper sees them."""

    changed: dict[Place, Share]
    sentences: int
    accepted: float
    written: Variety
    read: Variety

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
        }


def measure(write: Write, shelves: Sequence[Shelf], *, pairs: int, requests: int, seed: int) -> Measured:
    """``pairs`` of requests that differ in one thing, and ``requests`` of all kinds."""
    rng = np.random.default_rng(seed)
    changed = measure_swaps(draw_pairs([shelf for shelf in shelves if shelf.products], pairs, rng), write)
    contexts = [draw_request(shelves[number % len(shelves)], rng) for number in range(requests)]
    told = [sentences([reply]) for reply in write(contexts)]
    judged = [(said, context) for context, reply in zip(contexts, told, strict=True) for said in reply]
    passed = [(said, context) for said, context in judged if check(said, context).ok]
    template = list(_templates(contexts))
    return Measured(
        changed=changed,
        sentences=len(judged),
        accepted=len(passed) / max(1, len(judged)),
        written=Variety.of([said for said, _ in passed], [said for said, _ in template]),
        read=Variety.of([_read(*said) for said in passed], [_read(*said) for said in template]),
    )


def _templates(contexts: Sequence[WritingContext]) -> Iterator[tuple[str, WritingContext]]:
    for number, context in enumerate(contexts):
        yield from ((said, context) for said in TemplateWriter(np.random.default_rng(number)).write(context))


def _read(sentence: str, context: WritingContext) -> str:
    """As a shopper reads it."""
    return render(sentence, context, check(sentence, context).literals)[0]


def writer_of(writer: Writer, *, grammar: bool) -> Write:
    """Replies of a writer; both of a pair are drawn with the same random numbers."""

    def write(contexts: Sequence[WritingContext]) -> list[str]:
        prompts = [writing_prompt(context, seed=number) for number, context in enumerate(contexts)]
        return writer.generate(prompts if grammar else [replace(prompt, allowed=None) for prompt in prompts])

    return write

"""Measures a compact checkpoint: ``python -m recommender.base_model.compact.measure --help``.

On shops that no training saw: whether replies follow what the prompt says, how many sentences pass the check at the
first try, and how varied they are beside the template's.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
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
from recommender.base_model.compact.train import VALIDATION_SEED, VALIDATION_SHELVES
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.conversation.prompt import writing_prompt
from recommender.conversation.rendering import render
from recommender.conversation.sentences import sentences
from recommender.conversation.template import TemplateWriter

WANTED_CHANGED: Final = 0.9
WANTED_VARIED: Final = 1.5


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


def writer_of(writer: TransformersWriter, *, grammar: bool) -> Write:
    """Replies of a writer; both of a pair are drawn with the same random numbers."""

    def write(contexts: Sequence[WritingContext]) -> list[str]:
        prompts = [writing_prompt(context, seed=number) for number, context in enumerate(contexts)]
        return writer.generate(prompts if grammar else [replace(prompt, allowed=None) for prompt in prompts])

    return write


def _table(measured: Measured, title: str) -> Table:
    table = Table("measured", "wanted", "here", title=title)
    for place, share in measured.changed.items():
        table.add_row(f"another {place}: its place changes", f"{WANTED_CHANGED}", f"{share.share:.3f} of {share.pairs}")
    table.add_row("sentences that pass at first try", "", f"{measured.accepted:.3f} of {measured.sentences}")
    for name, variety in (("as written", measured.written), ("as read", measured.read)):
        ratio = f"{variety.own:.3f} / {variety.template:.3f} = {variety.ratio:.2f}"
        table.add_row(f"distinct-2 over the template's, {name}", f"{WANTED_VARIED}", ratio)
    return table


def main(
    checkpoint: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = CHECKPOINT,
    pairs: Annotated[int, typer.Option(min=5, help="Pairs of requests.")] = 200,
    requests: Annotated[int, typer.Option(min=1, help="Requests of all kinds.")] = 100,
    grammar: Annotated[bool, typer.Option(help="Write under the grammar, as replies are.")] = True,
    batch: Annotated[int, typer.Option(min=1, help="Replies written together.")] = 16,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a compact checkpoint on shops that no training saw."""
    writer = TransformersWriter.load(str(checkpoint), config=WriterConfig(max_batch=batch))
    write, shelves = writer_of(writer, grammar=grammar), practice_shelves(VALIDATION_SEED, VALIDATION_SHELVES)
    measured = measure(write, shelves, pairs=pairs, requests=requests, seed=seed)
    if as_json:
        typer.echo(json.dumps(measured.figures()))
    else:
        Console().print(_table(measured, f"{checkpoint.name}, {'with' if grammar else 'without'} the grammar"))


if __name__ == "__main__":
    typer.run(main)

"""Sentences on their way out: only what has passed the check is released, and nothing released is taken back."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from recommender.conversation.channel import closable
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import Verdict, check, check_order, named_products
from recommender.conversation.rendering import render, shifted
from recommender.conversation.slots import TOTAL, CountSlot, written
from recommender.conversation.writer import SentenceWriter
from recommender.errors import WriterError
from schemas import Sentence, Surface
from schemas.conversation import Origin

MAX_SENTENCES: Final = 40
MAX_MESSAGE: Final = 1_000
"""Characters of a reply on a messenger."""
REPEATED: Final = "it has been said already"
_OWN: Final = (Origin.MODEL, Origin.RETRY)


def separator(before: str, sentence: str) -> str:
    """What stands between a sentence and the one before it: a table ends with an empty line, as Markdown has it."""
    if sentence.startswith(("- ", "| ")):
        return "\n"
    return "\n\n" if before.startswith("| ") else " "


def _asks(sentence: str) -> bool:
    """Whether a sentence asks the shopper something without presenting a product."""
    return sentence.rstrip().endswith("?") and not named_products(sentence)


@dataclass(slots=True)
class Release:
    """The reply as far as it has been released.

    ``plan`` is the template's whole reply. A writer's sentence that fails is written again once; if that fails too, a
    sentence of the plan takes its place, each at most once. ``opening`` is said by the shop itself before all of it,
    ``table`` are lines that stand before the rest, ``question`` is the sentence that ends it, ``asked`` whether it was
    said; a reply asks no other. What a set costs is always said.
    """

    context: WritingContext
    plan: list[str]
    opening: Sentence | None = None
    table: Sequence[str] = ()
    question: str | None = None
    asked: bool = False
    text: str = ""
    released: list[Sentence] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    opened: int = 0
    presented: int = 0
    said: set[str] = field(default_factory=set)
    checked_ahead: dict[str, Verdict] = field(default_factory=dict)

    def check_ahead(self) -> None:
        """Check the plan now, so that it takes next to no time once a writer was waited for until a deadline."""
        self.checked_ahead = {raw: check(raw, self.context) for raw in self.plan}

    def sentences(self, writer: SentenceWriter | None) -> Generator[Sentence, None, None]:
        """Those of the writer, or of the plan where there is none or it fails, between the table and the question."""
        if self.opening is not None:
            self.text = self.opening.text
            self.released.append(self.opening)
            yield self.opening
        yield from (self._release(line, Verdict(), Origin.TEMPLATE) for line in self.table)
        yield from self._told(writer)
        if self.question is not None:
            question, self.question = self.question, None
            said = list(self._planned([question]))
            self.asked = bool(said)
            yield from said

    def _told(self, writer: SentenceWriter | None) -> Iterator[Sentence]:
        self.opened = len(self.released)
        if writer is not None:
            yield from self._written(writer)
        if not self._any_written:
            yield from self._planned(self.plan)
        elif not any(sentence.origin in _OWN for sentence in self.released):
            yield from self._planned(self._unsaid())
        if self.context.total is not None:
            yield from self._planned([raw for raw in self.plan if written(CountSlot(TOTAL)) in raw])

    @property
    def _any_written(self) -> bool:
        return len(self.released) > self.opened

    def _written(self, writer: SentenceWriter) -> Iterator[Sentence]:
        replaced = 0
        try:
            with closing(closable(writer.write(self.context))) as sentences:
                for raw in islice(sentences, MAX_SENTENCES):
                    if _asks(raw):
                        continue
                    if not self._has_room(raw):
                        break
                    sentence = self._checked(writer, raw)
                    replaced += sentence is None
                    sentence = sentence or self._replacement(raw)
                    if sentence is not None:
                        yield sentence
        except WriterError as error:
            self.notes.append(f"the writer failed: {error}")
            yield from self._planned(self._unsaid() if self._any_written else [])
        if replaced:
            self.notes.append(f"sentences that failed the grounding check twice: {replaced}")

    def _checked(self, writer: SentenceWriter, raw: str) -> Sentence | None:
        """A writer's sentence, or its second try, whichever passes first."""
        verdict = self._verdict(raw)
        if verdict.ok:
            return self._release(raw, verdict, Origin.MODEL)
        second = writer.rewrite(self.context, raw, verdict.problems)
        retried = self._verdict(second) if second is not None else verdict
        return self._release(second, retried, Origin.RETRY) if second is not None and retried.ok else None

    def _replacement(self, failed: str) -> Sentence | None:
        """The template's sentence about the same product, or, where the failed one named none, its next about none."""
        named = named_products(failed)[:1]
        planned = next((raw for raw in self.plan if named_products(raw)[:1] == named), None)
        if planned is None:
            return None
        self.plan.remove(planned)
        return next(self._planned([planned]), None)

    def _planned(self, plan: Sequence[str]) -> Iterator[Sentence]:
        for raw in plan:
            verdict = self._verdict(raw)
            if verdict.ok and self._has_room(raw):
                yield self._release(raw, verdict, Origin.TEMPLATE)

    def _has_room(self, raw: str) -> bool:
        """Whether a sentence, and the question after it, fit what a messenger takes."""
        if self.context.surface is not Surface.MESSENGER:
            return True
        texts = [render(one, self.context)[0] for one in (raw, self.question or "")]
        return len(" ".join([self.text, *texts])) <= MAX_MESSAGE

    def _unsaid(self) -> list[str]:
        return [raw for raw in self.plan if max(named_products(raw), default=0) > self.presented]

    def _verdict(self, raw: str) -> Verdict:
        verdict = self.checked_ahead.get(raw) or check(raw, self.context)
        repeated = (REPEATED,) if raw.strip() in self.said else ()
        order = check_order(raw, self.context, self.presented)
        return Verdict((*verdict.problems, *order, *repeated), verdict.literals)

    def _release(self, raw: str, verdict: Verdict, origin: Origin) -> Sentence:
        text, claims = render(raw, self.context, verdict.literals)
        before = self.text + separator(self.released[-1].text, text) if self.released else ""
        sentence = Sentence(text=text, origin=origin, claims=shifted(claims, len(before)))
        self.text = before + text
        self.released.append(sentence)
        self.said.add(raw.strip())
        self.presented = max(self.presented, *named_products(raw), 0)
        return sentence

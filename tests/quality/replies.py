"""Many replies of one writer over one shop, every released sentence held against the second checker."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from recommender.conversation.respond import stream
from recommender.conversation.vocabulary import Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import Message, Mode, ProductRow, Reply, Seen
from schemas.conversation import DoneChunk, Origin
from tests.quality.checker import Checker, Evidence, Finding, Lexicon
from tests.quality.shoppers import SeededRanking, Shopper

Writers = Callable[[np.random.Generator], SentenceWriter | None]
K = 5


@dataclass(frozen=True)
class TestedShop:
    """A shop's rows with what is read off them once."""

    __test__ = False

    name: str
    rows: Sequence[ProductRow]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.from_rows(self.rows)

    @cached_property
    def checker(self) -> Checker:
        return Checker(Lexicon.of(self.rows))


@dataclass(slots=True)
class Measured:
    """Released sentences by origin, and those that say something ungrounded."""

    replies: int = 0
    origins: Counter[Origin] = field(default_factory=Counter)
    offenders: list[str] = field(default_factory=list)

    def add(self, shop: TestedShop, messages: Sequence[Message], reply: Reply, seen: Sequence[Seen] = ()) -> None:
        self.replies += 1
        self.origins.update(sentence.origin for sentence in reply.sentences)
        evidence = evidence_of(reply, messages, seen)
        texts = [sentence.text for sentence in reply.sentences]
        origins = {sentence.text: sentence.origin for sentence in reply.sentences}
        for text, findings in shop.checker.reply(texts, evidence):
            self.offenders.append(f"{shop.name} {origins[text]}: {text!r} {said(findings)}")

    def shares(self) -> dict[str, str]:
        total = sum(self.origins.values()) or 1
        return {origin.value: f"{self.origins[origin] / total:.3f}" for origin in Origin}


def evidence_of(reply: Reply, messages: Sequence[Message], seen: Sequence[Seen] = ()) -> Evidence:
    """What a reply may rest on: not its own claims, but the rows, reasons, wishes and the shopper's words."""
    own = tuple(message.text for message in messages if message.role == "user")
    return Evidence(reply.items, own, reply.wishes, reply.relaxed, asked=K, seen=seen)


def said(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{finding.kind} {finding.text!r}" for finding in findings)


def measure(shop: TestedShop, count: int, writers: Writers, *, seed: int, into: Measured) -> None:
    """``count`` replies, each to a shopper of its own, in both modes."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        messages = Shopper(shop.rows, rng).messages()
        chunks = stream(
            messages,
            rank=SeededRanking(shop.rows, rng, f"{shop.name}-{seed}-{number}"),
            vocabulary=shop.vocabulary,
            session_id=f"session-{number}",
            mode=Mode.SHOPPING if rng.random() < 0.7 else Mode.FAST,
            k=K,
            seed=number,
            writer=writers(rng),
        )
        *_, last = chunks
        if isinstance(last, DoneChunk):
            into.add(shop, messages, last.reply)

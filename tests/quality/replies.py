"""Many replies of one writer over one shop, every released sentence held against the second checker."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL.Image import Image

from recommender.conversation.respond import stream
from recommender.conversation.vocabulary import CATEGORY, Vocabulary
from recommender.conversation.writer import SentenceWriter
from schemas import Message, Mode, Product, ProductRow, Reply, Seen
from schemas.conversation import DoneChunk, Origin
from signals.simulator.photos import draw_photo
from tests.quality.checker import Checker, Evidence, Finding, Lexicon
from tests.quality.shoppers import SeededRanking, Shopper

Writers = Callable[[np.random.Generator], SentenceWriter | None]
K = 5


PHOTO_SHARE = 0.25


@dataclass(frozen=True)
class TestedShop:
    """A shop's rows with what is read off them once; of ``drawn`` products there are photos."""

    __test__ = False

    name: str
    rows: Sequence[ProductRow]
    drawn: Sequence[Product] = ()

    def photo(self, rng: np.random.Generator) -> tuple[tuple[Image, ...], tuple[Seen, ...]]:
        """A shopper's photo and what it shows, for some shoppers of a shop that has photos."""
        if not self.drawn or rng.random() > PHOTO_SHARE:
            return (), ()
        shown = self.drawn[int(rng.integers(len(self.drawn)))]
        values = {CATEGORY: shown.category[-1:], "color": shown.attributes.get("color", ())[:1]}
        seen = tuple(Seen(field=name, value=value[0], confidence=0.9) for name, value in values.items() if value)
        return (draw_photo(shown, int(rng.integers(1_000))),), seen

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
    parts = () if reply.trace is None else reply.trace.merged.parts
    quantities = {part.item_id: part.quantity for part in parts}
    return Evidence(reply.items, own, reply.wishes, reply.relaxed, asked=K, seen=seen, quantities=quantities)


def said(findings: Sequence[Finding]) -> str:
    return ", ".join(f"{finding.kind} {finding.text!r}" for finding in findings)


def measure(shop: TestedShop, count: int, writers: Writers, *, seed: int, into: Measured) -> None:
    """``count`` replies, each to a shopper of its own, in both modes."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        messages = Shopper(shop.rows, rng).messages()
        photos, seen = shop.photo(rng)
        chunks = stream(
            messages,
            rank=SeededRanking(shop.rows, rng, f"{shop.name}-{seed}-{number}"),
            vocabulary=shop.vocabulary,
            session_id=f"session-{number}",
            mode=Mode.SHOPPING if rng.random() < 0.7 else Mode.FAST,
            k=K,
            seed=number,
            photos=photos,
            seen=seen,
            writer=writers(rng),
        )
        *_, last = chunks
        if isinstance(last, DoneChunk):
            into.add(shop, messages, last.reply, seen)

"""A scripted, seeded writer that tries to smuggle lies through the grounding: it knows slots and plain words."""

from collections.abc import Iterator, Sequence

import numpy as np

from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import named_products
from schemas import ProductRow
from tests.quality.adversarial_sentences import SENTENCES


class AdversarialWriter:
    """Writes a reply of mixed lies and truths about the products in the order of rank.

    ``rows`` are the shop's: the values of other products come from them. ``written`` are all its sentences by kind.
    """

    def __init__(self, rows: Sequence[ProductRow], rng: np.random.Generator, length: int = 8) -> None:
        self._rows, self._rng, self._length = rows, rng, length
        self.written: list[tuple[str, str]] = []

    def write(self, context: WritingContext) -> Iterator[str]:
        due = 1
        for _ in range(self._length):
            sentence = self._sentence(context, due)
            due = max([due, *(number + (self._rng.random() < 0.5) for number in named_products(sentence))])
            due = min(due, max(len(context.items), 1))
            yield sentence

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> str | None:
        if self._rng.random() < 0.4:
            return None
        return self._sentence(context, min(named_products(sentence), default=1))

    def _sentence(self, context: WritingContext, due: int) -> str:
        kind = str(self._rng.choice(list(SENTENCES)))
        frames = SENTENCES[kind]
        filled = self._fill(frames[int(self._rng.integers(len(frames)))], context, due)
        self.written.append((kind, filled))
        return filled

    def _fill(self, frame: str, context: WritingContext, due: int) -> str:
        row = self._rows[int(self._rng.integers(len(self._rows)))]
        following = context.item(due + 1)
        words = {
            "<P>": f"[[P{due}]]",
            "<Q>": f"[[P{due + 1}]]",
            "<N>": str(due),
            "<M>": str(due + 1),
            "<u>": following.row.title if following else row.title,
            "<title>": row.title,
            "<brand>": row.brand or "Acme",
            **{f"<{name}>": row.attributes.get(name, ("red",))[0].lower() for name in ("color", "material")},
        }
        for name, value in words.items():
            frame = frame.replace(name, value)
        return frame

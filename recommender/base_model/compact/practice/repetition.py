"""Does a writer say the same again to another shopper? What of its replies stands in earlier replies already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

N: Final = 4


@dataclass(frozen=True)
class Repetition:
    """Of replies to different requests, in the order in which they were written, as a shopper reads them.

    ``sentences``: the share of sentences that stand word for word in an earlier reply. ``four_grams``: the share of
    runs of four words within a sentence that stand in an earlier reply. Case and marks do not count.
    """

    sentences: float
    four_grams: float

    @classmethod
    def of(cls, replies: Sequence[Sequence[str]]) -> Self:
        """``replies`` are the sentences of each reply."""
        worded = [[tuple(_words(sentence)) for sentence in reply] for reply in replies]
        runs = [[run for sentence in reply for run in _runs(sentence)] for reply in worded]
        return cls(_seen_before(worded), _seen_before(runs))


def _words(sentence: str) -> Iterator[str]:
    stripped = (word.strip(".,;:!?()\u201c\u201d\"'") for word in sentence.lower().split())
    return filter(None, stripped)


def _runs(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [words[at : at + N] for at in range(len(words) - N + 1)]


def _seen_before(replies: Sequence[Sequence[tuple[str, ...]]]) -> float:
    """The share of all that stands in the replies that an earlier reply holds too."""
    earlier: set[tuple[str, ...]] = set()
    again = 0
    for reply in replies:
        again += sum(one in earlier for one in reply)
        earlier.update(reply)
    return again / max(1, sum(map(len, replies)))

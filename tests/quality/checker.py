"""The second checker: finds in a released sentence what the rows, the reasons and the shopper's words do not bear out.

It measures the grounding and therefore shares nothing with it. It reads the printed text, cuts it in its own way, takes
out every fact it can see - amounts, values, comparisons, deeds, dates, promises - and looks each up in the row of the
product that the clause is about. ``tests/quality/test_second_checker.py`` measures it in turn, on planted lies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas import RankedItem, Seen, Wishes
from tests.quality.checker_deeds import deed_findings
from tests.quality.checker_gradings import grading_findings
from tests.quality.checker_lexicon import Lexicon
from tests.quality.checker_prices import price_findings
from tests.quality.checker_promises import promise_findings
from tests.quality.checker_reading import Reading, read
from tests.quality.checker_values import value_findings

__all__ = ["Checker", "Evidence", "Finding", "Lexicon"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a reply may rest on. ``messages`` are the shopper's; ``asked`` is how many products were asked for.

    ``quantities`` are how many of each item a set has; empty for a list that is none.
    """

    items: Sequence[RankedItem]
    messages: Sequence[str] = ()
    wishes: Wishes = field(default_factory=Wishes)
    relaxed: Sequence[str] = ()
    asked: int = 0
    seen: Sequence[Seen] = ()
    quantities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact that nothing bears out."""

    kind: str
    text: str


class Checker:
    """Checks the sentences of replies over one shop."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def check(self, sentence: str, evidence: Evidence, before: str = "") -> list[Finding]:
        """The ungrounded facts of a sentence; ``before`` is the sentence that stands before it."""
        reading = read(sentence, evidence, self._lexicon, before)
        return [Finding(kind, text) for kind, text in dict.fromkeys(self._findings(reading))]

    def reply(self, sentences: Sequence[str], evidence: Evidence) -> list[tuple[str, list[Finding]]]:
        """The sentences of a reply that hold an ungrounded fact, with the facts."""
        before = ""
        checked = []
        for sentence in sentences:
            checked.append((sentence, self.check(sentence, evidence, before)))
            before = sentence if read(sentence, evidence, self._lexicon, "").named else before
        return [(sentence, findings) for sentence, findings in checked if findings]

    def _findings(self, reading: Reading) -> Iterator[tuple[str, str]]:
        yield from price_findings(reading)
        yield from deed_findings(reading)
        yield from promise_findings(reading)
        yield from grading_findings(reading)
        yield from value_findings(reading)

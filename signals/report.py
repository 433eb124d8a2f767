"""What became of the rows of a load: every one is counted exactly once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class IngestReport:
    """``accepted + duplicated + rejected`` = the rows read. ``reasons`` counts the rejected ones by reason.

    ``flagged`` counts by rule the events whose time cannot be right (`signals.flags`): kept, but not learned from.
    """

    accepted: int = 0
    duplicated: int = 0
    rejected: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    rejected_file: Path | None = None

    @property
    def rows(self) -> int:
        return self.accepted + self.duplicated + self.rejected

    def __add__(self, other: "IngestReport") -> "IngestReport":
        return IngestReport(
            accepted=self.accepted + other.accepted,
            duplicated=self.duplicated + other.duplicated,
            rejected=self.rejected + other.rejected,
            reasons=dict(Counter(self.reasons) + Counter(other.reasons)),
            flagged=dict(Counter(self.flagged) + Counter(other.flagged)),
            rejected_file=other.rejected_file or self.rejected_file,
        )

"""How often attacks succeed, with the exact interval, by family."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scipy.stats import binomtest

from tests.security.attacks import Attack
from tests.security.judging import Breach, Said, breaches, succeeded


def share(hits: int, of: int) -> str:
    """A share with its 95 % interval (Clopper and Pearson, 1934)."""
    low, high = binomtest(hits, of).proportion_ci(method="exact")
    return f"{hits}/{of} = {hits / of:.1%} [{low:.1%}, {high:.1%}]"


@dataclass(slots=True)
class Tally:
    """What became of the attacks on one writer."""

    writer: str
    attempted: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    broken: Counter[Breach] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, attack: Attack, said: Said) -> None:
        family = attack.family.split(" ")[0]
        self.attempted[family] += 1
        self.broken.update(breaches(said, attack))
        if succeeded(said, attack):
            self.hits[family] += 1
            self.examples.append(f"{attack}: {[text for text, _ in said.sentences]}")

    @property
    def share(self) -> float:
        return self.hits.total() / self.attempted.total()

    def figures(self, families: Sequence[str] = ()) -> str:
        lines = [f"{self.writer}: {share(self.hits.total(), self.attempted.total())}"]
        lines += [f"  {family}: {self.hits[family]}/{self.attempted[family]}" for family in families]
        return "\n".join(lines)

"""Counts the marks against the key: ``python -m tests.quality.blind_comparison.tally``."""

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from tests.quality.blind_comparison.sheet import FOLDER, KEY

MARKS: Final = "marks.csv"
CRITERIA: Final = ("answers", "signal", "photo", "natural")
Rows = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Tally:
    """How often the compact writer's reply was the better one, neither was, and the template's was."""

    compact: int
    neither: int
    template: int

    @property
    def p(self) -> float:
        """Of a two-sided sign test: how likely so uneven a count is where neither writer is better."""
        decided, fewer = self.compact + self.template, min(self.compact, self.template)
        tail = sum(math.comb(decided, wins) for wins in range(fewer + 1)) / 2**decided
        return min(1.0, 2 * tail)


def read_rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["number"]: row for row in csv.DictReader(file)}


def tally(marks: Rows, key: Rows) -> dict[str, Tally]:
    """By criterion. Raises ValueError for a row that is missing or a mark that is none."""
    if marks.keys() != key.keys():
        raise ValueError(f"marks and key are not of the same rows: {sorted(marks.keys() ^ key.keys())}")
    return {name: _tally([(row[name], key[number]["compact"]) for number, row in marks.items()]) for name in CRITERIA}


def _tally(marks: Sequence[tuple[str, str]]) -> Tally:
    unknown = {mark for mark, _ in marks} - {"A", "B", "=", "-"}
    if unknown:
        raise ValueError(f"a mark is A, B, = or -, not {sorted(unknown)}")
    decided = [mark == compact for mark, compact in marks if mark in ("A", "B")]
    return Tally(sum(decided), sum(mark == "=" for mark, _ in marks), len(decided) - sum(decided))


def main(
    folder: Annotated[Path, typer.Option(help="Folder of marks and key.")] = FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Which writer's replies were better, by criterion."""
    counted = tally(read_rows(folder / MARKS), read_rows(folder / KEY))
    if as_json:
        typer.echo(json.dumps({name: [one.compact, one.neither, one.template] for name, one in counted.items()}))
        return
    table = Table("criterion", "compact better", "neither", "template better", "sign test p")
    for name, one in counted.items():
        table.add_row(name, str(one.compact), str(one.neither), str(one.template), f"{one.p:.4f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)

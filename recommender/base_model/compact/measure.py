"""Measures a compact checkpoint: ``python -m recommender.base_model.compact.measure --help``.

On shops that no training saw: whether replies follow what the prompt says, how many sentences pass the check at the
first try, and how varied they are beside the template's.
"""

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.measuring import Measured, measure, writer_of
from recommender.base_model.compact.train import VALIDATION_SEED, VALIDATION_SHELVES
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig

WANTED_CHANGED: Final = 0.9
WANTED_VARIED: Final = 1.5


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

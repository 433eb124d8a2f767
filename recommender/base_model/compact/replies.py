"""Prints replies of a compact checkpoint, unselected: ``python -m recommender.base_model.compact.replies --help``."""

from pathlib import Path
from typing import Annotated

import typer

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.reading import read_reply, requests_to_read
from recommender.base_model.compact.train import HELD_OUT_SEED, HELD_OUT_SHELVES
from recommender.base_model.transformers_writer import TransformersWriter


def main(
    checkpoint: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = CHECKPOINT,
    count: Annotated[int, typer.Option(min=1, help="Replies.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Of the requests.")] = 2_026,
) -> None:
    """Requests of shops that no training saw, each with the reply as a shopper reads it, as Markdown."""
    writer = TransformersWriter.load(str(checkpoint))
    shelves = practice_shelves(HELD_OUT_SEED, HELD_OUT_SHELVES)
    for number, context in enumerate(requests_to_read(shelves, count, seed), 1):
        asked = context.request or "(a photo alone)"
        typer.echo(f"{number}. *{asked}{' (with a photo)' if context.request and context.photos else ''}*: ", nl=False)
        typer.echo(read_reply(context, writer))


if __name__ == "__main__":
    typer.run(main)

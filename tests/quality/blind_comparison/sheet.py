"""Writes the sheet and its key: ``python -m tests.quality.blind_comparison.sheet``."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from rich.progress import track

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.reading import read_reply, requests_to_read
from recommender.base_model.compact.train import HELD_OUT_SEED, HELD_OUT_SHELVES
from recommender.base_model.protocols import Writer
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.conversation.context import WritingContext
from recommender.conversation.rendering import render
from recommender.conversation.wishes_in_words import wishes_in_words
from recommender.wording import reason_text

FOLDER: Final = Path(__file__).parent
SHEET, KEY = "sheet.csv", "key.csv"
REQUESTS: Final = 100
SEED: Final = 2_027


def rows_of(contexts: Sequence[WritingContext], writer: Writer, seed: int) -> Iterator[tuple[dict[str, str], str]]:
    """Each row of the sheet, and which of its replies is the compact writer's."""
    rng = np.random.default_rng(seed)
    for number, context in enumerate(contexts, 1):
        compact, template = read_reply(context, writer), read_reply(context, None)
        is_first = bool(rng.random() < 0.5)
        a, b = (compact, template) if is_first else (template, compact)
        yield {"number": str(number), **_told(context), "A": a, "B": b}, "A" if is_first else "B"


def _told(context: WritingContext) -> dict[str, str]:
    """What a judge has to know of a request."""
    reasons = (reason_text(reason, context.items[owner - 1].item_id) for owner, reason in context.reasons)
    purposes = (*context.wishes.recipient, *context.wishes.occasion)
    return {
        "request": context.request,
        "asks": " ".join(filter(None, [context.small_talk, context.move, "a set" if context.total else None])),
        "wishes": render(wishes_in_words(context), context)[0],
        "for": ", ".join(purposes),
        "set_aside": ", ".join(str(dropped) for dropped in context.relaxed),
        "reasons": "; ".join(dict.fromkeys(filter(None, reasons))),
        "photo": ", ".join(seen.value for seen in context.seen),
        "where": f"{context.surface}, {context.mode}",
    }


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(
    checkpoint: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = CHECKPOINT,
    out: Annotated[Path, typer.Option(help="Folder for the sheet and the key.")] = FOLDER,
    requests: Annotated[int, typer.Option(min=1)] = REQUESTS,
    seed: Annotated[int, typer.Option(min=0)] = SEED,
) -> None:
    """Write a sheet of replies to judge, and apart from it the key."""
    writer = TransformersWriter.load(str(checkpoint))
    contexts = requests_to_read(practice_shelves(HELD_OUT_SEED, HELD_OUT_SHELVES), requests, seed)
    made = list(track(rows_of(contexts, writer, seed), "replies", total=requests))
    write_csv(out / SHEET, [row for row, _ in made])
    write_csv(out / KEY, [{"number": row["number"], "compact": key} for row, key in made])


if __name__ == "__main__":
    typer.run(main)

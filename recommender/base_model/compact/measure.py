"""Measures a compact checkpoint: ``python -m recommender.base_model.compact.measure --help``.

On shops that no training saw: whether replies follow what the prompt says, how many sentences pass the check at the
first try, how varied they are and how much they repeat beside the template's, and how likely the practice's own replies
are to the model.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table
from transformers import LlavaForConditionalGeneration, PreTrainedTokenizerFast

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.learning import reply_losses
from recommender.base_model.compact.practice.batches import drawn_batches
from recommender.base_model.compact.practice.examples import Mixture, practice_shelves
from recommender.base_model.compact.practice.measuring import Measured, Write, measure, writer_of
from recommender.base_model.compact.practice.real_shelves import real_shelves
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.base_model.compact.practice.swaps import Place, Share, draw_pairs, measure_swaps
from recommender.base_model.compact.train import HELD_OUT_SEED, HELD_OUT_SHELVES, VALIDATION_SEED
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig

WANTED_CHANGED: Final = 0.95
WANTED_ACCEPTED: Final = {True: 0.98, False: 0.9}
"""With the grammar, and without."""
WANTED_VARIED: Final = 1.5


@torch.inference_mode()
def perplexity(checkpoint: Path, shelves: Sequence[Shelf], examples: int) -> float:
    """Of the tokens of the practice's replies to whole requests: e to the mean cross-entropy in nats.

    What a reply says and how is the practice's choice among many, so that it is far above 1 for any writer.
    """
    model: LlavaForConditionalGeneration = LlavaForConditionalGeneration.from_pretrained(checkpoint, dtype="float32")
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(checkpoint)
    batches = drawn_batches(tokenizer, shelves, Mixture(captions=0.0, short=0.0, retries=0.0), examples)
    return math.exp(float(torch.cat([reply_losses(model, batch)[0] for batch in batches]).mean()))


def real_photos(write: Write, shelves: Sequence[Shelf], pairs: int, seed: int) -> Share:
    """Of pairs that differ in the photo, taken of clothes whose titles no training saw."""
    drawn = draw_pairs(shelves, pairs, np.random.default_rng(seed), photos_alone=True)
    return measure_swaps(drawn, write([pair.one for pair in drawn]), write([pair.other for pair in drawn]))[Place.PHOTO]


def _table(measured: Measured, worn: Share, perplexed: float, *, grammar: bool, title: str) -> Table:
    table = Table("measured", "wanted", "here", title=title)
    for place, share in measured.changed.items():
        table.add_row(f"another {place}: its place changes", f"{WANTED_CHANGED}", f"{share.share:.3f} of {share.pairs}")
    if worn.pairs:
        table.add_row("another photo of real clothes: its place changes", "", f"{worn.share:.3f} of {worn.pairs}")
    accepted = f"{measured.accepted:.3f} of {measured.sentences}"
    table.add_row("sentences that pass at first try", f"{WANTED_ACCEPTED[grammar]}", accepted)
    for name, variety in (("as written", measured.written), ("as read", measured.read)):
        ratio = f"{variety.own:.3f} / {variety.template:.3f} = {variety.ratio:.2f}"
        table.add_row(f"distinct-2 over the template's, {name}", f"{WANTED_VARIED}", ratio)
    own, template = measured.again
    table.add_row(
        "sentences of earlier replies, beside the template's", "", f"{own.sentences:.3f}, {template.sentences:.3f}"
    )
    table.add_row("4-grams of earlier replies, the same", "", f"{own.four_grams:.3f}, {template.four_grams:.3f}")
    table.add_row("perplexity of the practice's replies", "", f"{perplexed:.2f}")
    return table


def main(
    checkpoint: Annotated[Path, typer.Option(help="Folder of the checkpoint.")] = CHECKPOINT,
    pairs: Annotated[int, typer.Option(min=5, help="Pairs of requests.")] = 200,
    requests: Annotated[int, typer.Option(min=1, help="Requests of all kinds.")] = 100,
    grammar: Annotated[bool, typer.Option(help="Write under the grammar, as replies are.")] = True,
    batch: Annotated[int, typer.Option(min=1, help="Replies written together.")] = 16,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    temperature: Annotated[float | None, typer.Option(help="Of sampling; none: the checkpoint's.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Of sampling; none: the checkpoint's.")] = None,
    data: Annotated[Path | None, typer.Option(envvar="RECOMMENDER_DATA", help="Folder of real catalogues.")] = None,
    validation: Annotated[bool, typer.Option("--validation", help="On the shops that choices are made on.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a compact checkpoint on shops that no training saw."""
    config = WriterConfig(max_batch=batch, temperature=temperature, top_p=top_p)
    write = writer_of(TransformersWriter.load(str(checkpoint), config=config), grammar=grammar)
    shops = VALIDATION_SEED if validation else HELD_OUT_SEED
    shelves = practice_shelves(shops, HELD_OUT_SHELVES)
    measured = measure(write, shelves, pairs=pairs, requests=requests, seed=seed)
    real = real_shelves(data, shops, HELD_OUT_SHELVES, held_out=True) if data else []
    photographed = [shelf for shelf in real if shelf.products]
    worn = real_photos(write, photographed, pairs // 5, seed) if photographed else Share(0, 0)
    perplexed = perplexity(checkpoint, shelves, requests)
    if as_json:
        clothes = {"changed_photo_of_clothes": round(worn.share, 3), "pairs_photo_of_clothes": worn.pairs}
        typer.echo(json.dumps(measured.figures() | clothes | {"perplexity": round(perplexed, 2)}))
    else:
        title = f"{checkpoint.name}, {'with' if grammar else 'without'} the grammar"
        Console().print(_table(measured, worn, perplexed, grammar=grammar, title=title))


if __name__ == "__main__":
    typer.run(main)

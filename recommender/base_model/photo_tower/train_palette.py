"""Add a palette to a trained tower: ``python -m recommender.base_model.photo_tower.train_palette --help``.

The tower knows the photos it was trained on by heart, so that nothing more about colours is learned from its vectors of
them. Counted pixels it cannot know: what they say of colours is learned apart.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.data import PhotoSet
from recommender.base_model.photo_tower.designs import SIZE
from recommender.base_model.photo_tower.figures import zero_shot
from recommender.base_model.photo_tower.model import BATCH, load_network, load_tower, save_tower, to_tensor
from recommender.base_model.photo_tower.objective import EmbedText
from recommender.base_model.photo_tower.pack import read_pack
from recommender.base_model.photo_tower.palette import Palette, counted
from recommender.base_model.photo_tower.prompts import COLOR, PROMPTS, prompted
from recommender.base_model.photo_tower.train import split
from recommender.base_model.photo_tower.training import ORIGINS

ROUNDS: Final = 24
PHOTOS_PER_STEP: Final = 256
LEARNING_RATE: Final = 2e-3
SMOOTHING: Final = 0.1


def main() -> None:
    arguments = _parser().parse_args()
    torch.set_num_threads(arguments.threads)
    pack = read_pack(arguments.pack)
    learned, choosing = split(pack.photos, [*ORIGINS])
    network = load_network(arguments.tower)
    network.palette = trained(learned, pack.embed)
    save_tower(network, arguments.out)
    tower = load_tower(arguments.out)
    encoder = TwoTowers("trained", tower.digest, SIZE, pack.embed, tower.embed)
    sys.stdout.write(json.dumps(zero_shot(encoder, tower.embed_pixels(choosing.pixels), choosing)) + "\n")


def trained(photos: PhotoSet, embed: EmbedText, rounds: int = ROUNDS) -> Palette:
    """From those of `photos` that have a colour. The same photos give the same palette."""
    torch.manual_seed(0)
    labels = [label.values.get(COLOR) for label in photos.labels]
    colors = sorted({label for label in labels if label is not None})
    places = [place for place, label in enumerate(labels) if label is not None]
    right = torch.tensor([colors.index(str(labels[place])) for place in places])
    seen = _counted(photos, places)
    words = color_words(embed, colors)
    palette = Palette(len(colors), words.shape[1])
    palette.words.copy_(words)
    optimizer = torch.optim.AdamW(palette.parameters(), LEARNING_RATE, weight_decay=0.1)
    steps = rounds * -(-len(places) // PHOTOS_PER_STEP)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps + 1)
    rng = Generator().manual_seed(0)
    for _ in range(rounds):
        order = torch.randperm(len(places), generator=rng)
        for at in range(0, len(places), PHOTOS_PER_STEP):
            chosen = order[at : at + PHOTOS_PER_STEP]
            loss = functional.cross_entropy(palette.layers(seen[chosen]), right[chosen], label_smoothing=SMOOTHING)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
    return palette


def color_words(embed: EmbedText, colors: list[str]) -> Tensor:
    """What sets each colour's words apart from those of all colours, shape (n, size)."""
    rows = torch.from_numpy(embed(prompted(COLOR, colors))).view(len(PROMPTS[COLOR]), len(colors), -1).mean(0)
    rows = functional.normalize(rows, dim=-1)
    return rows - rows.mean(0)


def _counted(photos: PhotoSet, places: list[int]) -> Tensor:
    parts = np.array_split(places, max(1, len(places) // BATCH))
    return torch.cat([counted(to_tensor(torch.from_numpy(photos.pixels[part]))) for part in parts])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Add a palette to a trained photo tower.", allow_abbrev=False)
    parser.add_argument(
        "--pack", type=Path, required=True, help="written by recommender.base_model.photo_tower.collect"
    )
    parser.add_argument("--tower", type=Path, default=WEIGHTS, help="default: the one in the package")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="default: into the package")
    return parser


if __name__ == "__main__":
    main()

"""Train the photo tower from a pack: ``python -m recommender.base_model.photo_tower.train --help``.

The same arguments on the same machine give the same tower; a run that was stopped goes on from its checkpoint.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.data import FASHION, PhotoSet, is_for_choosing
from recommender.base_model.photo_tower.designs import DESIGNS, SIZE
from recommender.base_model.photo_tower.figures import zero_shot
from recommender.base_model.photo_tower.model import load_tower, save_tower
from recommender.base_model.photo_tower.pack import read_pack
from recommender.base_model.photo_tower.training import ORIGINS, Settings, Training

STEPS_PER_CHECKPOINT: Final = 200
BAR_WIDTH: Final = 30


def main() -> None:
    arguments = _parser().parse_args()
    torch.set_num_threads(arguments.threads)
    torch.backends.cudnn.benchmark = True
    settings = Settings(
        **{name: getattr(arguments, name) for name in ("design", "steps", "batch", "learning_rate", "rarity", "seed")},
        device=arguments.device,
    )
    pack = read_pack(arguments.pack)
    learned, choosing = split(pack.photos, arguments.origins)
    training = Training(learned, pack.embed, settings)
    started = time.monotonic()
    run(training, arguments.checkpoint)
    seconds = time.monotonic() - started
    save_tower(training.network, arguments.out)
    tower = load_tower(arguments.out)
    encoder = TwoTowers("trained", tower.digest, SIZE, pack.embed, tower.embed)
    figures = zero_shot(encoder, tower.embed_pixels(choosing.pixels), choosing)
    sys.stderr.write(f"\nwrote {arguments.out}\n")
    sys.stdout.write(json.dumps({"design": settings.design, "seconds": seconds, **figures}) + "\n")


def split(photos: PhotoSet, origins: list[str]) -> tuple[PhotoSet, PhotoSet]:
    """The photos of `origins` to learn from, and those of the fashion set that are kept to choose by."""
    of_fashion = np.array([label.origin == FASHION for label in photos.labels])
    kept = np.array([is_for_choosing(label.title) for label in photos.labels]) & of_fashion
    wanted = np.array([label.origin in origins for label in photos.labels])
    return photos.where(wanted & ~kept), photos.where(kept)


def run(training: Training, checkpoint: Path) -> None:
    """To the last step, from `checkpoint` where there is one."""
    if checkpoint.exists():
        training.resume(checkpoint)
    for step in _with_bar(range(training.step, training.settings.steps), "training"):
        loss = training.run_step()
        if (step + 1) % STEPS_PER_CHECKPOINT == 0 or step + 1 == training.settings.steps:
            training.save(checkpoint)
            sys.stderr.write(f"\nstep {step + 1}: loss {float(loss):.3f}\n")


def _with_bar(steps: range, what: str) -> Iterator[int]:
    started = time.monotonic()
    for done, step in enumerate(steps, start=1):
        yield step
        filled = BAR_WIDTH * done // len(steps)
        left = (time.monotonic() - started) / done * (len(steps) - done)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        sys.stderr.write(f"\r{what} [{bar}] {done}/{len(steps)}, {left:,.0f} s left ")


def _parser() -> argparse.ArgumentParser:
    defaults = Settings()
    parser = argparse.ArgumentParser(
        description="Train the photo tower.", allow_abbrev=False, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--pack", type=Path, required=True, help="written by recommender.base_model.photo_tower.collect"
    )
    parser.add_argument("--origins", nargs="+", choices=ORIGINS, default=[*ORIGINS], help="whose photos are learned")
    parser.add_argument("--design", choices=DESIGNS, default=defaults.design, help="the network")
    parser.add_argument("--steps", type=int, default=defaults.steps, help="batches")
    parser.add_argument("--batch", type=int, default=defaults.batch, help="photos in a batch")
    parser.add_argument("--learning-rate", type=float, default=defaults.learning_rate, help="the highest")
    parser.add_argument("--rarity", type=float, default=defaults.rarity, help="0: as they occur, 1: categories alike")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--device", default=defaults.device, help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--checkpoint", type=Path, default=Path("photo_tower.pt"), help="written every 200 steps")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="default: into the package")
    return parser


if __name__ == "__main__":
    main()

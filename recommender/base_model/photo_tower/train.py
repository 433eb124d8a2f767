"""Train the photo tower: ``python -m recommender.base_model.photo_tower.train --help``.

The same arguments on the same machine give the same tower; a run that was stopped goes on from its checkpoint.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save

from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.data import PhotoSet, fashion_photos, held_out, simulated_photos
from recommender.base_model.photo_tower.training import Settings, Training
from recommender.base_model.text_tower import TextTower, package_folder

FIRST_TRAINING_SHOP: Final = 1000
"""Shops of seeds from here on are learned from; those below are for measuring."""
STEPS_PER_CHECKPOINT: Final = 200
BAR_WIDTH: Final = 30


def main() -> None:
    arguments = _parser().parse_args()
    torch.set_num_threads(arguments.threads)
    settings = Settings(steps=arguments.steps, batch=arguments.batch, seed=arguments.seed, device=arguments.device)
    photos = training_photos(arguments.shops, arguments.fashion)
    training = Training(photos, TextTower(package_folder()).embed, settings)
    run(training, arguments.checkpoint)
    write_weights(training, arguments.out)
    sys.stderr.write(f"\nwrote {arguments.out}\n")


def training_photos(shops: int, fashion: Path | None) -> PhotoSet:
    """Photos of ``shops`` simulated shops and, where its folder is given, of the fashion set less what is held out."""
    photos = simulated_photos(_with_bar(range(FIRST_TRAINING_SHOP, FIRST_TRAINING_SHOP + shops), "drawing shops"))
    if fashion is None:
        return photos
    worn = fashion_photos(fashion)
    return photos + worn.where(~held_out(worn))


def run(training: Training, checkpoint: Path) -> None:
    """To the last step, from `checkpoint` where there is one."""
    if checkpoint.exists():
        training.resume(checkpoint)
    for step in _with_bar(range(training.step, training.settings.steps), "training"):
        loss = training.run_step()
        if (step + 1) % STEPS_PER_CHECKPOINT == 0 or step + 1 == training.settings.steps:
            training.save(checkpoint)
            sys.stderr.write(f"\nstep {step + 1}: loss {loss:.3f}\n")


def write_weights(training: Training, path: Path) -> None:
    """In half precision: the package carries them."""
    state = training.network.state_dict()
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    path.write_bytes(save({name: value.cpu().contiguous() for name, value in halves.items()}))


def _with_bar(steps: range, what: str) -> Iterator[int]:
    started = time.monotonic()
    for done, step in enumerate(steps, start=1):
        yield step
        filled = BAR_WIDTH * done // len(steps)
        left = (time.monotonic() - started) / done * (len(steps) - done)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        sys.stderr.write(f"\r{what} [{bar}] {done}/{len(steps)}, {left:,.0f} s left ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Train the photo tower.", allow_abbrev=False)
    parser.add_argument("--fashion", type=Path, help="folder of Fashion Product Images (Small): photos.zip, styles.csv")
    parser.add_argument("--shops", type=int, default=24, help="simulated shops to draw (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=1700, help="batches (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=256, help="photos in a batch (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default: %(default)s")
    parser.add_argument("--checkpoint", type=Path, default=Path("photo_tower.pt"), help="written every 200 steps")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="default: into the package")
    return parser


if __name__ == "__main__":
    main()

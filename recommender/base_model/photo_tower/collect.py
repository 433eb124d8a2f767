"""Collect what the photo tower learns from: ``python -m recommender.base_model.photo_tower.collect --help``."""

import argparse
from itertools import chain
from pathlib import Path
from typing import Final

from recommender.base_model.photo_tower import sources
from recommender.base_model.photo_tower.data import in_fifth, is_held_out
from recommender.base_model.photo_tower.pack import write_pack
from recommender.base_model.text_tower import TextTower, package_folder

FIRST_TRAINING_SHOP: Final = 1000
"""Shops of seeds from here on are learned from; those below are for measuring."""


def main() -> None:
    arguments = _parser().parse_args()
    photos = chain(
        sources.simulated(range(FIRST_TRAINING_SHOP, FIRST_TRAINING_SHOP + arguments.shops)),
        sources.fashion(arguments.fashion, lambda title: not is_held_out(title)),
        sources.magento(arguments.magento),
        sources.clothing(arguments.clothing, lambda name: not in_fifth(name)),
    )
    write_pack(arguments.out, photos, TextTower(package_folder()).embed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Collect photos for training.", allow_abbrev=False)
    parser.add_argument("--fashion", type=Path, required=True, help="folder of Fashion Product Images (Small)")
    parser.add_argument("--magento", type=Path, required=True, help="folder of Magento's sample shop")
    parser.add_argument("--clothing", type=Path, required=True, help="folder of the clothing photos")
    parser.add_argument("--shops", type=int, default=24, help="simulated shops to draw (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("photos.pack"), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    main()

"""Measure the photo tower on photos it has not learned from, and calibrate what it says it sees.

``python -m recommender.base_model.photo_tower.measure --help``
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower import CALIBRATION, WEIGHTS, sources
from recommender.base_model.photo_tower.calibration import Calibration, Sureness, save_calibration, with_others
from recommender.base_model.photo_tower.data import FASHION, SIMULATOR, PhotoSet, halves, in_fifth, is_held_out
from recommender.base_model.photo_tower.figures import NEAREST, Choice, recall, zero_shot
from recommender.base_model.photo_tower.model import PhotoTower, load_tower
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR, GENDER, embed_values
from recommender.base_model.protocols import Embeddings, Encoder
from recommender.base_model.text_tower import SIZE, TextTower, package_folder

CALIBRATION_SHOPS: Final = range(500, 504)
TEST_SHOPS: Final = range(4)
SCALES: Final = np.geomspace(5, 200, 60)
WANTED: Final = {SIMULATOR: {CATEGORY: 0.97, COLOR: 0.98}, FASHION: {CATEGORY: 0.9, COLOR: 0.8}}
"""The precision of what is said, by origin; the colours of the fashion set are a matter of taste."""
STRANGE: Final = 0.5
"""Categories whose words are less alike than this are of other things."""
AMONG: Final = 2_000
"""So many photos and titles are matched."""


def calibrated(choices: Sequence[tuple[Choice, float]], others: Embeddings) -> Sureness:
    """The scale under which the right values are likeliest, and the least share with which each reaches its precision.

    One scale and one share for drawn photos and real ones: who shows us a photo does not say which it is.
    """
    scale = float(min(SCALES, key=lambda scale: sum(choice.surprise(float(scale)) for choice, _ in choices)))
    least = max(choice.least(scale, precision) for choice, precision in choices)
    return Sureness(round(scale, 2), round(least, 3), others)


def fit(encoder: Encoder, tower: PhotoTower, sets: Mapping[str, PhotoSet]) -> Calibration:
    """Calibrate on photos, by origin, that are neither learned from nor reported on."""
    vectors = {origin: tower.embed_pixels(photos.pixels) for origin, photos in sets.items()}
    found = {}
    for field in (CATEGORY, COLOR):
        known = {label.values[field] for photos in sets.values() for label in photos.labels if field in label.values}
        others = embed_values(encoder, field, sorted(known))
        choices = {origin: Choice(encoder, vectors[origin], sets[origin], field, others) for origin in sets}
        found[field] = calibrated([(choices[origin], WANTED[origin][field]) for origin in sets], others)
    return found


def report(encoder: Encoder, tower: PhotoTower, name: str, photos: PhotoSet, calibration: Calibration) -> list[str]:
    """One line for each figure."""
    vectors = tower.embed_pixels(photos.pixels)
    lines = [f"{name}: {len(photos)} photos"]
    lines += [f"  {figure}: {value:.3f}" for figure, value in zero_shot(encoder, vectors, photos).items()]
    for field, sureness in calibration.items():
        choice = Choice(encoder, vectors, photos, field, sureness.others)
        precision, coverage = choice.seen(sureness)
        lines.append(
            f"  {field}: said of {coverage:.3f} of {len(choice.right)} photos, of which {precision:.3f} are right, "
            f"among {len(choice.values)} values"
        )
    return lines


def in_words(encoder: Encoder, vectors: Embeddings, photos: PhotoSet) -> list[str]:
    """Such as "Men Navy Blue Shirts": the nearest value of each field; every photo must have a value of each."""
    chosen = [Choice(encoder, vectors, photos, field) for field in (GENDER, COLOR, CATEGORY)]
    return [" ".join(names) for names in zip(*([one.values[at] for at in one.chosen] for one in chosen), strict=True)]


def matching(encoder: Encoder, tower: PhotoTower, photos: PhotoSet) -> list[str]:
    """How well photos and titles find each other, by the tower and by the words for the attributes it predicts."""
    vectors = tower.embed_pixels(photos.pixels)
    titles = [label.title for label in photos.labels]
    texts, words = encoder.embed_text(titles), encoder.embed_text(in_words(encoder, vectors, photos))
    lines = [f"{len(photos)} photos and titles, found among the {NEAREST} nearest:"]
    for name, rows in (("tower", vectors), ("words for predicted attributes", words)):
        there, back = recall(rows, texts, titles, NEAREST), recall(texts, rows, titles, NEAREST)
        lines.append(f"  {name}: photo to title {there:.3f}, title to photo {back:.3f}")
    return lines


def strangers(encoder: Encoder, tower: PhotoTower, shop: PhotoSet, photos: PhotoSet, calibration: Calibration) -> str:
    """How often a shop's category is said of photos of what the shop has no word for."""
    sureness = calibration[CATEGORY]
    own, theirs = (
        embed_values(encoder, CATEGORY, sorted({label.values[CATEGORY] for label in one.labels}))
        for one in (shop, photos)
    )
    names = sorted({label.values[CATEGORY] for label in photos.labels})
    strange = {name for name, closest in zip(names, (theirs @ own.T).max(axis=1), strict=True) if closest < STRANGE}
    chosen = photos.where(np.array([label.values[CATEGORY] in strange for label in photos.labels]))
    cosines = tower.embed_pixels(chosen.pixels) @ with_others(own, sureness.others).T
    said = sureness.shares(cosines)[:, : len(own)].max(axis=1) >= sureness.least
    return f"  {len(chosen)} photos of {len(strange)} categories that the simulator lacks: said of {said.mean():.3f}"


def main() -> None:
    arguments = _parser().parse_args()
    torch.set_num_threads(arguments.threads)
    tower, text = load_tower(arguments.tower), TextTower(package_folder())
    encoder = TwoTowers("measured", tower.digest, SIZE, text.embed, tower.embed)
    worn = sources.collected(sources.fashion(arguments.fashion, is_held_out))
    calibrate_by, report_on = halves(worn)
    drawn = sources.collected(sources.simulated(CALIBRATION_SHOPS))
    calibration = fit(encoder, tower, {SIMULATOR: drawn, FASHION: calibrate_by})
    save_calibration(calibration, arguments.calibration)
    lines = [f"{field}: scale {one.scale}, least {one.least}" for field, one in calibration.items()]
    shops = [sources.collected(sources.simulated([seed])) for seed in TEST_SHOPS]
    for seed, shop in zip(TEST_SHOPS, shops, strict=True):
        lines += report(encoder, tower, f"simulated shop {seed}", shop, calibration)
    lines += report(encoder, tower, "fashion, the half to report on", report_on, calibration)
    lines += report(encoder, tower, "fashion, all that is held out", worn, {})
    lines.append(strangers(encoder, tower, shops[0], report_on, calibration))
    full = np.array([GENDER in label.values and COLOR in label.values for label in worn.labels])
    lines += matching(encoder, tower, worn.where(full & (full.cumsum() <= AMONG)))
    at_home = sources.collected(sources.clothing(arguments.clothing, in_fifth))
    lines += report(encoder, tower, "clothing at home, a fifth", at_home, {})
    sys.stdout.write("\n".join(lines) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure and calibrate the photo tower.", allow_abbrev=False)
    parser.add_argument("--fashion", type=Path, required=True, help="folder of Fashion Product Images (Small)")
    parser.add_argument("--clothing", type=Path, required=True, help="folder of the clothing photos")
    parser.add_argument("--tower", type=Path, default=WEIGHTS, help="default: the one in the package")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION, help="written; default: into the package")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    main()

"""Measure the photo tower on photos it has not learned from, and calibrate what it says it sees.

``python -m recommender.base_model.photo_tower.measure --help``
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower import CALIBRATION, WEIGHTS
from recommender.base_model.photo_tower.calibration import Calibration, Sureness, save_calibration, with_others
from recommender.base_model.photo_tower.data import (
    FASHION,
    SIMULATOR,
    PhotoSet,
    fashion_photos,
    halves,
    held_out,
    simulated_photos,
)
from recommender.base_model.photo_tower.model import PhotoTower, load_tower
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR, PROMPTS, embed_values
from recommender.base_model.protocols import Embeddings, Encoder
from recommender.base_model.text_tower import SIZE, TextTower, package_folder

CALIBRATION_SHOPS: Final = range(500, 504)
TEST_SHOPS: Final = range(4)
SCALES: Final = np.geomspace(5, 200, 60)
WANTED: Final = {SIMULATOR: {CATEGORY: 0.97, COLOR: 0.98}, FASHION: {CATEGORY: 0.9, COLOR: 0.8}}
"""The precision of what is said, by origin; the colours of the fashion set are a matter of taste."""
LEAST: Final = 0.5
"""What is less likely than everything else together is not said."""
STRANGE: Final = 0.5
"""Categories whose words are less alike than this are of other things."""
NO_OTHERS: Final = np.empty((0, SIZE), dtype=np.float32)
Bools = npt.NDArray[np.bool_]


class Choice:
    """Photos that have a value of ``field``: the cosines with its values and with ``others``, and the right values."""

    def __init__(self, encoder: Encoder, vectors: Embeddings, photos: PhotoSet, field: str, others: Embeddings) -> None:
        labels = [label.values.get(field) for label in photos.labels]
        self.values = sorted({label for label in labels if label is not None})
        known = [place for place, label in enumerate(labels) if label is not None]
        self.right = np.array([self.values.index(str(labels[place])) for place in known])
        self._cosines = vectors[known] @ with_others(embed_values(encoder, field, self.values), others).T

    @property
    def top1(self) -> float:
        return float((self._cosines[:, : len(self.values)].argmax(axis=1) == self.right).mean())

    def seen(self, sureness: Sureness) -> tuple[float, float]:
        """Precision and coverage of what would be said."""
        shares = self._shares(sureness.scale)
        said = shares.max(axis=1) >= sureness.least
        right = shares.argmax(axis=1) == self.right
        return float(right[said].mean()) if said.any() else float("nan"), float(said.mean())

    def least(self, scale: float, precision: float) -> float:
        """The least share that reaches `precision`."""
        shares = self._shares(scale)
        return _least(shares.max(axis=1), shares.argmax(axis=1) == self.right, precision)

    def surprise(self, scale: float) -> float:
        """How unlikely the right values are: the mean of the negative logarithms of their shares."""
        shares = self._shares(scale)
        return float(-np.log(shares[np.arange(len(shares)), self.right] + 1e-9).mean())

    def _shares(self, scale: float) -> npt.NDArray[np.float32]:
        whole = Sureness(scale, 0.0, NO_OTHERS).shares(self._cosines)
        return whole[:, : len(self.values)]


def _least(sure: npt.NDArray[np.float32], right: Bools, precision: float) -> float:
    """The lowest share, `LEAST` or more, such that of all photos at least that sure `precision` are right."""
    order = np.argsort(-sure)
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    if reached[-1]:
        return LEAST
    lowest = sure[order][np.flatnonzero(reached)[-1]] if reached.any() else 1.0
    return max(float(lowest), LEAST)


def recall(queries: Embeddings, found: Embeddings, k: int) -> float:
    """How many queries have the row of their own index among the `k` nearest; ties count against them."""
    cosines = queries @ found.T
    own = np.diagonal(cosines)[:, None]
    return float(((cosines >= own).sum(axis=1) <= k).mean())


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
    for field in PROMPTS:
        if not any(field in label.values for label in photos.labels):
            continue
        choice = Choice(
            encoder, vectors, photos, field, calibration[field].others if field in calibration else NO_OTHERS
        )
        lines.append(f"  {field}: top-1 {choice.top1:.3f} of {len(choice.values)} values, {len(choice.right)} photos")
        if field in calibration:
            precision, coverage = choice.seen(calibration[field])
            lines.append(f"  {field}: said of {coverage:.3f}, of which {precision:.3f} are right")
    titles = encoder.embed_text([label.title for label in photos.labels])
    lines += [f"  the product's title among the {k} nearest: {recall(vectors, titles, k):.3f}" for k in (1, 10)]
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
    worn = fashion_photos(arguments.fashion)
    calibrate_by, report_on = halves(worn.where(held_out(worn)))
    calibration = fit(encoder, tower, {SIMULATOR: simulated_photos(CALIBRATION_SHOPS), FASHION: calibrate_by})
    save_calibration(calibration, arguments.calibration)
    lines = [f"{field}: scale {one.scale}, least {one.least}" for field, one in calibration.items()]
    for shop in TEST_SHOPS:
        lines += report(encoder, tower, f"simulated shop {shop}", simulated_photos([shop]), calibration)
    lines += report(encoder, tower, "fashion, held out", report_on, calibration)
    lines.append(strangers(encoder, tower, simulated_photos(TEST_SHOPS[:1]), report_on, calibration))
    sys.stdout.write("\n".join(lines) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure and calibrate the photo tower.", allow_abbrev=False)
    parser.add_argument("--fashion", type=Path, required=True, help="folder of Fashion Product Images (Small)")
    parser.add_argument("--tower", type=Path, default=WEIGHTS, help="default: the one in the package")
    parser.add_argument("--calibration", type=Path, default=CALIBRATION, help="written; default: into the package")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="default: %(default)s")
    return parser


if __name__ == "__main__":
    main()

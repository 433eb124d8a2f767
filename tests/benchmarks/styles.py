"""The catalogue of Fashion Product Images (Small), and shoppers who never were.

Their tastes are over what a style's row says of it (gender, article type, colour, usage, season), over its brand, which
only its title tells, and over qualities that nothing tells; no embedding takes part. How much each counts was set once,
by hand.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import numpy as np
import pandas as pd

from recommender.base_model.photo_tower.data import is_held_out
from recommender.dataset import Histories
from tests.benchmarks.sources import DATA

FOLDER: Final = DATA / "fashion_photos"
STRENGTHS: Final = {"gender": 2.0, "articleType": 1.5, "brand": 1.0, "baseColour": 0.7, "usage": 0.7, "season": 0.3}
"""Standard deviations of a shopper's liking over the values of each trait; that of the noise is 1.28."""
HIDDEN_QUALITIES: Final = 6
HIDDEN_STRENGTH: Final = 0.4
SHOPPERS: Final = 2_000
MEAN_EVENTS: Final = 20
LEAST_EVENTS: Final = 3
ATTRIBUTES: Final = {"gender": "gender", "baseColour": "color", "season": "season", "usage": "usage"}
Style = Mapping[str, str]


def styles() -> list[Style]:
    """Those whose photos the photo tower was not trained on, by id."""
    return [row for row in every_style() if is_held_out(row["productDisplayName"])]


def every_style() -> list[Style]:
    """All that have a photo, by id."""
    with (FOLDER / "styles.csv").open(encoding="utf-8", newline="") as file, ZipFile(FOLDER / "photos.zip") as photos:
        names = set(photos.namelist())
        rows = [row for row in csv.DictReader(file) if f"{row['id']}.jpg" in names]
    return sorted(rows, key=lambda row: row["id"])


def unpack_photos(rows: Sequence[Style], folder: Path) -> None:
    with ZipFile(FOLDER / "photos.zip") as photos:
        photos.extractall(folder, [f"{row['id']}.jpg" for row in rows])


def catalog_of(rows: Sequence[Style]) -> pd.DataFrame:
    """The rows as a catalogue, whose photos lie in one folder."""
    return pd.DataFrame(
        {
            "item_id": [row["id"] for row in rows],
            "title": [row["productDisplayName"] for row in rows],
            "brand": None,
            "category": [(row["masterCategory"], row["articleType"]) for row in rows],
            "attributes": [{name: (row[key],) for key, name in ATTRIBUTES.items() if row[key]} for row in rows],
            "description": "",
            "image": [f"{row['id']}.jpg" for row in rows],
        }
    )


def shoppers(rows: Sequence[Style], rng: np.random.Generator) -> Histories:
    """What each took, in random order: their best by taste, a product's popularity and Gumbel noise."""
    n_items = len(rows)
    traits = {name: np.unique([_trait(row, name) for row in rows], return_inverse=True)[1] for name in STRENGTHS}
    popularity = -0.8 * np.log(rng.permutation(n_items) + 20)
    qualities = rng.normal(size=(n_items, HIDDEN_QUALITIES))
    taken = []
    for _ in range(SHOPPERS):
        liking = popularity + HIDDEN_STRENGTH * qualities @ rng.normal(size=HIDDEN_QUALITIES) + rng.gumbel(size=n_items)
        for name, codes in traits.items():
            liking += STRENGTHS[name] * rng.normal(size=codes.max() + 1)[codes]
        size = int(np.clip(rng.geometric(1 / MEAN_EVENTS), LEAST_EVENTS, 5 * MEAN_EVENTS))
        taken.append(rng.permutation(np.argpartition(-liking, size)[:size]))
    return Histories.from_lists(taken)


def _trait(row: Style, name: str) -> str:
    return row["productDisplayName"].partition(" ")[0] if name == "brand" else row[name]

"""Where photos come from: the drawings of simulated shops, and three published sets where a folder has them.

Each source gives pairs of a photo and what is known of it, one after another.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import numpy as np
from PIL import Image

from recommender.base_model.photo_tower.data import CLOTHING, FASHION, MAGENTO, SIMULATOR, Labelled, PhotoSet
from recommender.base_model.photo_tower.pixels import to_pixels
from recommender.base_model.photo_tower.prompts import CATEGORY, COLOR, GENDER, PATTERN
from schemas import Product
from signals.simulator import SimulatorConfig, simulate
from signals.simulator.photos import draw_photo

DRAWN: Final[tuple[str, ...]] = (COLOR, PATTERN)
FASHION_COLUMNS: Final = {CATEGORY: "articleType", COLOR: "baseColour", GENDER: "gender"}
MAGENTO_PRODUCTS: Final = "ConfigurableSampleData_fixtures_products.csv"
MAGENTO_COLOR: Final = re.compile(r"\bcolor=([^,]+)")

Photos = Iterator[tuple[Image.Image, Labelled]]
Wanted = Callable[[str], bool]
"""Of a title or, where photos have none, a photo's name: whether it is wanted."""


def simulated(seeds: Iterable[int]) -> Photos:
    """Every product of the shops of these ``seeds``, drawn once and saved as a JPEG of some quality."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for product in simulate(SimulatorConfig(seed=seed, n_shoppers=1, n_events=12)).products:
            yield _as_jpeg(draw_photo(product, seed), int(rng.integers(40, 96))), _simulated_label(product)


def fashion(folder: Path, wanted: Wanted) -> Photos:
    """Fashion Product Images (Small): ``photos.zip`` of JPEG files named by id, and ``styles.csv``."""
    with ZipFile(folder / "photos.zip") as photos:
        names = set(photos.namelist())
        for row in _rows(folder / "styles.csv"):
            if wanted(row["productDisplayName"]) and (name := f"{row['id']}.jpg") in names:
                values = {field: row[column] for field, column in FASHION_COLUMNS.items() if row[column]}
                yield _opened(photos, name), Labelled(FASHION, row["productDisplayName"], values)


def magento(folder: Path) -> Photos:
    """The clothes of Magento's sample shop, each photo with the first product that has it."""
    with ZipFile(folder / "photos.zip") as photos:
        left = set(photos.namelist())
        for row in _rows(folder / MAGENTO_PRODUCTS):
            for path in (row["base_image"], *row["additional_images"].split(",")):
                if (name := f"photos224{path}") in left:
                    left.remove(name)
                    yield _opened(photos, name), _magento_label(row)


def clothing(folder: Path, wanted: Wanted) -> Photos:
    """Phone photos of clothes at home: ``photos.zip`` and ``labels.csv``. The label is all the title there is."""
    with ZipFile(folder / "photos.zip") as photos:
        for row in _rows(folder / "labels.csv"):
            if wanted(row["image"]):
                yield (
                    _opened(photos, f"{row['image']}.jpg"),
                    Labelled(CLOTHING, row["label"], {CATEGORY: row["label"]}),
                )


def collected(photos: Photos) -> PhotoSet:
    pixels, labels = [], []
    for photo, label in photos:
        pixels.append(to_pixels([photo])[0])
        labels.append(label)
    return PhotoSet(np.stack(pixels), tuple(labels))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _opened(photos: ZipFile, name: str) -> Image.Image:
    return Image.open(BytesIO(photos.read(name))).convert("RGB")


def _as_jpeg(photo: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _simulated_label(product: Product) -> Labelled:
    values = {name: product.attributes[name][0] for name in DRAWN if name in product.attributes}
    values[CATEGORY] = product.category[-1]
    return Labelled(SIMULATOR, product.title, values)


def _magento_label(row: dict[str, str]) -> Labelled:
    """Names are such as "Chaz Kangeroo Hoodie-XS-Black", categories "Default Category/Men/Tops/Hoodies,..."."""
    _, whom, *_, category = row["categories"].split(",")[0].split("/")
    values = {CATEGORY: category, GENDER: whom}
    if color := MAGENTO_COLOR.search(row["additional_attributes"]):
        values[COLOR] = color[1]
    return Labelled(MAGENTO, row["name"].rsplit("-", 2)[0], values)

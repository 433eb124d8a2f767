"""Catalogues of real shops to practise on, where they are at hand: titles and attributes, nothing of what people did.

Online Retail (UCI, CC0): titles. Fashion Product Images (as published: MIT): titles, kinds, colours, use and photos.
Prices are made up, as everywhere in practice.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar
from zipfile import ZipFile

import numpy as np
import pandas as pd

from recommender.base_model.compact.practice.shelves import Shelf, product_row
from recommender.base_model.photo_tower.data import is_held_out
from schemas import Product, ProductRow

N_ROWS: Final = 120
Row = TypeVar("Row")
_ATTRIBUTES: Final = {"usage": "usage", "baseColour": "color", "season": "season"}


def real_shelves(folder: Path, seed: int, count: int, *, held_out: bool = False) -> list[Shelf]:
    """``count`` shelves of each real catalogue in a folder, each of other rows; none of one that is not there.

    Products whose titles are held out are on the shelves of ``held_out`` alone, as for the photo tower.
    """
    makers: dict[str, Callable[[Path, np.random.Generator, int, bool], list[Shelf]]] = {
        "online_retail/online_retail.parquet": _online_retail,
        "fashion_photos/styles.csv": _fashion,
    }
    there = ((folder / file, make) for file, make in makers.items() if (folder / file).is_file())
    return [shelf for path, make in there for shelf in make(path, np.random.default_rng([seed, 4]), count, held_out)]


def _online_retail(path: Path, rng: np.random.Generator, count: int, held_out: bool) -> list[Shelf]:
    lines = pd.read_parquet(path, columns=["Description", "UnitPrice"]).dropna()
    sold = lines.loc[lines["UnitPrice"] > 0, "Description"].unique()
    named = (title for title in sold if title == title.strip() and title.isupper())
    titles = sorted(title for title in named if is_held_out(title) == held_out)
    return [
        Shelf.of([product_row(number, title, "GBP", rng) for number, title in enumerate(drawn)])
        for drawn in _drawn(titles, rng, count)
    ]


def _fashion(path: Path, rng: np.random.Generator, count: int, held_out: bool) -> list[Shelf]:
    with path.open(encoding="utf-8", newline="") as file:
        named = [row for row in csv.DictReader(file) if row["productDisplayName"]]
    styles = sorted((row for row in named if is_held_out(row["productDisplayName"]) == held_out), key=lambda r: r["id"])
    return [_fashion_shelf(drawn, path.with_name("photos.zip"), rng) for drawn in _drawn(styles, rng, count)]


def _fashion_shelf(styles: Sequence[Mapping[str, str]], photos: Path, rng: np.random.Generator) -> Shelf:
    rows = _priced([_style(number, style, rng) for number, style in enumerate(styles)], rng)
    if not photos.is_file():
        return Shelf.of(rows)
    with ZipFile(photos) as archive:
        names = set(archive.namelist())
        photographed = {
            row.item_id: archive.read(name)
            for row, style in zip(rows, styles, strict=True)
            if (name := f"{style['id']}.jpg") in names
        }
    products = [
        Product(item_id=row.item_id, title=row.title, category=row.category, attributes=row.attributes)
        for row in rows
        if row.item_id in photographed
    ]
    return Shelf.of(rows, products, photographed)


def _style(number: int, style: Mapping[str, str], rng: np.random.Generator) -> ProductRow:
    return product_row(
        number,
        style["productDisplayName"],
        "GBP",
        rng,
        category=(style["masterCategory"], style["articleType"]),
        attributes={name: (style[key],) for key, name in _ATTRIBUTES.items() if style[key] not in ("", "NA")},
    )


def _priced(rows: Sequence[ProductRow], rng: np.random.Generator) -> Sequence[ProductRow]:
    """Half of the shops with no prices at all."""
    return rows if rng.random() < 0.5 else [row.model_copy(update={"price": None}) for row in rows]


def _drawn(rows: Sequence[Row], rng: np.random.Generator, count: int) -> list[list[Row]]:
    order = rng.permutation(len(rows))[: count * N_ROWS]
    return [[rows[int(at)] for at in part] for part in np.array_split(order, count)]

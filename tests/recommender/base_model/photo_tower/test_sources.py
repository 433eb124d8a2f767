"""What the tower learns from is labelled truly."""

import csv
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PIL import Image

from recommender.base_model.photo_tower import sources
from recommender.base_model.photo_tower.data import CLOTHING, FASHION, MAGENTO, SIMULATOR, Labelled
from recommender.base_model.photo_tower.pixels import SIDE
from signals.simulator import SimulatorConfig, simulate


def write_table(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])


def write_photos(folder: Path, names: Iterable[str]) -> None:
    with ZipFile(folder / "photos.zip", "w") as archive:
        for name in names:
            photo = BytesIO()
            Image.new("RGB", (60, 80), "white").save(photo, "JPEG")
            archive.writestr(name, photo.getvalue())


def labels(photos: sources.Photos) -> list[Labelled]:
    return [label for _, label in photos]


def test_simulated_photos_carry_what_the_drawing_shows():
    found = labels(sources.simulated([3]))
    products = simulate(SimulatorConfig(seed=3, n_shoppers=1, n_events=12)).products
    assert len(found) == len(products)
    for label, product in zip(found, products, strict=True):
        assert label.values["category"] == product.category[-1]
        assert (label.values.get("color"),) == product.attributes.get("color", (None,))
        assert label.origin == SIMULATOR


def test_the_same_seed_gives_the_same_photos():
    first, again = (sources.collected(sources.simulated([3])) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, again.pixels)


def test_fashion_photos_are_those_of_wanted_titles(tmp_path: Path):
    columns = ["id", "articleType", "baseColour", "gender", "productDisplayName"]
    rows = [
        ["1", "Shirts", "Navy Blue", "Men", "Turtle Shirt"],
        ["2", "Belts", "", "Unisex", "Puma Belt"],
        ["3", "Ties", "Red", "Men", "No photo"],
        ["4", "Ties", "Red", "Men", "Not wanted"],
    ]
    write_table(tmp_path / "styles.csv", columns, rows)
    write_photos(tmp_path, ["1.jpg", "2.jpg", "4.jpg"])
    assert labels(sources.fashion(tmp_path, lambda title: title != "Not wanted")) == [
        Labelled(FASHION, "Turtle Shirt", {"category": "Shirts", "color": "Navy Blue", "gender": "Men"}),
        Labelled(FASHION, "Puma Belt", {"category": "Belts", "gender": "Unisex"}),
    ]


def test_a_magento_photo_is_that_of_the_first_product_that_has_it(tmp_path: Path):
    columns = ["name", "categories", "additional_attributes", "base_image", "additional_images"]
    tees, eco = "Default Category/Men/Tops/Tees", "Default Category/Collections/Eco Friendly"
    rows = [
        ["Ajax Tee-XS-Red", f"{tees},{eco}", "size=XS,color=Red", "/a/red.jpg", "/a/back.jpg,/a/none.jpg"],
        ["Ajax Tee-S-Red", tees, "size=S,color=Red", "/a/red.jpg", ""],
        ["Ajax Tee", tees, "has_options=1", "/a/plain.jpg", ""],
    ]
    write_table(tmp_path / sources.MAGENTO_PRODUCTS, columns, rows)
    write_photos(tmp_path, [f"photos224/a/{name}.jpg" for name in ("red", "back", "plain", "spare")])
    red = Labelled(MAGENTO, "Ajax Tee", {"category": "Tees", "gender": "Men", "color": "Red"})
    plain = Labelled(MAGENTO, "Ajax Tee", {"category": "Tees", "gender": "Men"})
    assert labels(sources.magento(tmp_path)) == [red, red, plain]


def test_clothing_photos_are_those_of_wanted_names(tmp_path: Path):
    write_table(tmp_path / "labels.csv", ["image", "label", "kids"], [["a", "Hat", "False"], ["b", "Polo", "False"]])
    write_photos(tmp_path, ["a.jpg", "b.jpg"])
    assert labels(sources.clothing(tmp_path, lambda name: name == "a")) == [
        Labelled(CLOTHING, "Hat", {"category": "Hat"})
    ]


def test_photos_are_collected_in_order():
    shades = [(Image.new("L", (60, 80), shade).convert("RGB"), Labelled(FASHION, str(shade), {})) for shade in (9, 99)]
    found = sources.collected(iter(shades))
    assert found.pixels.shape == (2, SIDE, SIDE, 3)
    assert [int(pixels.mean()) for pixels in found.pixels] == [9, 99]
    assert [label.title for label in found.labels] == ["9", "99"]

"""What the tower learns from is labelled truly, and what is held out stays out."""

import csv
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PIL import Image

from recommender.base_model.photo_tower.data import (
    FASHION,
    SIMULATOR,
    Labelled,
    PhotoSet,
    fashion_photos,
    held_out,
    simulated_photos,
)
from signals.simulator import SimulatorConfig, simulate


def test_simulated_photos_carry_what_the_drawing_shows():
    photos = simulated_photos([3])
    products = simulate(SimulatorConfig(seed=3, n_shoppers=1, n_events=12)).products
    assert len(photos) == len(products)
    for label, product in zip(photos.labels, products, strict=True):
        assert label.values["category"] == product.category[-1]
        assert (label.values.get("color"),) == product.attributes.get("color", (None,))
        assert label.origin == SIMULATOR


def test_the_same_seed_gives_the_same_photos():
    first, again = simulated_photos([3]), simulated_photos([3])
    np.testing.assert_array_equal(first.pixels, again.pixels)


def test_a_caption_says_what_can_be_seen():
    seen = Labelled(SIMULATOR, "Fern Tote", {"category": "Totes", "color": "Red", "pattern": "Striped"})
    plain = Labelled(SIMULATOR, "Fern Tote", {"category": "Totes", "color": "Red", "pattern": "Plain"})
    assert (seen.caption, plain.caption) == ("striped red totes", "red totes")


def write_fashion(folder: Path) -> None:
    columns = ["id", "articleType", "baseColour", "productDisplayName"]
    rows = [
        ["1", "Shirts", "Navy Blue", "Turtle Shirt"],
        ["2", "Belts", "", "Puma Belt"],
        ["3", "Ties", "Red", "No photo"],
    ]
    with (folder / "styles.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    with ZipFile(folder / "photos.zip", "w") as archive:
        for name in ("1.jpg", "2.jpg"):
            photo = BytesIO()
            Image.new("RGB", (60, 80), "white").save(photo, "JPEG")
            archive.writestr(name, photo.getvalue())


def test_fashion_photos_are_read_with_their_rows(tmp_path: Path):
    write_fashion(tmp_path)
    photos = fashion_photos(tmp_path)
    assert photos.labels == (
        Labelled(FASHION, "Turtle Shirt", {"category": "Shirts", "color": "Navy Blue"}),
        Labelled(FASHION, "Puma Belt", {"category": "Belts"}),
    )
    assert photos.pixels.shape == (2, 64, 64, 3)


def test_one_title_in_twenty_is_held_out_with_all_its_photos():
    labels = tuple(Labelled(FASHION, f"Shirt {n // 2}", {"category": "Shirts"}) for n in range(8_000))
    photos = PhotoSet(np.zeros((len(labels), 1, 1, 3), dtype=np.uint8), labels)
    out = held_out(photos)
    assert 0.04 < out.mean() < 0.06
    np.testing.assert_array_equal(out[::2], out[1::2])
    assert {label.title for label in photos.where(out).labels}.isdisjoint(
        label.title for label in photos.where(~out).labels
    )


def test_sets_are_joined_in_order():
    photos = simulated_photos([3])
    both = photos.where(np.arange(len(photos)) < 2) + photos.where(np.arange(len(photos)) == 5)
    assert both.labels == (*photos.labels[:2], photos.labels[5])
    np.testing.assert_array_equal(both.pixels[2], photos.pixels[5])

"""A pack holds photos, labels and every text that training asks for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommender.base_model.photo_tower.data import FASHION, SIMULATOR, Labelled
from recommender.base_model.photo_tower.objective import Objective
from recommender.base_model.photo_tower.pack import SHEET, read_pack, write_pack


def embed(texts):
    rows = np.stack([np.random.default_rng(len(text)).normal(size=384) for text in texts]).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def photo(number: int) -> tuple[Image.Image, Labelled]:
    values = {"category": "Mugs", "color": "Grey"} if number % 2 else {"category": "Ties", "gender": "Men"}
    label = Labelled(FASHION if number % 2 else SIMULATOR, f"Thing {number}", values)
    return Image.new("L", (60, 80), number % 250).convert("RGB"), label


@pytest.fixture
def pack_file(tmp_path: Path) -> Path:
    """One photo more than fit on a sheet."""
    write_pack(tmp_path / "photos.pack", (photo(number) for number in range(SHEET + 1)), embed)
    return tmp_path / "photos.pack"


def test_photos_and_labels_come_back_in_order(pack_file: Path):
    found = read_pack(pack_file).photos
    expected = [photo(number) for number in range(SHEET + 1)]
    assert found.labels == tuple(label for _, label in expected)
    shades = found.pixels[:, 20:60, 20:60].mean((1, 2, 3))
    np.testing.assert_allclose(shades, [number % 250 for number in range(SHEET + 1)], atol=3)


def test_texts_come_back_in_nearly_the_same_direction(pack_file: Path):
    texts = ["Thing 7", "grey mugs", "something for men"]
    found = read_pack(pack_file).embed(texts)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert ((found * embed(texts)).sum(axis=1) > 0.999).all()


def test_it_holds_every_text_of_the_objective(pack_file: Path):
    pack = read_pack(pack_file)
    Objective(pack.embed, pack.photos.labels, "cpu")

"""Colours are counted where the product is, and what is counted moves a tower's vectors towards the words for it."""

from pathlib import Path

import numpy as np
import torch

from recommender.base_model.photo_tower.data import FASHION, Labelled, PhotoSet
from recommender.base_model.photo_tower.designs import SIZE, PhotoNetwork
from recommender.base_model.photo_tower.model import load_tower, save_tower, to_tensor
from recommender.base_model.photo_tower.palette import BINS, CONTRAST, LEVELS, counted
from recommender.base_model.photo_tower.pixels import SIDE
from recommender.base_model.photo_tower.train_palette import color_words, trained

COLORS = {"Red": (220, 30, 30), "Green": (30, 180, 60), "Blue": (30, 60, 220)}


def one_axis_each(texts):
    rows = np.zeros((len(texts), SIZE), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[-1] = 1
        for place, color in enumerate(COLORS):
            row[place] = color.lower() in text.lower()
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def photos(copies: int) -> PhotoSet:
    """Squares of one colour on white, and one photo whose colour is not known."""
    pixels = np.full((copies * len(COLORS) + 1, SIDE, SIDE, 3), 255, dtype=np.uint8)
    names = [*COLORS] * copies
    for photo, name in zip(pixels, names, strict=False):
        photo[20:60, 20:60] = COLORS[name]
    labels = [Labelled(FASHION, "thing", {"category": "Things", "color": name}) for name in names]
    return PhotoSet(pixels, (*labels, Labelled(FASHION, "thing", {"category": "Things"})))


def test_white_is_a_colour_in_the_middle_alone():
    found = counted(to_tensor(torch.from_numpy(photos(1).pixels[:1]))) / CONTRAST
    assert found.shape == (1, BINS)
    whole, middle = found[0, : LEVELS**3] ** 2, found[0, LEVELS**3 :] ** 2
    assert whole.max() > 0.99
    assert middle.max() > 0.99
    white = counted(torch.ones(1, 3, SIDE, SIDE)) / CONTRAST
    torch.testing.assert_close(white[0, [LEVELS**3 - 1, -1]], torch.ones(2))


def test_a_palette_says_the_colour_and_the_same_photos_give_the_same():
    shown = photos(8)
    palette, again = (trained(shown, one_axis_each, rounds=60).eval() for _ in range(2))
    with torch.inference_mode():
        mixed = palette(to_tensor(torch.from_numpy(shown.pixels[: len(COLORS)])))
    assert (mixed @ color_words(one_axis_each, [*COLORS]).T).argmax(1).tolist() == [0, 1, 2]
    for one, other in zip(palette.state_dict().values(), again.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_tower_is_kept_with_its_palette(tmp_path: Path):
    shown = photos(8)
    network = PhotoNetwork("small")
    save_tower(network, tmp_path / "plain.safetensors")
    network.palette = trained(shown, one_axis_each, rounds=60)
    save_tower(network, tmp_path / "tower.safetensors")
    plain, moved = (
        load_tower(tmp_path / name).embed_pixels(shown.pixels) for name in ("plain.safetensors", "tower.safetensors")
    )
    words = color_words(one_axis_each, [*COLORS]).numpy()
    right = np.arange(len(COLORS))
    assert (((moved - plain) @ words.T)[right, right] > 0).all()
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, rtol=1e-5)

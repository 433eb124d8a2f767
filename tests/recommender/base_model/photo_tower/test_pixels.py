"""A photo of any shape becomes a small square that shows all of it."""

import numpy as np
import pytest
from PIL import Image

from recommender.base_model.photo_tower.pixels import SIDE, to_pixels


@pytest.mark.parametrize("size", [(640, 480), (60, 80), (64, 64), (1, 1), (1024, 1), (3, 900)])
def test_every_shape_becomes_a_square(size: tuple[int, int]):
    assert to_pixels([Image.new("RGB", size, "red")]).shape == (1, SIDE, SIDE, 3)


def test_what_is_added_has_the_colour_of_the_edge():
    photo = Image.new("RGB", (60, 120), (10, 200, 30))
    photo.paste((250, 0, 0), (20, 40, 40, 80))
    (pixels,) = to_pixels([photo])
    assert (pixels[:, :10] == (10, 200, 30)).all()
    np.testing.assert_array_equal(pixels[SIDE // 2, SIDE // 2], (250, 0, 0))


def test_nothing_gives_nothing():
    assert to_pixels([]).shape == (0, SIDE, SIDE, 3)

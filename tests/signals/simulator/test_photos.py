from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from schemas import Product
from signals.simulator import SimulatedShop
from signals.simulator.assortment import ASSORTMENT
from signals.simulator.photos import SHAPES, draw_photo
from signals.simulator.photos.palette import COLORS


def _product(code: str, color: str = "Teal", pattern: str = "Plain") -> Product:
    return Product(
        item_id=f"{code}-0001",
        title=code,
        attributes={"color": (color,), "pattern": (pattern,)},
    )


def _difference(first: Image.Image, second: Image.Image) -> float:
    return float(np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float)).mean())


def test_every_sub_category_has_a_shape() -> None:
    assert set(SHAPES) == {spec.code for spec in ASSORTMENT}


def test_every_colour_of_the_assortment_can_be_painted() -> None:
    assert {color for spec in ASSORTMENT for color in spec.colors} <= set(COLORS)


def test_a_photo_is_a_square_of_160_pixels_with_something_on_it(small_shop: SimulatedShop) -> None:
    for product in small_shop.products:
        photo = draw_photo(product)
        assert photo.size == (160, 160)
        assert photo.mode == "RGB"
        assert np.asarray(photo, dtype=float).std() > 10, product.item_id


def test_the_same_product_and_seed_give_the_same_pixels_and_another_seed_others() -> None:
    product = _product("mug")
    assert draw_photo(product, 1).tobytes() == draw_photo(product, 1).tobytes()
    assert draw_photo(product, 1).tobytes() != draw_photo(product, 2).tobytes()


def test_photos_differ_between_all_sub_categories() -> None:
    photos = [draw_photo(_product(code)) for code in SHAPES]
    assert all(_difference(first, second) > 4 for first, second in pairwise(photos))


def test_the_colour_attribute_shows_in_the_photo() -> None:
    red, blue = (np.asarray(draw_photo(_product("cushion", color))).mean(axis=(0, 1)) for color in ("Red", "Blue"))
    assert red[0] > red[2] + 10
    assert blue[2] > blue[0] + 10


@pytest.mark.parametrize("pattern", ["Striped", "Spotted", "Checked", "Speckled"])
def test_a_pattern_shows_in_the_photo(pattern: str) -> None:
    plain, patterned = draw_photo(_product("cushion")), draw_photo(_product("cushion", pattern=pattern))
    assert _difference(plain, patterned) > 3

"""The things on a photo: counted on a plain ground, the largest first."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recommender.base_model.photo_things import find_things, photo_vector
from tests.recommender.fake_encoder import COLOURS, FakeEncoder

Box = tuple[int, int, int, int]


def photo(*things: tuple[str, Box], ground: tuple[int, int, int] = (255, 255, 255)) -> Image.Image:
    image = Image.new("RGB", (300, 200), ground)
    draw = ImageDraw.Draw(image)
    for colour, box in things:
        draw.rectangle(box, fill=COLOURS[colour])
    return image


LARGE: tuple[str, Box] = ("red", (20, 20, 140, 180))
SMALL: tuple[str, Box] = ("blue", (200, 60, 270, 140))


def test_each_thing_on_a_plain_ground_is_found_the_largest_first() -> None:
    first, second = find_things(photo(SMALL, LARGE)).boxes
    for found, (_, drawn) in ((first, LARGE), (second, SMALL)):
        assert np.abs(np.subtract(found, drawn)).max() < 16


@pytest.mark.parametrize("things", [(), (LARGE,), (LARGE, ("blue", (200, 60, 215, 75)))])
def test_nothing_one_thing_and_a_speck_beside_it_are_the_whole_photo(things: tuple[tuple[str, Box], ...]) -> None:
    assert find_things(photo(*things)).boxes == ((0, 0, 300, 200),)


def test_a_ground_that_is_not_plain_is_not_taken_apart() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    assert find_things(Image.fromarray(noise)).boxes == ((0, 0, 300, 200),)


def test_things_may_touch_the_edge() -> None:
    things = photo(("red", (0, 60, 120, 140)), ("blue", (200, 60, 270, 140)))
    assert len(find_things(things).boxes) == 2


def test_the_smallest_photo_is_one_thing() -> None:
    assert find_things(Image.new("RGB", (1, 1), (9, 9, 9))).boxes == ((0, 0, 1, 1),)


def test_of_several_products_the_largest_is_looked_at() -> None:
    encoder = FakeEncoder()
    vector, several = photo_vector(encoder, photo(LARGE, SMALL))
    red, blue = encoder.embed_text(["red", "blue"])
    assert several
    assert vector @ red > vector @ blue


def test_things_that_look_alike_are_one_product() -> None:
    pair = photo(("red", (20, 60, 120, 140)), ("red", (180, 60, 280, 140)))
    vector, several = photo_vector(FakeEncoder(), pair)
    assert not several
    assert np.allclose(vector, FakeEncoder().embed_photos([pair])[0])

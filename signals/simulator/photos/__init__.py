"""Product photos, drawn: the sub-category decides the shape, the attributes decide colour and pattern."""

import zlib

import numpy as np
from PIL import Image

from schemas import Product
from signals.simulator.photos import homeware, tableware, wearables
from signals.simulator.photos.canvas import Canvas
from signals.simulator.photos.palette import COLORS

SHAPES = {**tableware.SHAPES, **wearables.SHAPES, **homeware.SHAPES}


def draw_photo(product: Product, seed: int = 0) -> Image.Image:
    """A square RGB photo of a simulated product; the same product and seed give the same pixels."""
    rng = np.random.default_rng([seed, zlib.crc32(product.item_id.encode())])
    color = product.attributes.get("color", ())
    pattern = product.attributes.get("pattern", ("Plain",))
    chosen = color[0] if color else list(COLORS)[int(rng.integers(len(COLORS)))]
    canvas = Canvas(COLORS[chosen], pattern[0], rng)
    SHAPES[product.item_id.partition("-")[0]](canvas)
    return canvas.photo()


__all__ = ["draw_photo"]

"""Photos as the tower sees them: small squares. Training and serving share this."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

SIDE: Final = 80

Pixels = npt.NDArray[np.uint8]
"""Shape (n, SIDE, SIDE, 3), RGB."""


def to_pixels(photos: Sequence[Image.Image]) -> Pixels:
    found = np.empty((len(photos), SIDE, SIDE, 3), dtype=np.uint8)
    for place, photo in enumerate(photos):
        found[place] = np.asarray(_square(photo))
    return found


def _square(photo: Image.Image) -> Image.Image:
    """The whole photo, on a square of the colour that its edge has most often."""
    scale = SIDE / max(photo.size)
    width, height = (max(1, round(side * scale)) for side in photo.size)
    small = photo.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    if width == height:
        return small
    return ImageOps.pad(small, (SIDE, SIDE), color=_edge_color(np.asarray(small)))


def _edge_color(pixels: Pixels) -> tuple[int, int, int]:
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(edge, axis=0).astype(int).tolist()
    return red, green, blue

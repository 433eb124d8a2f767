"""The colours photos are painted in."""

from typing import Final

RGB = tuple[int, int, int]

WHITE: Final[RGB] = (255, 255, 255)
INK: Final[RGB] = (52, 47, 54)
WOOD: Final[RGB] = (196, 149, 102)
METAL: Final[RGB] = (176, 181, 188)
PAPER: Final[RGB] = (247, 242, 232)

COLORS: Final[dict[str, RGB]] = {
    "Red": (200, 62, 58),
    "Orange": (228, 128, 62),
    "Mustard": (212, 163, 55),
    "Teal": (42, 134, 136),
    "Blue": (74, 124, 190),
    "Pink": (228, 142, 160),
    "Purple": (124, 92, 160),
    "Green": (88, 146, 92),
    "White": (240, 238, 233),
    "Cream": (236, 222, 190),
    "Beige": (208, 186, 156),
    "Grey": (146, 150, 156),
    "Olive": (124, 128, 70),
    "Navy": (44, 62, 104),
    "Brown": (130, 88, 60),
    "Black": (58, 58, 64),
    "Burgundy": (126, 44, 62),
}

BACKDROPS: Final[tuple[RGB, ...]] = (
    (236, 231, 222),
    (226, 233, 236),
    (238, 228, 224),
    (229, 234, 224),
    (234, 229, 238),
    (242, 236, 218),
)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """``first`` with ``share`` of it replaced by ``second``; share in [0, 1]."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def brightness(color: RGB) -> float:
    """Perceived brightness in [0, 255]."""
    return 0.3 * color[0] + 0.59 * color[1] + 0.11 * color[2]

"""A canvas three times the photo's size: shapes in units of 0-100, shaded fills, patterns, a backdrop."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from signals.simulator.photos.palette import BACKDROPS, RGB, WHITE, brightness, mix

PHOTO_SIZE: Final = 160
OVERSAMPLING: Final = 3
SIDE: Final = PHOTO_SIZE * OVERSAMPLING
GROUND: Final = 84.0

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Canvas:
    """Draws one product. Coordinates: x to the right and y down, each 0-100; the product stands on y = 84.

    ``body`` shapes carry the product's colour and pattern and are shaded; all others take a flat colour.
    """

    def __init__(self, color: RGB, pattern: str, rng: np.random.Generator) -> None:
        self.color = color
        self.dark = mix(color, (20, 16, 30), 0.32)
        self.light = mix(color, WHITE, 0.35)
        self._zoom = SIDE / 100 * rng.uniform(0.88, 1.0)
        self._left = SIDE / 2 - 50 * self._zoom + SIDE * rng.uniform(-0.025, 0.025)
        self._top = SIDE / 2 - 50 * self._zoom + SIDE * rng.uniform(-0.02, 0.015)
        self._image = _backdrop(BACKDROPS[int(rng.integers(len(BACKDROPS)))])
        self._draw = ImageDraw.Draw(self._image)
        self._fill = _shaded(color, pattern, int(rng.integers(0, SIDE // 5)))

    def photo(self) -> Image.Image:
        return self._image.reduce(OVERSAMPLING)

    def shadow(self, center: float, width: float, y: float = GROUND) -> None:
        half, depth = width / 2 * 1.15, width * 0.09 + 1.5
        left, top, right, bottom = self._box((center - half, y - depth, center + half, y + depth))
        size = (int(right - left), int(bottom - top))
        self._image.paste((70, 60, 70), (int(left), int(top)), _soft_ellipse().resize(size))

    def body_polygon(self, points: Sequence[Point]) -> None:
        mask, draw = self._mask()
        draw.polygon(self._points(points), fill=255)
        self._image.paste(self._fill, mask=mask)

    def body_curve(self, points: Sequence[Point]) -> None:
        self.body_polygon(smooth(points))

    def body_ellipse(self, box: Box) -> None:
        mask, draw = self._mask()
        draw.ellipse(self._box(box), fill=255)
        self._image.paste(self._fill, mask=mask)

    def body_rounded(self, box: Box, radius: float) -> None:
        mask, draw = self._mask()
        draw.rounded_rectangle(self._box(box), radius * self._zoom, fill=255)
        self._image.paste(self._fill, mask=mask)

    def polygon(self, points: Sequence[Point], color: RGB) -> None:
        self._draw.polygon(self._points(points), fill=color)

    def curve(self, points: Sequence[Point], color: RGB) -> None:
        self.polygon(smooth(points), color)

    def ellipse(self, box: Box, color: RGB) -> None:
        self._draw.ellipse(self._box(box), fill=color)

    def rounded(self, box: Box, radius: float, color: RGB) -> None:
        self._draw.rounded_rectangle(self._box(box), radius * self._zoom, fill=color)

    def line(self, points: Sequence[Point], width: float, color: RGB) -> None:
        self._draw.line(self._points(points), fill=color, width=round(width * self._zoom), joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), color)

    def ring(self, box: Box, width: float, color: RGB) -> None:
        self._draw.ellipse(self._box(box), outline=color, width=round(width * self._zoom))

    def arc(self, box: Box, degrees: tuple[float, float], width: float, color: RGB) -> None:
        self._draw.arc(self._box(box), *degrees, fill=color, width=round(width * self._zoom))

    def glow(self, points: Sequence[Point], color: RGB, strength: int) -> None:
        """A translucent shape; ``strength`` 0-255."""
        mask, draw = self._mask()
        draw.polygon(self._points(points), fill=strength)
        self._image.paste(color, mask=mask)

    def _mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", (SIDE, SIDE))
        return mask, ImageDraw.Draw(mask)

    def _points(self, points: Sequence[Point]) -> list[Point]:
        return [(self._left + x * self._zoom, self._top + y * self._zoom) for x, y in points]

    def _box(self, box: Box) -> Box:
        left, top, right, bottom = box
        (x0, y0), (x1, y1) = self._points([(left, top), (right, bottom)])
        return x0, y0, x1, y1


def smooth(points: Sequence[Point], steps: int = 10) -> list[Point]:
    """A closed Catmull-Rom curve through ``points``."""
    ends = np.asarray(points, dtype=np.float64)
    before, after, beyond = (np.roll(ends, shift, axis=0) for shift in (1, -1, -2))
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    linear, square = after - before, 2 * before - 5 * ends + 4 * after - beyond
    cubic = 3 * ends - before - 3 * after + beyond
    curve = 0.5 * (2 * ends + linear * t + square * t**2 + cubic * t**3)
    return [(float(x), float(y)) for x, y in curve.transpose(1, 0, 2).reshape(-1, 2)]


@cache
def _light_from_the_left() -> Image.Image:
    ramp = np.linspace(0, 1, SIDE)
    light = np.clip(1.25 - 1.1 * ramp[None, :] - 0.35 * ramp[:, None], 0, 1)
    return Image.fromarray((light * 255).astype(np.uint8))


@cache
def _vignette() -> Image.Image:
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    away = np.hypot(x + 0.25, y + 0.35)
    return Image.fromarray((np.clip(away / 1.7, 0, 1) * 255).astype(np.uint8))


@cache
def _soft_ellipse() -> Image.Image:
    image = Image.new("L", (160, 80))
    ImageDraw.Draw(image).ellipse((20, 20, 140, 60), fill=120)
    return image.filter(ImageFilter.GaussianBlur(9))


def _backdrop(tone: RGB) -> Image.Image:
    near, far = (Image.new("RGB", (SIDE, SIDE), mix(tone, other, 0.55)) for other in (WHITE, (168, 164, 170)))
    return Image.composite(far, near, _vignette().point([round(value * 0.62) for value in range(256)]))


def _shaded(color: RGB, pattern: str, offset: int) -> Image.Image:
    fill = _lit(color)
    if pattern == "Plain":
        return fill
    bright = brightness(color) > 165
    second = mix(color, (46, 52, 78), 0.55) if bright else mix(color, (255, 250, 240), 0.72)
    fill.paste(_lit(second), mask=_pattern(pattern, offset))
    return fill


def _lit(color: RGB) -> Image.Image:
    light, dark = mix(color, WHITE, 0.2), mix(color, (18, 12, 34), 0.28)
    tones = [Image.new("RGB", (SIDE, SIDE), tone) for tone in (light, dark)]
    return Image.composite(tones[0], tones[1], _light_from_the_left())


def _pattern(pattern: str, offset: int) -> Image.Image:
    mask = Image.new("L", (SIDE, SIDE))
    _PATTERNS[pattern](ImageDraw.Draw(mask), offset)
    return mask


def _stripes(draw: ImageDraw.ImageDraw, offset: int) -> None:
    for y in range(offset % 44 - 44, SIDE, 44):
        draw.rectangle((0, y, SIDE, y + 15), fill=255)


def _spots(draw: ImageDraw.ImageDraw, offset: int) -> None:
    for row, y in enumerate(range(offset % 40 - 40, SIDE + 40, 40)):
        for x in range(-40 + 23 * (row % 2), SIDE + 40, 46):
            draw.ellipse((x - 9, y - 9, x + 9, y + 9), fill=255)


def _checks(draw: ImageDraw.ImageDraw, offset: int) -> None:
    starts = range(offset % 56 - 56, SIDE, 56)
    for x in starts:
        draw.rectangle((x, 0, x + 24, SIDE), fill=110)
    for y in starts:
        draw.rectangle((0, y, SIDE, y + 24), fill=110)
        for x in starts:
            draw.rectangle((x, y, x + 24, y + 24), fill=215)


def _speckles(draw: ImageDraw.ImageDraw, offset: int) -> None:
    rng = np.random.default_rng(offset)
    for x, y, size in zip(*rng.uniform([[0], [0], [2]], [[SIDE], [SIDE], [6]], (3, 420)), strict=True):
        draw.ellipse((x - size, y - size, x + size, y + size), fill=230)


_PATTERNS = {"Striped": _stripes, "Spotted": _spots, "Checked": _checks, "Speckled": _speckles}

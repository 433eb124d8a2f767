"""Pixels of any mode made RGB: colours as the profile means them, transparency on white, no larger than asked."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

WHITE: Final = (255, 255, 255)
ORIENTATION_TAG: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.32, tag 274: what makes each orientation upright."""


def as_rgb(image: Image.Image, max_side: int) -> Image.Image:
    """A new RGB image without metadata; the longer side is at most `max_side`."""
    profile = image.info.get("icc_profile")
    small = _shrunk(_continuous(image), max_side)
    plain = _in_srgb(small, profile) if profile else small
    canvas = Image.new("RGB", plain.size, WHITE)
    if plain.has_transparency_data:
        plain = plain.convert("RGBA")
        canvas.paste(plain, mask=plain.getchannel("A"))
    else:
        canvas.paste(plain.convert("RGB"))
    return canvas


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where it is absent or cannot be read."""
    try:
        found = image.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001  # damaged metadata is no metadata
        return 1
    return found if isinstance(found, int) else 1


def transposed(image: Image.Image, turned: int) -> Image.Image:
    """Upright; `turned` is the EXIF orientation."""
    return image.transpose(_TURNS[turned]) if turned in _TURNS else image


def _continuous(image: Image.Image) -> Image.Image:
    """In a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode != "RGBA" and image.has_transparency_data:
        return image.convert("RGBA")
    return image


def _shrunk(image: Image.Image, max_side: int) -> Image.Image:
    scale = max_side / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """As the embedded profile means it; unchanged where the profile is damaged or for another kind of colour."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        return (
            ImageCms.profileToProfile(image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=mode) or image
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image

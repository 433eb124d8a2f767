"""The image formats that are read: how each begins, who decodes it, and what its header claims before it is decoded."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

WEBP: Final = "WebP"
MAX_SCANS: Final = 64
"""A progressive JPEG has about ten; thousands make a small file slow to decode."""


@dataclass(frozen=True)
class Format:
    """``begins`` looks at the first bytes; ``opened`` reads the header and leaves the pixels.

    The decoders are named, not chosen by ``Image.open``: it would try all it knows, and its own check on the number of
    pixels is a setting of the whole process.
    """

    begins: Callable[[bytes], bool]
    opened: Callable[[BytesIO], ImageFile]


FORMATS: Final = {
    "JPEG": Format(lambda data: data.startswith(b"\xff\xd8\xff"), JpegImageFile),
    "PNG": Format(lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), PngImageFile),
    WEBP: Format(lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", WebPImageFile),
    "GIF": Format(lambda data: data.startswith((b"GIF87a", b"GIF89a")), GifImageFile),
    "AVIF": Format(lambda data: data[4:12] in (b"ftypavif", b"ftypavis"), AvifImageFile),
    "BMP": Format(lambda data: data.startswith(b"BM"), BmpImageFile),
}


def declared_size(kind: str, data: bytes) -> tuple[int, int]:
    """Width and height where even opening would take memory for all pixels; elsewhere (0, 0), as opening tells it."""
    return _webp_size(data) if kind == WEBP else (0, 0)


def _webp_size(data: bytes) -> tuple[int, int]:
    """RFC 9649, sections 2.5 to 2.7."""
    kind, header = data[12:16], data[20:30]
    if kind == b"VP8X":
        return _little(header[4:7]) + 1, _little(header[7:10]) + 1
    if kind == b"VP8L":
        bits = _little(header[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(header[6:8]) & 0x3FFF, _little(header[8:10]) & 0x3FFF


def _little(field: bytes) -> int:
    return int.from_bytes(field, "little")


def too_many_scans(image: ImageFile, data: bytes) -> bool:
    return bool(image.info.get("progressive")) and data.count(b"\xff\xda") > MAX_SCANS

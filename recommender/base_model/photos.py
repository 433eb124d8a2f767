"""Photos from outside: bytes of strangers, decoded within limits or refused.

What an image is, is read from its content. Nothing is fetched, nothing global is set, and no metadata is kept.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final, TypeVar

from PIL import Image, ImageFile

from recommender.base_model.photo_formats import FORMATS, declared_size, too_many_scans
from recommender.base_model.photo_pixels import as_rgb, orientation, transposed
from recommender.errors import BadPhotoError

AnyImage = TypeVar("AnyImage", bound=Image.Image)

ALLOWED: Final = ", ".join(FORMATS)
_DATA_URL: Final = re.compile(r"data:image/[a-z0-9.+-]{1,40}(;[a-z0-9=.+-]{1,40})*;base64,", re.IGNORECASE)
_ANOTHER_COPY: Final = "send the original file again, or another copy of the photo"


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is read, and how large a photo is handed on: ``max_side`` is the longer side of the result in pixels."""

    max_bytes: int = 10 * 2**20
    max_pixels: int = 40_000_000
    max_side: int = 1_024


DEFAULT_LIMITS: Final = PhotoLimits()


def decode_photo(data: bytes, limits: PhotoLimits = DEFAULT_LIMITS) -> Image.Image:
    """The photo in RGB, upright, on white where it is transparent, the first frame where it moves, without metadata.

    Raises `BadPhotoError` for anything that is not a whole image of an allowed format within `limits`. Memory stays
    within a small multiple of ``4 * limits.max_pixels`` bytes, whatever `data` claims.
    """
    if not data:
        raise BadPhotoError("the photo is empty: it has 0 bytes")
    if len(data) > limits.max_bytes:
        raise BadPhotoError(_too_many_bytes(f"{len(data):,}", limits))
    kind = next((name for name, format_ in FORMATS.items() if format_.begins(data)), None)
    if kind is None:
        raise BadPhotoError(f"this is not a photo in a format that is read; allowed: {ALLOWED}")
    _check_size(declared_size(kind, data), limits)
    image = _guarded(kind, lambda: _opened(kind, data))
    _check_size(image.size, limits)
    return _guarded(kind, lambda: _finished(image, limits.max_side))


def decode_data_url(url: str, limits: PhotoLimits = DEFAULT_LIMITS) -> Image.Image:
    """The photo inside a ``data:image/...;base64,`` URL, as `decode_photo` reads it; any other URL is refused."""
    prefix = _DATA_URL.match(url)
    if prefix is None:
        raise BadPhotoError(
            "a photo is taken as bytes, in a URL that begins with 'data:image/jpeg;base64,' or the like, "
            f"got {url[:40]!r}; web addresses and file names are never followed"
        )
    n_bytes = (len(url) - prefix.end()) // 4 * 3 - 2
    if n_bytes > limits.max_bytes:
        raise BadPhotoError(_too_many_bytes(f"about {n_bytes:,}", limits))
    try:
        data = base64.b64decode(url[prefix.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise BadPhotoError(
            "the photo's URL is not valid base64 after 'base64,': encode the file's bytes again"
        ) from None
    return decode_photo(data, limits)


def _too_many_bytes(count: str, limits: PhotoLimits) -> str:
    return f"the photo has {count} bytes, at most {limits.max_bytes:,} are read: send a smaller one"


def _check_size(size: tuple[int, int], limits: PhotoLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise BadPhotoError(
            f"the photo is {width:,} x {height:,} pixels, at most {limits.max_pixels:,} in all are read: "
            "send a smaller one"
        )


def _opened(kind: str, data: bytes) -> ImageFile.ImageFile:
    """Its header read, its pixels not yet."""
    image = FORMATS[kind].opened(BytesIO(data))
    if too_many_scans(image, data):
        raise BadPhotoError(f"the photo is a JPEG of unusually many scans; {_ANOTHER_COPY}")
    return image


def _finished(image: ImageFile.ImageFile, max_side: int) -> Image.Image:
    image.draft(None, (max_side, max_side))
    image.load()
    return transposed(as_rgb(image, max_side), orientation(image))


def _guarded(kind: str, work: Callable[[], AnyImage]) -> AnyImage:
    """Whatever a decoder raises on damaged bytes, in words for whoever sent them."""
    try:
        return work()
    except BadPhotoError:
        raise
    except MemoryError:
        raise BadPhotoError("there is not enough memory to read the photo: send a smaller one") from None
    except Exception as error:  # decoders raise SyntaxError, struct.error, IndexError and more
        raise BadPhotoError(f"the photo is a damaged or incomplete {kind} file ({error}); {_ANOTHER_COPY}") from error

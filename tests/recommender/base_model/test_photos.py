"""Photos of strangers become small upright RGB images without metadata, or `BadPhotoError`; never anything else."""

import base64
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from resource import RUSAGE_SELF, getrusage

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageFile

from recommender.base_model.photos import PhotoLimits, decode_data_url, decode_photo
from recommender.errors import BadPhotoError

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP"]
RED, BLUE = (220, 30, 30), (30, 30, 220)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def two_halves(width: int = 60, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def noise(side: int = 96) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def is_near(image: Image.Image, place: tuple[int, int], color: tuple[int, int, int], tolerance: int = 12) -> bool:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(found, color, strict=True))


def png(width: int, height: int, *, depth: int = 8, kind: int = 2, data: bytes = b"") -> bytes:
    """A PNG whose header says what it likes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", FORMATS)
def test_every_allowed_format_is_read(kind: str):
    photo = decode_photo(saved(two_halves(), kind))
    assert (photo.mode, photo.size) == ("RGB", (60, 40))
    assert is_near(photo, (10, 20), RED)
    assert is_near(photo, (50, 20), BLUE)


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO", "TGA", "PCX", "DDS", "PDF", "EPS", "JPEG2000", "SGI"])
def test_other_formats_are_refused_with_the_allowed_ones_named(kind: str):
    with pytest.raises(BadPhotoError, match="JPEG, PNG, WebP, GIF, AVIF, BMP"):
        decode_photo(saved(two_halves(), kind))


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 5000,
        b"a photo of a mug",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"8BPS\0\1",
        b"%PDF-1.7",
        b"\xff",
    ],
)
def test_what_is_no_photo_is_refused(data: bytes):
    with pytest.raises(BadPhotoError, match="not a photo in a format that is read"):
        decode_photo(data)


def test_no_bytes_are_refused():
    with pytest.raises(BadPhotoError, match="0 bytes"):
        decode_photo(b"")


def test_too_many_bytes_are_refused_before_they_are_looked_at():
    with pytest.raises(BadPhotoError, match=r"11 bytes, at most 10 are read"):
        decode_photo(b"not a photo", PhotoLimits(max_bytes=10))


def huge_webp(kind: bytes) -> bytes:
    sizes = {
        b"VP8X": b"\0\0\0\0" + (16_382).to_bytes(3, "little") * 2,
        b"VP8L": b"\x2f" + (0x3FFF | 0x3FFF << 14).to_bytes(4, "little") + b"\0" * 5,
        b"VP8 ": b"\0\0\0\x9d\x01\x2a" + (16_383).to_bytes(2, "little") * 2,
    }
    return b"RIFF\xff\0\0\0WEBP" + kind + b"\x0a\0\0\0" + sizes[kind] + b"\0" * 64


BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: png(60_000, 60_000, data=zlib.compress(b"\0" * 100_000)),
    "PNG that another library only warns of": lambda: png(10_000, 10_000),
    "GIF": lambda: b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + saved(Image.new("P", (4, 4)), "GIF")[10:],
    "BMP": lambda: (
        b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 50_000, 50_000, 1, 24, *[0] * 6)
    ),
    "WebP extended": lambda: huge_webp(b"VP8X"),
    "WebP lossless": lambda: huge_webp(b"VP8L"),
    "WebP lossy": lambda: huge_webp(b"VP8 "),
    "JPEG": lambda: saved(two_halves(), "JPEG").replace(struct.pack(">HH", 40, 60), struct.pack(">HH", 65_000, 65_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_header_that_claims_too_many_pixels_is_refused_without_memory_for_them(name: str):
    data = BOMBS[name]()
    before = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadPhotoError, match="pixels, at most 40,000,000 in all are read"):
        decode_photo(data)
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_jpeg_of_thousands_of_scans_is_refused():
    data = saved(noise(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    with pytest.raises(BadPhotoError, match="unusually many scans"):
        decode_photo(data[:-2] + data[scan:-2] * 5_000 + data[-2:])


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_photo_is_refused_not_half_shown(kind: str, share: float):
    data = saved(noise(), kind)
    with pytest.raises(BadPhotoError, match="damaged or incomplete"):
        decode_photo(data[: int(len(data) * share)])


def test_a_large_photo_is_reduced_and_a_small_one_is_not_enlarged():
    assert decode_photo(saved(two_halves(3000, 1500), "JPEG")).size == (1024, 512)
    assert decode_photo(saved(two_halves(1500, 3000), "PNG"), PhotoLimits(max_side=100)).size == (50, 100)
    assert decode_photo(saved(two_halves(4000, 2), "PNG")).size == (1024, 1)
    assert decode_photo(saved(two_halves(2, 2), "PNG")).size == (2, 2)


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, (5, 20)),
        (2, (55, 20)),
        (3, (55, 20)),
        (4, (5, 20)),
        (5, (20, 5)),
        (6, (20, 5)),
        (7, (20, 55)),
        (8, (20, 55)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_honoured(kind: str, orientation: int, red_at: tuple[int, int]):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode_photo(saved(two_halves(), kind, exif=exif))
    assert photo.size == ((60, 40) if orientation <= 4 else (40, 60))
    assert is_near(photo, red_at, RED, 40)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_is_no_reason_to_refuse_a_photo():
    assert decode_photo(saved(two_halves(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).size == (60, 40)


def test_no_metadata_is_kept():
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 52.1 N 1.2 E"
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = decode_photo(saved(two_halves(), "JPEG", exif=exif, comment=b"secret", icc_profile=icc))
    assert photo.info == {}
    assert not photo.getexif()


def test_the_first_frame_of_what_moves_is_shown():
    for kind in ("GIF", "WEBP", "PNG", "AVIF"):
        frames = [Image.new("RGB", (30, 30), color) for color in (RED, BLUE)]
        photo = decode_photo(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert is_near(photo, (15, 15), RED), kind


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)),
        Image.new("LA", (8, 8), (0, 0)),
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)).quantize(),
    ],
    ids=["RGBA", "LA", "P"],
)
def test_what_is_transparent_is_white(image: Image.Image):
    assert decode_photo(saved(image, "PNG")).getpixel((4, 4)) == (255, 255, 255)


def test_a_transparent_colour_of_a_png_is_white():
    data = saved(Image.new("RGB", (8, 8), RED), "PNG", transparency=RED)
    assert decode_photo(data).getpixel((4, 4)) == (255, 255, 255)


def test_half_transparent_is_half_white():
    data = saved(Image.new("RGBA", (8, 8), (0, 0, 0, 128)), "PNG")
    assert is_near(decode_photo(data), (4, 4), (127, 127, 127), 1)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (8, 8), 1), (255, 255, 255)),
        (Image.new("L", (8, 8), 77), (77, 77, 77)),
        (Image.fromarray(np.full((8, 8), 77 * 257, dtype=np.uint16)), (77, 77, 77)),
        (Image.new("RGB", (8, 8), RED).quantize(), RED),
    ],
    ids=["1", "L", "16 bits", "P"],
)
def test_every_mode_becomes_rgb(image: Image.Image, expected: tuple[int, int, int]):
    assert is_near(decode_photo(saved(image, "PNG")), (4, 4), expected, 1)


def test_cmyk_becomes_rgb():
    data = saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG")
    assert is_near(decode_photo(data), (8, 8), (255, 0, 0), 6)


def profile_that_takes_red_for_blue() -> bytes:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def test_a_colour_profile_is_applied():
    photo = decode_photo(saved(two_halves(), "PNG", icc_profile=profile_that_takes_red_for_blue()))
    assert is_near(photo, (10, 20), BLUE)
    assert is_near(photo, (50, 20), RED)


@pytest.mark.parametrize(
    "profile",
    [b"no profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()],
    ids=["damaged", "LAB"],
)
def test_a_profile_that_cannot_be_applied_is_ignored(profile: bytes):
    plain = decode_photo(saved(two_halves(), "PNG"))
    assert decode_photo(saved(two_halves(), "PNG", icc_profile=profile)).tobytes() == plain.tobytes()


def test_pillow_is_left_as_it_was():
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    decode_photo(saved(two_halves(3000, 2000), "JPEG"))
    with pytest.raises(BadPhotoError):
        decode_photo(BOMBS["PNG"]())
    after = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    assert after == before


def test_threads_do_not_disturb_each_other():
    drawn = []
    for shade in range(16):
        image = Image.new("RGB", (200, 200), (shade * 15, 90, 90))
        ImageDraw.Draw(image).ellipse((40, 40, 160, 160), fill=RED)
        drawn.append(saved(image, FORMATS[shade % len(FORMATS)]))
    alone = [decode_photo(data).tobytes() for data in drawn]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode_photo(data).tobytes(), drawn * 4))
    assert together == alone * 4


def data_url(data: bytes, kind: str = "image/jpeg") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_a_data_url_is_read():
    data = saved(two_halves(), "JPEG")
    assert decode_data_url(data_url(data)).tobytes() == decode_photo(data).tobytes()
    assert decode_data_url(data_url(data, "IMAGE/png;name=mug.png")).size == (60, 40)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/mug.jpg",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "/etc/passwd",
        "mug.jpg",
        "",
        "data:text/html;base64,PGh0bWw+",
        "data:image/jpeg,plain",
    ],
)
def test_no_other_url_is_followed(url: str):
    with pytest.raises(
        BadPhotoError, match="a photo is taken as bytes, in a URL that begins with 'data:image/jpeg;base64,'"
    ):
        decode_data_url(url)


@pytest.mark.parametrize("payload", ["not base64!", "abc", "4AA=Q", "\u00e9\u00e9\u00e9\u00e9", "/9j/ 4AA"])
def test_wrong_base64_is_refused(payload: str):
    with pytest.raises(BadPhotoError, match="not valid base64"):
        decode_data_url(f"data:image/jpeg;base64,{payload}")


def test_a_long_data_url_is_refused_before_it_is_decoded():
    with pytest.raises(BadPhotoError, match=r"about 2,\d\d\d bytes, at most 1,000"):
        decode_data_url(data_url(b"\0" * 3_000), PhotoLimits(max_bytes=1_000))


def _decode_or_refuse(data: bytes) -> None:
    limits = PhotoLimits(max_pixels=4_000_000)
    try:
        photo = decode_photo(data, limits)
    except BadPhotoError:
        return
    assert photo.mode == "RGB"
    assert 1 <= max(photo.size) <= limits.max_side


SEEDS = [saved(noise(24), kind) for kind in FORMATS]
SEEDS += [
    saved(noise(24), "JPEG", progressive=True, exif=Image.Exif()),
    saved(noise(24).convert("CMYK"), "JPEG"),
    saved(noise(24).quantize(), "PNG"),
    saved(noise(24).quantize(), "BMP"),
    saved(noise(24), "WEBP", lossless=True),
    saved(noise(24), "GIF", save_all=True, append_images=[two_halves(24, 24)]),
]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_photo_or_refused(data: bytes):
    _decode_or_refuse(data)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_damage_leaves_a_photo_or_a_refusal(photo: bytes, data: st.DataObject):
    damaged = bytearray(photo)
    near_the_header = st.integers(0, min(80, len(photo) - 1))
    anywhere = st.integers(0, len(photo) - 1)
    for place in data.draw(st.lists(near_the_header | anywhere, min_size=1, max_size=6)):
        damaged[place] = data.draw(st.integers(0, 255))
    _decode_or_refuse(bytes(damaged[: data.draw(st.integers(1, len(photo)))] if data.draw(st.booleans()) else damaged))

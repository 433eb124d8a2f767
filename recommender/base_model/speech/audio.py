"""Sounds from outside: bytes of strangers, decoded within limits or refused.

What a sound is, is read from its content. Nothing is fetched, no file is opened, and no more is decoded than is kept.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from math import gcd
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from recommender.base_model.speech.engine import soundfile
from recommender.errors import BadAudioError

SAMPLING_RATE: Final = 16_000
"""Samples a second of every decoded sound."""
FORMATS: Final = ("wav", "mp3", "flac", "ogg")
_ALLOWED: Final = ", ".join(FORMATS)
_CONTAINERS: Final = {"wav": {"WAV", "WAVEX", "RF64"}, "mp3": {"MP3", "MPEG"}, "flac": {"FLAC"}, "ogg": {"OGG"}}
_RATES: Final = (4_000, 192_000)
_BLOCK: Final = 65_536
_ANOTHER_COPY: Final = "record it again, or send another copy"

Samples = npt.NDArray[np.float32]
"""Shape (n,), mono, in [-1, 1], ``SAMPLING_RATE`` of them a second."""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What is read of a sound; ``max_bytes`` as it is sent."""

    max_bytes: int = 12 * 2**20
    max_seconds: float = 60.0
    max_channels: int = 8


DEFAULT_LIMITS: Final = AudioLimits()


def decode_audio(data: bytes, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """The sound of a file's bytes (wav, mp3, flac or ogg): its channels' mean, resampled.

    Raises
    ------
    BadAudioError : anything that is not a whole sound of an allowed format within `limits`. Memory stays within a small
        multiple of what `limits.max_seconds` of mono sound take, whatever `data` claims.
    TranscriberError : soundfile is not installed
    """
    if not data:
        raise BadAudioError("the sound is empty: it has 0 bytes")
    if len(data) > limits.max_bytes:
        raise BadAudioError(_too_many_bytes(f"{len(data):,}", limits))
    kind = _kind(data)
    if kind is None:
        raise BadAudioError(f"this is not a sound in a format that is read; allowed: {_ALLOWED}")
    mono, rate = _decoded(kind, data, limits)
    if not len(mono):
        raise BadAudioError(f"the {kind} file holds no sound; {_ANOTHER_COPY}")
    common = gcd(SAMPLING_RATE, rate)
    resampled = resample_poly(mono, SAMPLING_RATE // common, rate // common)
    return np.clip(resampled, -1, 1).astype(np.float32)


def decode_base64(text: str, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """The sound in a part of a message, as `decode_audio` reads it; anything but base64 is refused."""
    n_bytes = len(text) // 4 * 3 - 2
    if n_bytes > limits.max_bytes:
        raise BadAudioError(_too_many_bytes(f"about {n_bytes:,}", limits))
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadAudioError(
            f"a sound is taken as the bytes of a file in base64, got {text[:40]!r}; "
            "web addresses and file names are never followed"
        ) from None
    return decode_audio(data, limits)


def _too_many_bytes(count: str, limits: AudioLimits) -> str:
    return f"the sound has {count} bytes, at most {limits.max_bytes:,} are read: send a shorter or compressed one"


def _kind(data: bytes) -> str | None:
    """Which format the first bytes are of."""
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"fLaC":
        return "flac"
    if data[:4] == b"OggS":
        return "ogg"
    is_frame = len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06
    return "mp3" if data[:3] == b"ID3" or is_frame else None


def _decoded(kind: str, data: bytes, limits: AudioLimits) -> tuple[Samples, int]:
    """Mono samples and how many of them are a second."""
    try:
        with soundfile().SoundFile(BytesIO(data)) as file:
            _check(kind, file, limits)
            mono = np.concatenate([*_blocks(file, limits), np.zeros(0, np.float32)])
            rate = int(file.samplerate)
    except BadAudioError:
        raise
    except (RuntimeError, ValueError, OSError, MemoryError) as error:
        raise BadAudioError(f"the sound is a damaged or incomplete {kind} file ({error}); {_ANOTHER_COPY}") from error
    if not np.isfinite(mono).all():
        raise BadAudioError(f"the {kind} file holds samples that are no numbers; {_ANOTHER_COPY}")
    return mono, rate


def _check(kind: str, file: Any, limits: AudioLimits) -> None:
    if file.format not in _CONTAINERS[kind]:
        raise BadAudioError(f"this is not a sound in a format that is read ({file.format}); allowed: {_ALLOWED}")
    if file.channels > limits.max_channels:
        raise BadAudioError(
            f"the sound has {file.channels:,} channels, at most {limits.max_channels} are read: send it in mono"
        )
    low, high = _RATES
    if not low <= file.samplerate <= high:
        raise BadAudioError(
            f"the sound has {file.samplerate:,} samples a second; allowed are {low:,} to {high:,}: record it at 16,000"
        )


def _blocks(file: Any, limits: AudioLimits) -> Iterator[Samples]:
    """The mean of the channels, block by block, as far as it may be read."""
    left = int(limits.max_seconds * file.samplerate)
    while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
        left -= len(block)
        if left < 0:
            raise BadAudioError(
                f"the sound is longer than the {limits.max_seconds:g} seconds that are listened to: send a shorter one"
            )
        yield block.mean(axis=1)

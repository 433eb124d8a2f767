"""Sounds for tests: made of numbers, or spoken by espeak-ng where it is installed."""

import io
import shutil
import subprocess
from functools import cache

import numpy as np
import pytest
import soundfile
from scipy.signal import lfilter

from recommender.base_model.speech.audio import SAMPLING_RATE, Samples, decode_audio

FORMATS = {"wav": "WAV", "mp3": "MP3", "flac": "FLAC", "ogg": "OGG"}
needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def file_of(samples, kind: str = "wav", rate: int = SAMPLING_RATE, subtype: str | None = None) -> bytes:
    """The bytes of a sound file; `samples` has the shape (n,) or (n, channels)."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=FORMATS[kind], subtype=subtype)
    return file.getvalue()


def tone(seconds: float = 1.0, pitch: float = 440.0, rate: int = SAMPLING_RATE):
    return 0.3 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def white(seconds: float = 3.0) -> Samples:
    return (0.1 * np.random.default_rng(0).standard_normal(int(seconds * SAMPLING_RATE))).astype(np.float32)


def pink(seconds: float = 3.0) -> Samples:
    noise = lfilter([0.05, -0.096, 0.0506, -0.0044], [1, -2.4949, 2.0172, -0.5222], white(seconds))
    return (0.1 * noise / noise.std()).astype(np.float32)


def note(pitch: float, seconds: float) -> Samples:
    """A plucked string of five harmonics."""
    times = np.arange(int(seconds * SAMPLING_RATE)) / SAMPLING_RATE
    harmonics = sum(np.sin(2 * np.pi * pitch * number * times) / number for number in range(1, 6))
    return (0.1 * harmonics * np.exp(-3 * times)).astype(np.float32)


def melody(seconds_each: float = 0.3) -> Samples:
    pitches = np.random.default_rng(0).choice([220, 247, 277, 294, 330, 370, 415, 440], size=14)
    return np.concatenate([note(float(pitch), seconds_each) for pitch in pitches])


def chords() -> Samples:
    return np.concatenate([sum(note(root * part, 0.5) for part in (1, 1.26, 1.5)) for root in (220, 294, 330, 220)])


@cache
def spoken_file(text: str, voice: str = "en-us") -> bytes:
    """A WAV file as espeak-ng writes it."""
    made = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True)
    return made.stdout


def spoken(text: str, voice: str = "en-us") -> Samples:
    return decode_audio(spoken_file(text, voice))

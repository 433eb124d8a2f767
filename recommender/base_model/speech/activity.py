"""What kind of sound a sound is: silence, steady noise, music, or what may be speech.

A recogniser makes words of anything; it is asked only about what may be speech. Two things tell speech apart,
measured on frames of 64 ms: its level rises and falls, and the fine structure of its spectrum (each bin less its
surroundings) neither stays, as that of held notes does, nor is unrelated from frame to frame, as that of noise is.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from recommender.base_model.speech.audio import Samples
from schemas import Sound

SILENT_DB: Final = -55.0
"""Level of the loudest frames, relative to full scale, below which nothing is heard."""
ACTIVE_DB: Final = 30.0
"""Frames that are so much quieter than the loudest one do not count."""
MUSIC_SHARE: Final = 0.5
"""Share of frames that resemble the one before, above which it is music; 0.36 is the most of speech in validation."""
RESEMBLANCE: Final = 0.3
NOISE_SPREAD_DB: Final = 5.0
"""Standard deviation of the level, below which it is noise; 5.8 is the least of speech with noise at 5 dB."""
NOISE_RESEMBLANCE: Final = 0.08
"""90th percentile of the resemblance, below which it is noise; 0.11 is the least of speech with noise at 5 dB."""
_FRAME: Final = 1_024
_HOP: Final = 320
_APART: Final = 4
"""Frames between two that are compared: they must hardly overlap."""
_SURROUNDINGS: Final = 15
_BAND: Final = slice(13, 220)
"""Bins from 200 Hz to 3.4 kHz."""

Floats = npt.NDArray[np.float64]


def sound_of(samples: Samples) -> Sound:
    """What kind of sound `samples` are."""
    spectrum = _spectrum(samples)
    level = 10 * np.log10(np.square(spectrum).sum(axis=1))
    if np.percentile(level, 95) < SILENT_DB:
        return Sound.SILENCE
    active = level > level.max() - ACTIVE_DB
    alike = _resemblance(spectrum)[active[_APART:] & active[:-_APART]]
    if alike.size and np.mean(alike > RESEMBLANCE) > MUSIC_SHARE:
        return Sound.MUSIC
    if not alike.size or level[active].std() < NOISE_SPREAD_DB or np.percentile(alike, 90) < NOISE_RESEMBLANCE:
        return Sound.NOISE
    return Sound.SPEECH


def _spectrum(samples: Samples) -> Floats:
    """Amplitudes, shape (frames, bins), such that a sine at full scale has the level 0 dB."""
    short = max(_FRAME + _APART * _HOP - len(samples), 0)
    padded = np.pad(samples.astype(np.float64), (0, short))
    window = np.hanning(_FRAME)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP] * window
    amplitudes: Floats = np.abs(np.fft.rfft(frames, axis=1))[:, _BAND] * (np.sqrt(8 / 3) / window.sum())
    return amplitudes + 1e-9


def _resemblance(spectrum: Floats) -> Floats:
    """Of each frame and the one `_APART` later, the correlation of their fine structures."""
    fine = np.log(spectrum)
    fine = fine - uniform_filter1d(fine, _SURROUNDINGS, axis=1)
    fine -= fine.mean(axis=1, keepdims=True)
    fine /= np.linalg.norm(fine, axis=1, keepdims=True) + 1e-9
    alike: Floats = (fine[_APART:] * fine[:-_APART]).sum(axis=1)
    return alike

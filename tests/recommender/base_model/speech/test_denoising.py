"""Steady noise goes, and what stands out of it stays."""

import numpy as np
import pytest

from recommender.base_model.speech.audio import SAMPLING_RATE
from recommender.base_model.speech.denoising import without_noise
from tests.recommender.base_model.speech.sounds import pink, tone, white

BETWEEN = slice(SAMPLING_RATE // 4, SAMPLING_RATE * 3 // 4)
SAID = slice(SAMPLING_RATE * 5 // 4, SAMPLING_RATE * 7 // 4)


def level_db(samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples))))


def with_pauses():
    """A second of a tone between two of silence."""
    return np.pad(tone(), SAMPLING_RATE).astype(np.float32)


@pytest.mark.parametrize("noise", [white(), pink()], ids=["white", "pink"])
def test_noise_falls_and_what_is_said_keeps_its_level(noise):
    noisy = with_pauses() + 0.2 * noise
    clear = without_noise(noisy)
    assert level_db(clear[BETWEEN]) < level_db(noisy[BETWEEN]) - 3
    assert level_db(clear[SAID]) == pytest.approx(level_db(with_pauses()[SAID]), abs=0.5)


def test_a_sound_with_silent_pauses_stays_as_it_is():
    np.testing.assert_allclose(without_noise(with_pauses()), with_pauses(), atol=1e-4)


@pytest.mark.parametrize("count", [1, 511, 512, 513, SAMPLING_RATE + 1])
def test_any_length_and_silence(count):
    for sound in (np.zeros(count, np.float32), white()[:count]):
        clear = without_noise(sound)
        assert clear.shape == (count,)
        assert clear.dtype == np.float32
        assert np.isfinite(clear).all()


def test_the_sound_given_is_left_alone():
    sound = white()
    without_noise(sound)
    np.testing.assert_array_equal(sound, white())

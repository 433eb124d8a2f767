"""Silence, noise and music are told from speech before words are made of them."""

import numpy as np
import pytest

from recommender.base_model.speech.activity import sound_of
from recommender.base_model.speech.audio import SAMPLING_RATE
from schemas import Sound
from tests.recommender.base_model.speech.sounds import chords, melody, needs_espeak, pink, spoken, tone, white

VOICES = ("en-gb", "en-us", "en-us+f3", "en-gb-scotland", "en-029")


@pytest.mark.parametrize("seconds", [0.001, 0.1, 3.0, 60.0])
def test_silence(seconds):
    count = max(int(seconds * SAMPLING_RATE), 1)
    assert sound_of(np.zeros(count, np.float32)) is Sound.SILENCE
    assert sound_of((white(seconds) * 0.005).astype(np.float32)) is Sound.SILENCE


def test_noise():
    swelling = white() * (1 + 0.5 * np.sin(np.arange(len(white())) / 3_000))
    clicks = (np.random.default_rng(0).random(3 * SAMPLING_RATE) < 0.0005).astype(np.float32)
    for sound in (white(), pink(), swelling, clicks, white(0.05)):
        assert sound_of(sound.astype(np.float32)) is Sound.NOISE


@pytest.mark.parametrize("sound", [tone(3), melody(), chords(), melody(0.15)], ids=["tone", "melody", "chords", "fast"])
def test_music_and_tones(sound):
    assert sound_of(sound.astype(np.float32)) is Sound.MUSIC
    quieter = (0.05 * sound).astype(np.float32)
    assert sound_of(quieter) is Sound.MUSIC


@needs_espeak
@pytest.mark.parametrize("voice", VOICES)
def test_speech_is_speech_with_pauses_and_noise(voice):
    said = spoken("i am looking for a small red teapot under twenty pounds", voice)
    power = float(np.sqrt(np.mean(np.square(said))))
    for heard in (said, 0.05 * said, np.pad(said, 2 * SAMPLING_RATE)):
        assert sound_of(heard.astype(np.float32)) is Sound.SPEECH
    noise = pink(len(said) / SAMPLING_RATE + 1)[: len(said)]
    assert sound_of((said + noise / noise.std() * power * 10 ** (-10 / 20)).astype(np.float32)) is Sound.SPEECH

"""Bytes of strangers into samples, or a clear refusal."""

import base64
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.base_model.speech.audio import (
    FORMATS,
    SAMPLING_RATE,
    AudioLimits,
    decode_audio,
    decode_base64,
)
from recommender.errors import BadAudioError, TranscriberError
from tests.recommender.base_model.speech.sounds import file_of, tone


def loudest_pitch(samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(spectrum.argmax() * SAMPLING_RATE / len(samples))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("rate", [16_000, 44_100, 8_000, 48_000])
def test_every_format_at_every_rate_gives_the_same_sound(kind, rate):
    samples = decode_audio(file_of(tone(rate=rate), kind, rate))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(SAMPLING_RATE, rel=0.1)
    assert loudest_pitch(samples) == pytest.approx(440, abs=5)
    assert np.abs(samples).max() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "DOUBLE"])
def test_every_kind_of_samples_of_a_wav_file(subtype):
    samples = decode_audio(file_of(tone(), subtype=subtype))
    assert np.abs(samples - tone()).max() < 0.01


def test_channels_are_averaged():
    both = np.stack([tone(), np.zeros(SAMPLING_RATE)], axis=1)
    assert np.abs(decode_audio(file_of(both))).max() == pytest.approx(0.15, abs=0.01)


def test_the_content_says_what_it_is_not_what_was_claimed():
    assert len(decode_base64(base64.b64encode(file_of(tone(), "flac")).decode())) == SAMPLING_RATE


@pytest.mark.parametrize("kind", FORMATS)
def test_a_minute_is_listened_to_and_no_more(kind):
    limits = AudioLimits(max_seconds=2)
    assert len(decode_audio(file_of(tone(1.8), kind), limits)) >= 1.8 * SAMPLING_RATE - 10
    with pytest.raises(BadAudioError, match="longer than the 2 seconds that are listened to: send a shorter one"):
        decode_audio(file_of(tone(2.5), kind), limits)
    assert AudioLimits().max_seconds == 60


def test_a_small_file_that_unpacks_to_hours_is_refused_after_a_minute():
    hours = file_of(np.zeros(3_600 * 8_000, np.float32), "flac", 8_000)
    assert len(hours) < 600_000
    with pytest.raises(BadAudioError, match="longer than the 60 seconds"):
        decode_audio(hours)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 bytes"),
        (b"hello, this is no sound at all", "allowed: wav, mp3, flac, ogg"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "allowed: wav, mp3, flac, ogg"),
        (b"FORM\x00\x00\x00\x20AIFFCOMM" + bytes(40), "allowed: wav, mp3, flac, ogg"),
        (b".snd" + bytes(60), "allowed: wav, mp3, flac, ogg"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged or incomplete wav"),
        (b"fLaC" + bytes(100), "damaged or incomplete flac"),
        (b"OggS" + bytes(100), "damaged or incomplete ogg"),
        (b"ID3" + bytes(100), "damaged or incomplete mp3"),
        (file_of(np.zeros(0)), "holds no sound"),
        (file_of(np.zeros((100, 9))), "has 9 channels, at most 8"),
        (file_of(tone(rate=2_000), rate=2_000), "2,000 samples a second; allowed are 4,000 to 192,000"),
        (file_of(np.full(1_000, np.nan), subtype="FLOAT"), "samples that are no numbers"),
    ],
)
def test_what_is_no_sound_is_refused_in_words(data, said):
    with pytest.raises(BadAudioError, match=said):
        decode_audio(data)


def test_large_files_are_refused_before_anything_is_decoded():
    with pytest.raises(BadAudioError, match="has 101 bytes, at most 100 are read"):
        decode_audio(bytes(101), AudioLimits(max_bytes=100))
    with pytest.raises(BadAudioError, match=r"about 1,498 bytes, at most 100"):
        decode_base64("A" * 2_000, AudioLimits(max_bytes=100))


@pytest.mark.parametrize(
    "text", ["https://example.com/a.wav", "file:///etc/passwd", "/etc/passwd", "data:audio/wav,x", "ü"]
)
def test_addresses_and_file_names_are_never_followed(text):
    with pytest.raises(BadAudioError, match=r"never followed|not a sound"):
        decode_base64(text)


def test_a_wav_header_that_claims_more_than_there_is_gives_what_there_is():
    whole = bytearray(file_of(tone()))
    struct.pack_into("<I", whole, 40, 2**31 - 2)
    struct.pack_into("<I", whole, 4, 2**31 - 2)
    assert len(decode_audio(bytes(whole))) == SAMPLING_RATE


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.data())
def test_damaged_files_are_refused_or_read_and_nothing_else_happens(kind, data):
    whole = bytearray(file_of(tone(0.2), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        samples = decode_audio(bytes(whole[:cut]))
    except BadAudioError:
        return
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1


def test_without_soundfile_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(TranscriberError, match=r"pip install 'shop-recommender\[speech\]'"):
        decode_audio(b"RIFF\x00\x00\x00\x00WAVE")

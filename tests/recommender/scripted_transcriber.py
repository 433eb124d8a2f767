"""A transcriber that hears what it is told to, and a sound that may be speech."""

import numpy as np

from recommender.base_model.protocols import Transcript


class Scripted:
    """Hears `text`, whatever is said; keeps the words that it was to expect."""

    name = "scripted"

    def __init__(self, text="a mug under thirty pounds", confidence=0.9):
        self.transcript = Transcript(text, confidence)
        self.expected = []

    def transcribe(self, samples, words):
        assert samples.dtype == np.float32
        self.expected.append(words)
        return self.transcript


def syllables(seconds=2.0):
    """Neither noise nor music: harmonics whose pitch glides and whose level rises and falls."""
    times = np.arange(int(seconds * 16_000)) / 16_000
    phase = 2 * np.pi * np.cumsum(140 + 50 * np.sin(2 * np.pi * 2.7 * times)) / 16_000
    harmonics = sum(np.sin(number * phase) / number for number in range(1, 20))
    level = np.clip(np.sin(2 * np.pi * 2 * times), 0.03, 1)
    return (0.05 * harmonics * level + 0.002 * np.random.default_rng(0).standard_normal(len(times))).astype(np.float32)

"""The embedded recogniser: pocketsphinx with a dictionary and a language model of the catalogue's own words.

Nothing is downloaded. Both are made when a catalogue's first voice note comes, and again when its words have changed.
"""

import tempfile
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import Field, PositiveInt
from scipy.signal import lfilter

from recommender.base_model.protocols import Transcript
from recommender.base_model.speech.audio import SAMPLING_RATE, Samples
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.base_model.speech.denoising import without_noise
from recommender.base_model.speech.listening_process import HeardWords, ListeningProcess
from recommender.base_model.speech.ngrams import Trigrams
from recommender.base_model.speech.phrasing import Phrasing
from recommender.base_model.speech.pronouncing import pronouncing_lines
from recommender.errors import TranscriberError
from schemas.base import Contract

_PAUSE: Final = SAMPLING_RATE // 4
"""Samples of quiet before and after what is said."""
_FRAME: Final = SAMPLING_RATE // 100
"""Samples of one of the recogniser's frames."""
_LOUD_DB: Final = 15.0
_LONGEST_WORD: Final = 100
"""Frames; what lasts longer was no word."""
_PINK: Final = ((0.049922, -0.095993, 0.050613, -0.004408), (1.0, -2.494956, 2.017265, -0.522190))
"""A filter that makes white noise fall by 3 dB an octave, nearly."""


class EmbeddedConfig(Contract):
    """Settings of `EmbeddedTranscriber`, chosen on the validation requests of the benchmark `hearing`."""

    requests: PositiveInt = 20_000
    """Requests made of the catalogue's words to learn a language model from."""
    language_weight: float = Field(default=6.5, gt=0)
    """How much the language model counts beside the sound."""
    floor_db: float = Field(default=25.0, ge=0)
    """Quiet noise that is added, so many dB below the sound: the acoustic model never heard perfect silence."""


class EmbeddedTranscriber:
    """A `Transcriber`. Thread-safe; one voice note after another."""

    name = "embedded"

    def __init__(self, config: EmbeddedConfig | None = None) -> None:
        self._config = config or EmbeddedConfig()
        self._lock = Lock()
        self._ready: tuple[CatalogueWords, ListeningProcess] | None = None

    def transcribe(self, samples: Samples, words: CatalogueWords) -> Transcript:
        sound = self._prepared(samples)
        with self._lock:
            heard = self._heard(sound.tobytes(), words)
        return Transcript(heard.text, _confidence(heard, sound) if heard.words else 0.0)

    def _heard(self, sound: bytes, words: CatalogueWords) -> HeardWords:
        try:
            return self._listening_for(words).hear(sound)
        except TranscriberError:
            self._ready = None
            raise

    def _prepared(self, samples: Samples) -> npt.NDArray[np.int16]:
        """Without its own noise, with pauses around, above a quiet noise; 16-bit samples, least byte first."""
        clear = without_noise(samples)
        padded = np.pad(clear, _PAUSE)
        noise = lfilter(*_PINK, np.random.default_rng(0).standard_normal(len(padded)))
        level = np.sqrt(np.mean(np.square(clear))) * 10 ** (-self._config.floor_db / 20)
        mixed = padded + noise * (level / noise.std())
        whole = mixed * (0.9 / max(np.abs(mixed).max(), 0.9))
        return np.asarray(np.round(whole * 32_767), dtype="<i2")

    def _listening_for(self, words: CatalogueWords) -> ListeningProcess:
        kept = self._ready
        if kept is None or kept[0] is not words:
            kept = self._ready = (words, self._listening(words))
        return kept[1]

    def _listening(self, words: CatalogueWords) -> ListeningProcess:
        """Makes dictionary and language model and hands them over as files, which are gone afterwards."""
        if not words.products:
            raise TranscriberError("no product has a title or a category that can be said")
        model = Trigrams(Phrasing(words, np.random.default_rng(0)).requests(self._config.requests))
        with tempfile.TemporaryDirectory() as folder:
            language, dictionary = Path(folder, "requests.arpa"), Path(folder, "words.dict")
            language.write_text("\n".join(model.arpa()) + "\n", encoding="ascii")
            dictionary.write_text("\n".join(pronouncing_lines(model.words)) + "\n", encoding="ascii")
            return ListeningProcess(
                {
                    "lm": str(language),
                    "dict": str(dictionary),
                    "samprate": SAMPLING_RATE,
                    "lw": self._config.language_weight,
                    "loglevel": "FATAL",
                }
            )


def _confidence(heard: HeardWords, sound: npt.NDArray[np.int16]) -> float:
    """How sure words are: the mean of their probabilities, times the share of the loud sound that they explain."""
    frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    power = np.square(frames).mean(axis=1)
    loud = power > power.max() * 10 ** (-_LOUD_DB / 10)
    explained = np.zeros_like(loud)
    for first, last, _ in heard.words:
        explained[first : min(last, first + _LONGEST_WORD) + 1] = True
    share = float(loud[explained].sum() / max(loud.sum(), 1))
    return min(float(np.mean([probability for *_, probability in heard.words])) * share, 1.0)

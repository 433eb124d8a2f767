"""What is heard of spoken requests: ``python -m tests.benchmarks hearing``.

72 requests written by hand for three shops are spoken by espeak-ng in three voices, clean and in noise, and heard with
the catalogue's language model and with the one that comes with pocketsphinx, whose acoustic model is the same. Word
error rate, the constraints understood of what was heard beside those understood of the text, and seconds a second of
sound. ``hearing_validation`` does the same on the requests that the settings were chosen on.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import jiwer
import numpy as np
from scipy.signal import lfilter

from recommender.base_model.speech.audio import SAMPLING_RATE, Samples, decode_audio
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.base_model.speech.embedded import EmbeddedTranscriber
from recommender.base_model.speech.listening_process import ListeningProcess
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import ProductRow
from signals.simulator import SimulatorConfig, simulate
from tests.benchmarks.sources import DATA, NO_DATA
from tests.benchmarks.spoken_requests import TEST, VALIDATION
from tests.quality.catalogues import magento_rows, online_retail_rows, rows_of

Row = dict[str, object]
VOICES: Final = ("en-gb", "en-us", "en-us+f3")
NOISE_DB: Final = (None, 10.0)
"""Pink noise, so many dB below the speech; None: clean."""
PAUSE: Final = SAMPLING_RATE // 4
"""Samples recorded before and after what is said."""


@dataclass(frozen=True)
class Said:
    """A request as it was spoken, and as it was heard."""

    text: str
    voice: str
    seconds: float
    heard: str
    took: float


def run() -> Iterator[Row]:
    yield from _measured(TEST)


def run_validation() -> Iterator[Row]:
    yield from _measured(VALIDATION)


def _measured(requests: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    if shutil.which("espeak-ng") is None:
        yield {"skipped": "espeak-ng is not installed"}
        return
    shops = {shop: rows for shop in requests if (rows := _rows(shop)) is not None}
    yield from ({"data": shop, "skipped": NO_DATA} for shop in requests if shop not in shops)
    vocabularies = {shop: Vocabulary.from_rows(rows) for shop, rows in shops.items()}
    own = {shop: CatalogueWords.of(rows, vocabularies[shop].currency) for shop, rows in shops.items()}
    for model, noise in product(("catalogue", "stock"), NOISE_DB):
        kind = {"model": model, "sound": "clean" if noise is None else f"noise at {noise:g} dB"}
        gathered: list[tuple[Said, Vocabulary]] = []
        for shop in shops:
            listen = _with_catalogue(own[shop]) if model == "catalogue" else _with_stock()
            sounds = [(text, voice, _spoken(text, voice, noise)) for text in requests[shop] for voice in VOICES]
            said = [(_heard(*sound, listen), vocabularies[shop]) for sound in sounds]
            yield {"data": shop, **kind, **_figures(said)}
            gathered += said
        for voice in VOICES:
            yield {"voice": voice, **kind, **_figures([(one, known) for one, known in gathered if one.voice == voice])}
        yield {"voice": "all", **kind, **_figures(gathered)}


def _rows(shop: str) -> Sequence[ProductRow] | None:
    if shop == "simulated":
        return rows_of(simulate(SimulatorConfig()).products)
    if not DATA.is_dir():
        return None
    return online_retail_rows(DATA) if shop == "online-retail" else magento_rows(DATA)


def _with_catalogue(words: CatalogueWords) -> Callable[[Samples], str]:
    """The catalogue's language model, made already."""
    transcriber = EmbeddedTranscriber()
    transcriber.transcribe(np.zeros(SAMPLING_RATE, np.float32), words)
    return lambda samples: transcriber.transcribe(samples, words).text


def _with_stock() -> Callable[[Samples], str]:
    """The recogniser's own language model, on the sound as it is prepared for the catalogue's."""
    listening = ListeningProcess({"samprate": SAMPLING_RATE, "loglevel": "FATAL"})
    return lambda samples: listening.hear(EmbeddedTranscriber()._prepared(samples).tobytes()).text


def _spoken(text: str, voice: str, noise_db: float | None) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-w", file.name, text], check=True)
        samples = np.pad(decode_audio(file.read()), PAUSE)
    if noise_db is None:
        return samples
    rng = np.random.default_rng(len(text))
    noise = lfilter([0.05, -0.096, 0.0506, -0.0044], [1, -2.4949, 2.0172, -0.5222], rng.standard_normal(len(samples)))
    level = np.sqrt(np.mean(np.square(samples))) * 10 ** (-noise_db / 20)
    mixed: Samples = (samples + noise * (level / noise.std())).astype(np.float32)
    return mixed


def _heard(text: str, voice: str, samples: Samples, listen: Callable[[Samples], str]) -> Said:
    start = time.perf_counter()
    heard = listen(samples)
    return Said(text, voice, len(samples) / SAMPLING_RATE, heard, time.perf_counter() - start)


def _figures(said: Sequence[tuple[Said, Vocabulary]]) -> Row:
    """Word error rate; precision and recall of constraints; seconds of work a second of sound."""
    wanted = [_constraints(one.text, vocabulary) for one, vocabulary in said]
    found = [_constraints(one.heard, vocabulary) for one, vocabulary in said]
    both = sum(len(want & find) for want, find in zip(wanted, found, strict=True))
    return {
        "requests": len(said),
        "wer": round(jiwer.wer([one.text for one, _ in said], [one.heard for one, _ in said]), 3),
        "constraints_precision": round(both / max(sum(map(len, found)), 1), 3),
        "constraints_recall": round(both / sum(map(len, wanted)), 3),
        "seconds_a_second": round(sum(one.took for one, _ in said) / sum(one.seconds for one, _ in said), 2),
    }


def _constraints(text: str, vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """What is understood of a text: prices, stock, and every value wanted or refused."""
    wishes = understand(text, vocabulary).wishes
    limits = {(name, str(getattr(wishes, name))) for name in ("min_price", "max_price") if getattr(wishes, name)}
    values = {"category": wishes.category, "brand": wishes.brand, "keywords": wishes.keywords, **wishes.attributes}
    refused = {f"without {name}": values for name, values in wishes.without.items()}
    stock = {("in_stock", "yes")} if wishes.in_stock else set()
    return limits | stock | {(name, value) for name, own in {**values, **refused}.items() for value in own}

"""The embedded recogniser: what is spoken comes out in the catalogue's words."""

import sys
import time
from threading import Thread

import jiwer
import numpy as np
import pytest

from recommender.base_model.speech.audio import SAMPLING_RATE
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.base_model.speech.choosing import open_transcriber
from recommender.base_model.speech.embedded import EmbeddedConfig, EmbeddedTranscriber
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from recommender.errors import TranscriberError
from schemas import Money
from tests.recommender.base_model.speech.sounds import needs_espeak, pink, spoken
from tests.recommender.conversation.shops import row

ROWS = [
    row("mug", "Stoneware Mug", brand="Oldmill Pottery", category=("Kitchen", "Mugs"), color="Red", material="Ceramic"),
    row("pot", "Cast Iron Teapot", brand="Copper Kettle", category=("Kitchen", "Teapots"), color="Teal"),
    row("boot", "Winter Boots", "80", brand="Strandway", category=("Shoes", "Boots"), material="Leather"),
    row("jumper", "Wool Jumper", "45", brand="Ashgrove", category=("Clothing", "Jumpers"), color="Purple"),
]
WORDS = CatalogueWords.of(ROWS, "GBP")
SAID = (
    "show me a purple jumper no more than sixty pounds",
    "do you have leather boots under ninety pounds",
    "i need a cast iron teapot",
    "anything by oldmill pottery",
)


@pytest.fixture(scope="module")
def transcriber():
    return EmbeddedTranscriber(EmbeddedConfig(requests=4_000))


@needs_espeak
def test_requests_are_heard_and_understood(transcriber):
    heard = [transcriber.transcribe(spoken(text), WORDS) for text in SAID]
    assert jiwer.wer(list(SAID), [one.text for one in heard]) < 0.15
    assert all(0 < one.confidence <= 1 for one in heard)
    wishes = understand(heard[0].text, Vocabulary.from_rows(ROWS)).wishes
    assert wishes.category == ("Jumpers",)
    assert wishes.attributes == {"color": ("Purple",)}
    assert wishes.max_price == Money("60", "GBP")


@needs_espeak
def test_requests_are_heard_in_noise(transcriber):
    said = [np.pad(spoken(text), SAMPLING_RATE // 4) for text in SAID]
    noise = pink(10) / pink(10).std()
    noisy = [sound + 0.32 * sound.std() * noise[: len(sound)] for sound in said]
    heard = [transcriber.transcribe(sound.astype(np.float32), WORDS) for sound in noisy]
    assert jiwer.wer(list(SAID), [one.text for one in heard]) < 0.15


@needs_espeak
def test_another_catalogue_has_other_words(transcriber):
    lamps = CatalogueWords.of([row("lamp", "Desk Lamp", category=("Lamps",), color="Navy")], "GBP")
    said = spoken("a navy desk lamp")
    assert "jumper" not in transcriber.transcribe(spoken(SAID[0]), lamps).text
    assert transcriber.transcribe(said, lamps).text == "a navy desk lamp"
    assert transcriber.transcribe(said, WORDS).text != "a navy desk lamp"


@needs_espeak
def test_the_same_sound_gives_the_same_words_on_many_threads(transcriber):
    sound, found = spoken(SAID[2]), []
    threads = [Thread(target=lambda: found.append(transcriber.transcribe(sound, WORDS))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


@needs_espeak
def test_a_second_voice_note_makes_no_new_language_model(transcriber):
    sound = spoken("a mug")
    transcriber.transcribe(sound, WORDS)
    start = time.perf_counter()
    transcriber.transcribe(sound, WORDS)
    again = time.perf_counter() - start
    fresh = EmbeddedTranscriber(EmbeddedConfig(requests=4_000))
    start = time.perf_counter()
    fresh.transcribe(sound, WORDS)
    assert again < time.perf_counter() - start


def test_sounds_without_words_are_no_confident_words(transcriber):
    for sound in (np.zeros(16_000, np.float32), np.zeros(1, np.float32)):
        assert transcriber.transcribe(sound, WORDS).confidence <= 1


def test_a_catalogue_without_a_word_is_an_error(transcriber):
    with pytest.raises(TranscriberError, match="no product has a title or a category that can be said"):
        transcriber.transcribe(np.zeros(16_000, np.float32), CatalogueWords.of([row("a", "日本")], "GBP"))


def test_without_pocketsphinx_the_error_names_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(TranscriberError, match=r"pip install 'shop-recommender\[speech\]'"):
        open_transcriber(None)


def test_the_config_survives_a_round_trip_and_knows_no_other_fields():
    config = EmbeddedConfig(language_weight=7)
    assert EmbeddedConfig.model_validate_json(config.model_dump_json()) == config
    with pytest.raises(ValueError, match="extra"):
        EmbeddedConfig.model_validate({"beam": 1})

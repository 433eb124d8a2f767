"""Voice notes as a storefront sends them: in a chat and in a search."""

import base64

import numpy as np
import pytest

from recommender.errors import BadAudioError, BadRequestError, TranscriberError
from recommender.shop import Shop
from recommender.shop.voice_notes import EARLIER, SURE, UNCLEAR
from schemas import Constraints, Money, Product, Sound
from tests.recommender.base_model.speech.sounds import file_of, melody, needs_espeak, spoken_file, white
from tests.recommender.base_writers import ScriptedBase
from tests.recommender.fake_encoder import FakeEncoder
from tests.recommender.scripted_transcriber import Scripted, syllables


def note(sound, words=None, kind="wav"):
    data = base64.b64encode(sound if isinstance(sound, bytes) else file_of(sound, kind)).decode()
    part = {"type": "input_audio", "input_audio": {"data": data, "format": kind}}
    return {"role": "user", "content": [*([{"type": "text", "text": words}] if words else []), part]}


@pytest.fixture
def listening(shop_folder):
    """Opens the shop with a transcriber; closed at the end."""
    opened = []

    def listening(transcriber, base_model="none"):
        url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
        opened.append(Shop.open(url, artifacts, base_model, encoder=FakeEncoder(), transcriber=transcriber))
        return opened[-1]

    yield listening
    for shop in opened:
        shop.close()


def test_what_is_said_is_asked_as_if_it_were_written(listening):
    shop = listening(Scripted())
    spoken, written = shop.chat([note(syllables())]), shop.chat([{"role": "user", "content": "a mug under 30 pounds"}])
    assert spoken.wishes == written.wishes
    assert [item.item_id for item in spoken.items] == [item.item_id for item in written.items]
    assert (spoken.heard.sound, spoken.heard.text, spoken.heard.confidence) == (
        Sound.SPEECH,
        "a mug under thirty pounds",
        0.9,
    )
    assert spoken.heard.sure
    assert written.heard is None


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "ogg"])
def test_every_format(listening, kind):
    assert listening(Scripted()).chat([note(syllables(), kind=kind)]).heard.text == "a mug under thirty pounds"


def test_text_and_voice_are_one_request(listening):
    reply = listening(Scripted("under thirty pounds")).chat([note(syllables(), words="a mug")])
    assert reply.wishes.max_price == Money("30", "GBP")
    assert reply.wishes.category == ("Mugs",)


def test_the_catalogues_words_are_expected_and_made_again_only_when_they_change(listening):
    transcriber = Scripted()
    shop = listening(transcriber)
    shop.chat([note(syllables())])
    shop.chat([note(syllables())])
    first, second = transcriber.expected
    assert first is second
    assert "mugs" in {kind for product in first.products for kind in product.kinds}
    known = next(iter(shop.titles()))
    shop.upsert([Product(item_id=known, title="Zanzibar Lantern", price="5", currency="GBP", category=["Lanterns"])])
    shop.chat([note(syllables())])
    assert "zanzibar lantern" in {product.title for product in transcriber.expected[2].products}


def test_the_writer_is_given_the_words_and_no_sound(listening):
    base = ScriptedBase()
    listening(Scripted(), base).chat([note(syllables())])
    assert "a mug under thirty pounds" in base.prompts[0].turns[-1].text


@pytest.mark.parametrize(
    ("sound", "kind", "said"),
    [
        (np.zeros(16_000), Sound.SILENCE, "silent"),
        (white(), Sound.NOISE, "only noise"),
        (melody(), Sound.MUSIC, "only music"),
    ],
)
def test_silence_noise_and_music_are_answered_clearly_and_never_become_words(listening, sound, kind, said):
    transcriber = Scripted()
    shop = listening(transcriber)
    reply = shop.chat([note(sound)])
    assert (reply.heard.sound, reply.heard.text) == (kind, "")
    assert said in reply.text
    with pytest.raises(BadAudioError, match=said):
        shop.search(audio=file_of(sound))
    assert transcriber.expected == []
    beside = shop.chat([note(sound, words="a mug")])
    assert said in beside.text
    assert beside.wishes.category == ("Mugs",)


def test_unsure_words_are_said_back_and_unclear_ones_are_not_taken(listening):
    unsure = listening(Scripted(confidence=(SURE + UNCLEAR) / 2)).chat([note(syllables())])
    assert unsure.text.startswith("I understood “a mug under thirty pounds”")
    assert unsure.wishes.category == ("Mugs",)
    unclear = listening(Scripted(confidence=UNCLEAR / 2)).chat([note(syllables())])
    assert (unclear.heard.text, unclear.wishes.category) == ("", ())
    assert "could not make out the words" in unclear.text
    with pytest.raises(BadAudioError, match="could not be made out"):
        listening(Scripted(confidence=UNCLEAR / 2)).search(audio=file_of(syllables()))


@pytest.mark.parametrize("data", ["https://example.com/a.wav", "/etc/passwd", "AAAA", ""])
def test_what_is_no_sound_is_refused_at_the_call_and_nothing_is_fetched(listening, data):
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    with pytest.raises(BadAudioError):
        listening(Scripted()).stream([{"role": "user", "content": [part]}])


def test_formats_and_shapes_that_are_not_taken(listening):
    shop = listening(Scripted())
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "aiff"}}
    with pytest.raises(BadRequestError, match="'wav', 'mp3', 'flac' or 'ogg'"):
        shop.chat([{"role": "user", "content": [part]}])
    two = note(syllables())["content"] * 2
    with pytest.raises(BadRequestError, match="a message has 2 voice notes; one is listened to"):
        shop.chat([{"role": "user", "content": two}])


def test_earlier_voice_notes_are_not_listened_to_again(listening):
    transcriber = Scripted()
    messages = [note(syllables()), {"role": "assistant", "content": "..."}, {"role": "user", "content": "in red"}]
    reply = listening(transcriber).chat(messages)
    assert transcriber.expected == []
    assert reply.notes == (EARLIER,)


def test_where_nothing_can_listen_text_is_still_answered(listening):
    shop = listening("none")
    reply = shop.chat([note(syllables(), words="a mug")])
    assert reply.heard.sound is Sound.UNHEARD
    assert reply.wishes.category == ("Mugs",)
    assert "could not listen" in reply.text
    assert reply.notes == ("the voice note could not be listened to: this shop takes no voice notes",)
    with pytest.raises(TranscriberError, match="takes no voice notes"):
        shop.search(audio=file_of(syllables()))


def test_a_transcriber_that_breaks_is_no_reason_to_go_without_an_answer(listening):
    class Broken(Scripted):
        def transcribe(self, samples, words):
            raise TranscriberError("broken failed: out of memory")

    reply = listening(Broken()).chat([note(syllables(), words="a mug")])
    assert reply.items
    assert "out of memory" in reply.notes[0]


def test_the_environment_names_the_transcriber_and_a_failure_is_remembered(listening, monkeypatch):
    monkeypatch.setenv("TRANSCRIBER", "/no/such/recogniser")
    shop = listening(None)
    assert shop.recommend(None).items
    for _ in range(2):
        assert "there is no folder /no/such/recogniser" in shop.chat([note(syllables())]).notes[0]


def test_a_search_by_voice(listening):
    shop = listening(Scripted())
    found = shop.search(audio=file_of(syllables()), k=5)
    assert found.heard.text == "a mug under thirty pounds"
    assert all("Mugs" in item.row.category for item in found.items)
    both = shop.search("red", audio=file_of(syllables()), constraints=Constraints(max_price=Money("20", "GBP")))
    assert all(item.row.price <= Money("20", "GBP") for item in both.items)
    assert shop.search("a mug").heard is None


@needs_espeak
def test_a_spoken_request_is_heard_by_the_embedded_recogniser(listening):
    reply = listening("embedded").chat([note(spoken_file("show me leather boots under sixty pounds please"))])
    assert reply.heard.sound is Sound.SPEECH
    assert reply.wishes.category == ("Boots",)
    assert reply.wishes.max_price == Money("60", "GBP")

"""The voice notes of a request: decoded, judged, and put into words by a transcriber that is loaded when one comes."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from recommender.base_model.protocols import Transcriber
from recommender.base_model.speech.activity import sound_of
from recommender.base_model.speech.audio import Samples, decode_audio, decode_base64
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.conversation.vocabulary import Vocabulary
from recommender.errors import BadAudioError, BadRequestError, TranscriberError
from recommender.shop.serving import View
from schemas import Heard, Message, Sound
from schemas.conversation import MAX_MESSAGE_LENGTH, TextPart

SURE: Final = 0.6
"""Confidence from which on the reply does not ask back."""
UNCLEAR: Final = 0.35
"""Confidence below which words are not taken for what was said."""
RETRY_SECONDS: Final = 60.0
EARLIER: Final = "earlier voice notes are not listened to again; send the text that was heard in their place"
_NOTHING: Final = {
    Sound.SILENCE: "it is silent",
    Sound.NOISE: "it is only noise",
    Sound.MUSIC: "it is only music or tones",
    Sound.SPEECH: "its words could not be made out",
}


class VoiceNotes:
    """Listens to voice notes. Thread-safe.

    Parameters
    ----------
    load : opens the transcriber, at the first voice note; where it raises, it is not asked again for a minute
    """

    def __init__(self, load: Callable[[], Transcriber]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._transcriber: Transcriber | None = None
        self._failure: tuple[str, float] | None = None
        self._words: tuple[Vocabulary, CatalogueWords] | None = None

    def hear(self, view: View, samples: Samples) -> Heard:
        """What kind of sound it is, and of speech the words; raises TranscriberError where nobody can listen."""
        sound = sound_of(samples)
        if sound is not Sound.SPEECH:
            return Heard(sound=sound)
        said = self._ready().transcribe(samples, self._words_of(view))
        confidence = min(max(said.confidence, 0.0), 1.0)
        clear = bool(said.text) and confidence >= UNCLEAR
        text = said.text[:MAX_MESSAGE_LENGTH] if clear else ""
        return Heard(sound=sound, text=text, confidence=confidence, sure=clear and confidence >= SURE)

    def _ready(self) -> Transcriber:
        with self._loading:
            if self._transcriber is not None:
                return self._transcriber
            if self._failure is not None and time.monotonic() < self._failure[1]:
                raise TranscriberError(self._failure[0])
            try:
                self._transcriber = self._load()
            except Exception as error:  # whatever keeps it from loading is said in the reply
                text = str(error) if isinstance(error, TranscriberError) else f"{type(error).__name__}: {error}"
                self._failure = (text, time.monotonic() + RETRY_SECONDS)
                raise TranscriberError(text) from error
            return self._transcriber

    def _words_of(self, view: View) -> CatalogueWords:
        """Made once for each vocabulary; the same as before where nothing that can be said has changed."""
        vocabulary, kept = view.vocabulary, self._words
        if kept is not None and kept[0] is vocabulary:
            return kept[1]
        words = CatalogueWords.of(view.columns.product_rows(datetime.now(UTC)), vocabulary.currency)
        if kept is not None and kept[1].says_the_same(words):
            words = kept[1]
        self._words = (vocabulary, words)
        return words


@dataclass(frozen=True)
class Listened:
    """Messages with the words of the last one's voice note as text; ``notes`` say what went wrong."""

    messages: Sequence[Message]
    heard: Heard | None = None
    notes: tuple[str, ...] = ()


def listened(messages: Sequence[Message], voice_notes: VoiceNotes, view: View) -> Listened:
    """Hear the voice note of the shopper's last message; earlier ones are not listened to again.

    Raises
    ------
    BadRequestError : more than one in that message
    BadAudioError : one that cannot be read
    """
    asked = [place for place, message in enumerate(messages) if message.role == "user"]
    earlier = (EARLIER,) if any(messages[place].voice_notes for place in asked[:-1]) else ()
    if not asked or not messages[asked[-1]].voice_notes:
        return Listened(messages, notes=earlier)
    last = messages[asked[-1]]
    if len(last.voice_notes) > 1:
        raise BadRequestError(f"a message has {len(last.voice_notes)} voice notes; one is listened to, send one")
    try:
        heard = voice_notes.hear(view, decode_base64(last.voice_notes[0]))
    except TranscriberError as error:
        note = f"the voice note could not be listened to: {error}"
        return Listened(messages, Heard(sound=Sound.UNHEARD), (*earlier, note))
    said = [*messages]
    said[asked[-1]] = last.model_copy(update={"content": (*last.content, TextPart(text=heard.text))})
    return Listened(said, heard, earlier)


def heard_in(audio: bytes, voice_notes: VoiceNotes, view: View) -> Heard:
    """What a search's sound says; raises BadAudioError where that is nothing."""
    heard = voice_notes.hear(view, decode_audio(audio))
    if not heard.text:
        raise BadAudioError(f"no words were heard in the sound: {_NOTHING[heard.sound]}; say it again or write it")
    return heard

"""What was heard in a voice note."""

from enum import StrEnum

from pydantic import Field

from schemas.base import Contract


class Sound(StrEnum):
    """``UNHEARD``: nobody could listen to it."""

    SPEECH = "speech"
    SILENCE = "silence"
    NOISE = "noise"
    MUSIC = "music"
    UNHEARD = "unheard"


class Heard(Contract):
    """A voice note as it was understood: its kind of sound, and of speech the words.

    ``text`` is "" where no words were made out; ``confidence`` is how sure the recogniser is of them. Where ``sure`` is
    false, the reply says what was understood and asks back.
    """

    sound: Sound
    text: str = ""
    confidence: float = Field(default=0.0, ge=0, le=1)
    sure: bool = False

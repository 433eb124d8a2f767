"""What a reply says of a voice note: what was understood where that is not sure, and why where nothing was."""

from datetime import datetime
from typing import Final

from recommender.text import clean
from schemas import Claim, Heard, Sentence, Sound
from schemas.conversation import ClaimKind, Origin

HEARD: Final = "heard"
MAX_QUOTED: Final = 300
_BEFORE, _AFTER = "I understood \u201c", "\u201d; if you meant something else, please say it again or write it."
_NO_WORDS: Final = "I could not make out the words of your voice note; please say it again or write it."
_NOTHING: Final = {
    Sound.SILENCE: "I heard nothing in your voice note: it is silent.",
    Sound.NOISE: "I heard no words in your voice note, only noise.",
    Sound.MUSIC: "I heard no words in your voice note, only music or tones.",
    Sound.UNHEARD: "I could not listen to your voice note; please write what you are looking for.",
}


def said_of(heard: Heard | None, request_id: str, as_of: datetime) -> Sentence | None:
    """A sentence about a voice note, with a claim for what it quotes; None where all is well."""
    if heard is None or heard.sure:
        return None
    if not heard.text:
        return Sentence(text=_NOTHING.get(heard.sound, _NO_WORDS), origin=Origin.TEMPLATE)
    quoted = clean(heard.text, MAX_QUOTED)
    claim = Claim(
        kind=ClaimKind.REQUEST,
        subject=request_id,
        field=HEARD,
        value=quoted,
        source="voice note",
        as_of=as_of,
        confidence=heard.confidence,
        span=(len(_BEFORE), len(_BEFORE) + len(quoted)),
    )
    return Sentence(text=f"{_BEFORE}{quoted}{_AFTER}", origin=Origin.TEMPLATE, claims=(claim,))

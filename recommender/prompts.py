"""What a base model is asked: text, photos, and what it may write. Conversation asks, base models answer."""

from dataclasses import dataclass
from typing import Literal

from PIL.Image import Image

from schemas import Mode


@dataclass(frozen=True, slots=True)
class PromptTurn:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a constrained writer may write: sentences of plain ``words``, marks, and ``slots``, and nothing else.

    Attributes
    ----------
    slots : as written, "[[P1.price]]"; those that have a value
    words : lower case; at the start of a sentence they are written with a capital
    own_words : further words, of the rows in this prompt; apart because they differ from prompt to prompt
    max_sentences : at least 1
    """

    slots: tuple[str, ...]
    words: frozenset[str]
    own_words: frozenset[str] = frozenset()
    max_sentences: int = 12


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to a base model.

    Attributes
    ----------
    turns : a system turn, then user and assistant turns in alternation; the last is a user's
    photos : RGB, already decoded and bounded in size; they are shown at the start of the first user turn
    allowed : None lets the model write anything; the answer is checked either way
    mode : of the request; a reasoning model may think longer for one than for another
    seed : the same seed on the same machine gives the same answer, where the model can promise it
    """

    turns: tuple[PromptTurn, ...]
    photos: tuple[Image, ...] = ()
    allowed: Allowed | None = None
    mode: Mode = Mode.SHOPPING
    seed: int = 0
    max_new_tokens: int = 320

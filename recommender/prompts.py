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
class Topic:
    """What a sentence of one kind may be made of, beside marks.

    Attributes
    ----------
    words : plain ones, and phrases of such, lower case; at the start of a sentence they are written with a capital
    own_words : further words, that only this prompt can tell; apart because they differ from prompt to prompt
    slots : as written, "[[P1.price]]"; those that have a value
    needs : one of these slots or words must be in the sentence; those not listed above as well once, before any own
        word, and after one slot at most that stands at the start, so that no sentence is well under way without it;
        empty: none need be
    begins_with_word : a slot may not be what a sentence begins with; of topics that have words and needs among them
    """

    words: frozenset[str] = frozenset()
    own_words: frozenset[str] = frozenset()
    slots: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    begins_with_word: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a constrained writer may write: sentences of one topic each, and nothing else."""

    topics: tuple[Topic, ...]
    max_sentences: int = 12

    @property
    def own_words(self) -> frozenset[str]:
        """Of all topics."""
        return frozenset(word for topic in self.topics for word in topic.own_words)


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

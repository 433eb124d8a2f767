"""Conversation: messages in, a grounded reply out."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from schemas.base import Contract, UtcDatetime
from schemas.catalog import Attributes
from schemas.ids import Identifier
from schemas.money import Money
from schemas.recommendation import RankedItem

MAX_MESSAGE_LENGTH = 8_000
MAX_MESSAGES = 200


class Mode(StrEnum):
    FAST = "fast"
    SHOPPING = "shopping"


class Surface(StrEnum):
    WEB = "web"


class TextPart(Contract):
    type: Literal["text"] = "text"
    text: str = Field(max_length=MAX_MESSAGE_LENGTH)


class Message(Contract):
    """One message in the chat-completions format."""

    role: Literal["system", "user", "assistant"]
    content: Annotated[str, Field(max_length=MAX_MESSAGE_LENGTH)] | tuple[TextPart, ...]

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content)


class Wishes(Contract):
    """What the shopper asked for, folded over the turns so far. ``keywords`` are title words of the catalogue."""

    min_price: Money | None = None
    max_price: Money | None = None
    in_stock: bool = False
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    attributes: Attributes = Field(default_factory=dict)
    without: Attributes = Field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Words of the last message that no rule and no word of the catalogue explains."""


class Seen(Contract):
    """One thing a photo shows: ``field`` is "category" or an attribute, ``value`` as the catalogue spells it."""

    field: str
    value: str
    confidence: float = Field(ge=0, le=1)


class ClaimKind(StrEnum):
    PRODUCT = "product"
    COMPARISON = "comparison"
    REASON = "reason"
    PHOTO = "photo"
    REQUEST = "request"


class Claim(Contract):
    """One fact said in a reply. ``span`` = [start, end) in the reply's text, in characters."""

    kind: ClaimKind
    subject: Identifier
    field: str
    value: str
    source: str
    as_of: UtcDatetime
    confidence: float = Field(ge=0, le=1)
    span: tuple[NonNegativeInt, NonNegativeInt]


class Origin(StrEnum):
    MODEL = "model"
    RETRY = "retry"
    TEMPLATE = "template"


class Sentence(Contract):
    text: str
    origin: Origin
    claims: tuple[Claim, ...] = ()


class Reply(Contract):
    """An answer: the ranked items, and text whose every fact is a claim.

    ``text`` is the sentences joined by one space (a newline before a list line); the spans of ``claims`` index it.
    ``relaxed`` names the wishes that had to be dropped to find anything; ``notes`` says what went wrong, if anything.
    """

    request_id: Identifier
    session_id: Identifier
    mode: Mode
    text: str
    items: tuple[RankedItem, ...]
    sentences: tuple[Sentence, ...]
    wishes: Wishes
    relaxed: tuple[str, ...] = ()
    shortfall: int = Field(default=0, ge=0)
    notes: tuple[str, ...] = ()
    as_of: UtcDatetime

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for sentence in self.sentences for claim in sentence.claims)


class ItemsChunk(Contract):
    type: Literal["items"] = "items"
    request_id: Identifier
    items: tuple[RankedItem, ...]


class SentenceChunk(Contract):
    type: Literal["sentence"] = "sentence"
    sentence: Sentence


class DoneChunk(Contract):
    type: Literal["done"] = "done"
    reply: Reply


ReplyChunk = Annotated[ItemsChunk | SentenceChunk | DoneChunk, Field(discriminator="type")]
"""A stream is: one ``items``, any number of ``sentence``, one ``done`` that carries the whole reply."""

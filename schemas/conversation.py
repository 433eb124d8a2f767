"""Conversation: messages in, a grounded reply out."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, NonNegativeInt, Tag
from pydantic_core import PydanticCustomError

from schemas.base import Contract, UtcDatetime
from schemas.catalog import Attributes
from schemas.ids import Identifier
from schemas.money import Money
from schemas.personal_data import without_personal_data
from schemas.recommendation import RankedItem

MAX_MESSAGE_LENGTH = 8_000
MAX_MESSAGES = 200
MAX_PARTS = 50
MAX_PHOTO_URL_LENGTH = 14_000_000
"""Characters of a data URL: base64 of a photo of 10 MB."""


class Mode(StrEnum):
    FAST = "fast"
    SHOPPING = "shopping"


class Surface(StrEnum):
    WEB = "web"


def _written(text: str) -> str:
    """What was written, if it is not too long, without personal data."""
    _require_at_most(MAX_MESSAGE_LENGTH, len(text), "characters")
    return without_personal_data(text)


def _require_at_most(most: int, got: int, of: str) -> None:
    if got > most:
        limit = {"most": f"{most:,}", "got": f"{got:,}", "of": of}
        raise PydanticCustomError("too_much", "a message has at most {most} {of}, got {got}; shorten it", limit)


WrittenText = Annotated[str, Field(min_length=0), AfterValidator(_written)]
"""With a constraint, so that half a surrogate pair is refused: without one, pydantic does not look into a text."""


class TextPart(Contract):
    """As every part and message of the chat-completions format: keys that are not named here are ignored."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["text"] = "text"
    text: WrittenText


class PhotoUrl(Contract):
    model_config = ConfigDict(extra="ignore")

    url: str = Field(max_length=MAX_PHOTO_URL_LENGTH)


class PhotoPart(Contract):
    model_config = ConfigDict(extra="ignore")

    type: Literal["image_url"] = "image_url"
    image_url: PhotoUrl


_REFUSED_PARTS = {
    "input_audio": "voice notes are not understood yet; send what they say as a part of type 'text'",
    "file": "files are not read; send text as a part of type 'text', and photos as parts of type 'image_url'",
}


def _known(part: object) -> object:
    """A part of a type that is understood; raises for others, in words for whoever sent it."""
    kind = part.get("type") if isinstance(part, Mapping) else getattr(part, "type", None)
    if kind in ("text", "image_url"):
        return part
    refusal = _REFUSED_PARTS.get(kind) if isinstance(kind, str) else None
    known = "a part has the type 'text' or 'image_url', got {kind}"
    raise PydanticCustomError("unknown_part", known if refusal is None else refusal, {"kind": f"{kind!r:.40}"})


def _form(content: object) -> str:
    return "text" if isinstance(content, str) else "parts"


def _bounded(parts: tuple["Part", ...]) -> tuple["Part", ...]:
    """Parts that are not too many, and whose texts together are not too long."""
    _require_at_most(MAX_PARTS, len(parts), "parts")
    written = sum(len(part.text) for part in parts if isinstance(part, TextPart))
    _require_at_most(MAX_MESSAGE_LENGTH, written, "characters in all its parts")
    return parts


Part = Annotated[TextPart | PhotoPart, Field(discriminator="type"), BeforeValidator(_known)]
Content = Annotated[
    Annotated[WrittenText, Tag("text")] | Annotated[tuple[Part, ...], AfterValidator(_bounded), Tag("parts")],
    Discriminator(_form),
]


class Message(Contract):
    """One message in the chat-completions format. Its text is what was written without personal data."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "user", "assistant"]
    content: Content

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def photo_urls(self) -> tuple[str, ...]:
        if isinstance(self.content, str):
            return ()
        return tuple(part.image_url.url for part in self.content if isinstance(part, PhotoPart))


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

"""Conversation: messages in, a grounded reply out."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, NonNegativeInt, Tag
from pydantic_core import PydanticCustomError

from schemas.base import Contract, UtcDatetime
from schemas.catalog import Attributes
from schemas.hearing import Heard
from schemas.ids import Identifier
from schemas.money import Money
from schemas.personal_data import without_personal_data
from schemas.recommendation import RankedItem
from schemas.rules import MAX_BOOST

MAX_MESSAGE_LENGTH = 8_000
MAX_MESSAGES = 200
MAX_PARTS = 50
MAX_PHOTO_URL_LENGTH = 14_000_000
"""Characters of a data URL: base64 of a photo of 10 MB."""
MAX_VOICE_NOTE_LENGTH = 16_800_000
"""Characters of base64: a file of 12 MB."""


class Mode(StrEnum):
    FAST = "fast"
    SHOPPING = "shopping"
    CONTEMPLATING = "contemplating"


class Surface(StrEnum):
    """Where a reply is read: ``web`` as Markdown, ``messenger`` as plain text of at most 1,000 characters, ``glasses``
    as one spoken sentence without symbols, ``api`` as fields, for a program that writes for itself."""

    WEB = "web"
    MESSENGER = "messenger"
    GLASSES = "glasses"
    API = "api"


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


class VoiceNote(Contract):
    """``data``: the bytes of a file in base64. Which format it is, is read from its content."""

    model_config = ConfigDict(extra="ignore")

    data: str = Field(max_length=MAX_VOICE_NOTE_LENGTH)
    format: Literal["wav", "mp3", "flac", "ogg"]


class VoiceNotePart(Contract):
    model_config = ConfigDict(extra="ignore")

    type: Literal["input_audio"] = "input_audio"
    input_audio: VoiceNote


_REFUSED_PARTS = {
    "file": "files are not read; send text as a part of type 'text', photos as parts of type 'image_url', and voice "
    "notes as parts of type 'input_audio'",
}


def _known(part: object) -> object:
    """A part of a type that is understood; raises for others, in words for whoever sent it."""
    kind = part.get("type") if isinstance(part, Mapping) else getattr(part, "type", None)
    if kind in ("text", "image_url", "input_audio"):
        return part
    refusal = _REFUSED_PARTS.get(kind) if isinstance(kind, str) else None
    known = "a part has the type 'text', 'image_url' or 'input_audio', got {kind}"
    raise PydanticCustomError("unknown_part", known if refusal is None else refusal, {"kind": f"{kind!r:.40}"})


def _form(content: object) -> str:
    return "text" if isinstance(content, str) else "parts"


def _bounded(parts: tuple["Part", ...]) -> tuple["Part", ...]:
    """Parts that are not too many, and whose texts together are not too long."""
    _require_at_most(MAX_PARTS, len(parts), "parts")
    written = sum(len(part.text) for part in parts if isinstance(part, TextPart))
    _require_at_most(MAX_MESSAGE_LENGTH, written, "characters in all its parts")
    return parts


Part = Annotated[TextPart | PhotoPart | VoiceNotePart, Field(discriminator="type"), BeforeValidator(_known)]
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

    @property
    def voice_notes(self) -> tuple[str, ...]:
        """The files of the voice notes, in base64."""
        if isinstance(self.content, str):
            return ()
        return tuple(part.input_audio.data for part in self.content if isinstance(part, VoiceNotePart))


class Wishes(Contract):
    """What the shopper asked for, folded over the turns so far. ``keywords`` are title words of the catalogue.

    ``recipient`` is whom it is for ("aunt", "6 year old") and ``occasion`` what for ("birthday"): they limit nothing.
    """

    min_price: Money | None = None
    max_price: Money | None = None
    in_stock: bool = False
    category: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    attributes: Attributes = Field(default_factory=dict)
    without: Attributes = Field(default_factory=dict)
    keywords: tuple[str, ...] = ()
    recipient: tuple[str, ...] = ()
    occasion: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    """Words of the last message that no rule and no word of the catalogue explains."""


class DialogueState(Contract):
    """What a conversation has come to after a turn, and where the next one starts.

    ``past`` are the wishes after each turn that changed them, oldest first; ``shown`` is the latest list, ``focus`` the
    item talked of last; ``like`` is an item that others are to be like, ``beside`` one that they are to go with;
    ``liked``, ``disliked`` and ``set_aside`` are items of this conversation, the last not to be shown again;
    ``talked_of`` were pointed at by one message, ``dwelt_on`` by several, without being liked or turned down before;
    ``asked`` are the fields the shopper was asked about.
    """

    wishes: Wishes = Wishes()
    past: tuple[Wishes, ...] = ()
    shown: tuple[Identifier, ...] = ()
    focus: Identifier | None = None
    like: Identifier | None = None
    beside: Identifier | None = None
    liked: tuple[Identifier, ...] = ()
    disliked: tuple[Identifier, ...] = ()
    set_aside: tuple[Identifier, ...] = ()
    talked_of: tuple[Identifier, ...] = ()
    dwelt_on: tuple[Identifier, ...] = ()
    asked: tuple[str, ...] = ()


class Question(Contract):
    """What the reply asks: which value of a field is wanted.

    ``options`` are values of the candidates, commonest first. ``gain`` is by how much the answer is expected to raise
    the chance that what is wanted is in the next list; 0 where a photo is asked about, which does not show for sure
    what it is of.
    """

    field: str
    options: tuple[str, ...]
    gain: float


class ComparedField(Contract):
    """One line of a comparison: a value for each item, None where its row has none."""

    field: str
    values: tuple[str | None, ...]


class Comparison(Contract):
    """What differs between items, from the row of each; ``item_ids`` in the order of rank."""

    item_ids: tuple[Identifier, ...]
    fields: tuple[ComparedField, ...]


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


class Candidate(Contract):
    """An item that an agent proposes. In a merged proposal ``strength`` is what its score gains, in deviations."""

    item_id: Identifier
    strength: float = Field(gt=0, le=MAX_BOOST, allow_inf_nan=False)


class SetPart(Contract):
    item_id: Identifier
    quantity: int = Field(ge=1)


class SetAside(Contract):
    """A wish that was dropped or widened: its field, and its value in the words a shopper reads."""

    field: str
    value: str


class Proposal(Contract):
    """What an agent of contemplating proposes; ranking decides.

    ``wishes`` take the place of the shopper's in the ranking (None: theirs stand), and ``set_aside`` says what of
    theirs that leaves out; ``vetoes`` are never shown; ``parts`` are a set of items that is the whole answer and
    together may cost ``budget``.
    """

    candidates: tuple[Candidate, ...] = ()
    wishes: Wishes | None = None
    set_aside: tuple[SetAside, ...] = ()
    vetoes: tuple[Identifier, ...] = ()
    parts: tuple[SetPart, ...] = ()
    budget: Money | None = None


class AgentState(StrEnum):
    """``late``: time was up before it was done, and it was told to stop; ``cancelled``: it was not started."""

    READY = "ready"
    LATE = "late"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AgentRun(Contract):
    """One agent's part in a reply; times are milliseconds from its beginning. ``reason``: why it is not ready."""

    agent: str
    state: AgentState
    started_ms: float
    finished_ms: float | None = None
    budget_ms: float
    proposal: Proposal = Proposal()
    reason: str = ""


class Trace(Contract):
    """How contemplating came to its items: enough to merge the proposals and to rank once more.

    ``wishes`` and ``k`` are what was asked, ``excluded`` is what the conversation has set aside, ``first_request_id``
    the ranking of that alone; ``merged`` is what went into the second ranking, ``request_id``, whose items were shown.
    Without a second one the ids are the same.
    """

    deadline_ms: int
    items_ms: float
    wishes: Wishes
    excluded: tuple[Identifier, ...] = ()
    k: int
    agents: tuple[AgentRun, ...]
    merged: Proposal
    first_request_id: Identifier
    request_id: Identifier

    @property
    def late(self) -> tuple[str, ...]:
        return tuple(run.agent for run in self.agents if run.state is AgentState.LATE)


class Reply(Contract):
    """An answer: the ranked items, and text whose every fact is a claim.

    ``text`` is the sentences joined by one space (a newline before a list line); the spans of ``claims`` index it.
    ``relaxed`` names the wishes that had to be dropped to find anything; ``notes`` says what went wrong, if anything.
    ``state`` is what the conversation has come to, kept under its session id for the next message; ``trace`` says what
    the agents did, in contemplating; ``heard`` is what a voice note was understood to say.
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
    question: Question | None = None
    comparison: Comparison | None = None
    state: DialogueState = DialogueState()
    notes: tuple[str, ...] = ()
    heard: Heard | None = None
    as_of: UtcDatetime
    trace: Trace | None = None

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

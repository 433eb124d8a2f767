"""The demo's report: one self-contained HTML page that a person can judge the engine by."""

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from recommender.wording import price_text, reason_text
from schemas import EventKind, Money, RankedItem, Sentence
from schemas.conversation import Origin

TEMPLATE: Final = "report.html.j2"
LOCALE: Final = "en_GB"
SIGNATURES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
ACRONYMS: Final = {"als": "ALS", "ease": "EASE", "slim": "SLIM"}

ORIGINS: Final = {
    Origin.MODEL: "by the model",
    Origin.RETRY: "by the model at its second try",
    Origin.TEMPLATE: "from the template",
}
DEEDS: Final = {
    EventKind.IMPRESSION: "Shown",
    EventKind.VIEW: "Viewed",
    EventKind.CLICK: "Clicked",
    EventKind.ADD_TO_CART: "Put in the cart",
    EventKind.REMOVE_FROM_CART: "Took out of the cart",
    EventKind.WISHLIST: "Wished for",
    EventKind.PURCHASE: "Bought",
    EventKind.REFUND: "Sent back",
    EventKind.SEARCH: "Searched",
    EventKind.LIKE: "Liked",
    EventKind.DISLIKE: "Disliked",
    EventKind.DWELL: "Looked at length at",
    EventKind.ALIAS: "Logged in",
}


@dataclass(frozen=True)
class ShopFacts:
    """How large the shop is. The events lie between ``first_at`` and ``last_at``."""

    products: int
    categories: int
    shoppers: int
    events: Mapping[EventKind, int]
    first_at: datetime
    last_at: datetime

    @property
    def n_events(self) -> int:
        return sum(self.events.values())


@dataclass(frozen=True)
class IngestRow:
    """What became of one file's rows."""

    name: str
    accepted: int
    duplicated: int
    rejected: int
    seconds: float


@dataclass(frozen=True)
class ModelScore:
    """Figures in [0, 1] on the held-out future."""

    name: str
    recall: float
    ndcg: float
    coverage: float


@dataclass(frozen=True)
class EvaluationTable:
    """Every single model and the blend, measured on ``users`` shoppers from ``split_at`` on.

    ``weights`` are the blend's: name of the member -> weight.
    """

    split_at: datetime
    users: int
    models: tuple[ModelScore, ...]
    blend: ModelScore
    baseline: ModelScore
    weights: Mapping[str, float]
    k: int = 10

    @property
    def rows(self) -> list[ModelScore]:
        """The blend first, then the models by NDCG, best first."""
        return [self.blend, *sorted(self.models, key=lambda score: (-score.ndcg, score.name))]

    @property
    def members(self) -> list[tuple[str, float]]:
        """The members with a weight, heaviest first, with their share of the total."""
        total = sum(self.weights.values()) or 1.0
        used = [(name, weight / total) for name, weight in self.weights.items() if weight > 0]
        return sorted(used, key=lambda member: (-member[1], member[0]))

    @property
    def lift(self) -> float | None:
        """The blend's NDCG as a multiple of the baseline's; None where the baseline found nothing."""
        return self.blend.ndcg / self.baseline.ndcg if self.baseline.ndcg else None


@dataclass(frozen=True)
class Signal:
    """Something a shopper did lately; ``title`` is the product's, or the words searched for."""

    kind: EventKind
    title: str
    occurred_at: datetime
    item_id: str | None = None


@dataclass(frozen=True)
class Timing:
    """Seconds from the question to the items, to the first sentence and to the end of the reply."""

    items: float
    first_sentence: float
    whole: float


@dataclass(frozen=True)
class Turn:
    """One turn of a chat: the shopper's with the photo they showed, or the shop's with its products and sentences."""

    who: Literal["shopper", "shop"]
    text: str
    photo: bytes = b""
    items: tuple[RankedItem, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    notes: tuple[str, ...] = ()
    timing: Timing | None = None

    @property
    def origins(self) -> dict[Origin, int]:
        """How many sentences came from where; without those from which none came."""
        counts = Counter(sentence.origin for sentence in self.sentences)
        return {origin: counts[origin] for origin in Origin if counts[origin]}


@dataclass(frozen=True)
class Chat:
    title: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class ShopperStory:
    """One shopper: what they did, what they are recommended, and chats with them."""

    user_id: str
    signals: tuple[Signal, ...]
    items: tuple[RankedItem, ...]
    chats: tuple[Chat, ...] = ()

    @property
    def turns(self) -> tuple[Turn, ...]:
        return tuple(turn for chat in self.chats for turn in chat.turns)


@dataclass(frozen=True)
class DemoReport:
    """All that the page shows. ``photos`` maps an item id to the bytes of a PNG or JPEG file."""

    title: str
    generated_at: datetime
    facts: ShopFacts
    ingest: tuple[IngestRow, ...]
    evaluation: EvaluationTable
    shoppers: tuple[ShopperStory, ...]
    photos: Mapping[str, bytes] = field(default_factory=dict)


def render_report(report: DemoReport) -> str:
    """The page as HTML: styles and photos inline, no script, nothing loaded from elsewhere.

    Text from the shop is escaped. A product without a photo shows its initial instead.
    """
    return (
        environment()
        .get_template(TEMPLATE)
        .render(report=report, photo=lambda item_id: data_uri(report.photos.get(item_id, b"")))
    )


def data_uri(content: bytes) -> Markup | None:
    """None for what is neither PNG nor JPEG."""
    kind = next((name for signature, name in SIGNATURES.items() if content.startswith(signature)), None)
    if kind is None:
        return None
    return Markup(f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}")  # noqa: S704


def environment() -> Environment:
    """Templates of this folder: everything is escaped, and nothing may be missing."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=lambda value: format_decimal(value, locale=LOCALE),
        figure=lambda value: format_decimal(value, format="0.000", locale=LOCALE),
        percent=lambda value: format_percent(value, locale=LOCALE),
        share=lambda value, most: round(100 * value / most, 1) if most else 0,
        money=_money,
        day=lambda value: format_date(value, "d MMM y", locale=LOCALE),
        moment=lambda value: format_datetime(value, "d MMM y, HH:mm", locale=LOCALE),
        deed=DEEDS.__getitem__,
        words=reason_text,
        model=_model_name,
        data_uri=data_uri,
        origin=ORIGINS.__getitem__,
        origins=origins_in_words,
        seconds=_seconds,
    )
    return made


def _money(price: Money | None) -> str:
    return "price on request" if price is None else price_text(price)


def _model_name(name: str) -> str:
    return ACRONYMS.get(name) or name.replace("_", " ").capitalize()


def origins_in_words(turn: Turn) -> str:
    """As in "3 sentences by the model, 1 from the template"; "" for a turn without sentences."""
    parts = [f"{count} {ORIGINS[origin]}" for origin, count in turn.origins.items()]
    if not parts:
        return ""
    first, _, rest = parts[0].partition(" ")
    return ", ".join([f"{first} sentence{'' if first == '1' else 's'} {rest}", *parts[1:]])


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"

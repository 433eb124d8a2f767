"""Contracts between the packages, and with the world outside. No I/O, no imports of ours."""

from schemas.catalog import Availability, Product, ProductRow, Variant
from schemas.columns import Columns
from schemas.conversation import (
    Claim,
    Comparison,
    DialogueState,
    Message,
    Mode,
    Question,
    Reply,
    ReplyChunk,
    Seen,
    Sentence,
    Surface,
    Trace,
    Wishes,
)
from schemas.events import Event, EventKind
from schemas.hearing import Heard, Sound
from schemas.money import Money
from schemas.recommendation import (
    Asked,
    Constraints,
    Explanation,
    Influence,
    Prepared,
    RankedItem,
    Reason,
    ReasonKind,
    Recommendations,
)
from schemas.rules import Boost, Diversity, Effects, Exploration, Filter, FrequencyCap, Promotion, Rules

__all__ = [
    "Asked",
    "Availability",
    "Boost",
    "Claim",
    "Columns",
    "Comparison",
    "Constraints",
    "DialogueState",
    "Diversity",
    "Effects",
    "Event",
    "EventKind",
    "Explanation",
    "Exploration",
    "Filter",
    "FrequencyCap",
    "Heard",
    "Influence",
    "Message",
    "Mode",
    "Money",
    "Prepared",
    "Product",
    "ProductRow",
    "Promotion",
    "Question",
    "RankedItem",
    "Reason",
    "ReasonKind",
    "Recommendations",
    "Reply",
    "ReplyChunk",
    "Rules",
    "Seen",
    "Sentence",
    "Sound",
    "Surface",
    "Trace",
    "Variant",
    "Wishes",
]

"""What a writer is given: the ranked items and the wishes, and nothing that it could change."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from PIL.Image import Image

from recommender.conversation.critiques import Move
from recommender.conversation.understanding import SmallTalk
from recommender.conversation.vocabulary import Vocabulary
from schemas import Mode, Money, Question, RankedItem, Reason, Seen, Surface, Wishes


@dataclass(frozen=True, slots=True)
class Dropped:
    """A wish that was set aside: its field, and its value in the words a shopper reads."""

    field: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


@dataclass(frozen=True)
class WritingContext:
    """One request, ready to be written about.

    ``relaxed`` are the wishes dropped because nothing fulfilled them all, ``foreign_prices`` those in a currency this
    shop does not use; ``k`` is how many items were asked for;
    ``total`` is what the items cost together where they are a set, None elsewhere; ``request`` is the shopper's last
    message, ``move`` what it asks other than a search; ``question`` is what the reply should ask; ``in_english``:
    whether the request is; ``seen`` is what the shopper's photos were found to show.
    """

    request_id: str
    session_id: str
    as_of: datetime
    items: tuple[RankedItem, ...]
    k: int
    shortfall: int
    cold_start: bool
    wishes: Wishes
    relaxed: tuple[Dropped, ...]
    foreign_prices: tuple[Dropped, ...]
    small_talk: SmallTalk | None
    mode: Mode
    surface: Surface
    vocabulary: Vocabulary
    request: str = ""
    move: Move | None = None
    question: Question | None = None
    in_english: bool = True
    photos: tuple[Image, ...] = ()
    seen: tuple[Seen, ...] = ()
    several_in_photo: bool = False
    total: Money | None = None

    @cached_property
    def reasons(self) -> tuple[tuple[int, Reason], ...]:
        """Every item's reasons in the order of rank: the n-th, from 1, is ``[[Rn]]``. With the number of its item."""
        return tuple((number, reason) for number, item in enumerate(self.items, 1) for reason in item.reasons)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        return {"found": len(self.items), "asked": self.k}

    @cached_property
    def values(self) -> dict[Any, Any]:
        """What was found for each slot so far: prompt, check and rendering ask for the same ones over and over."""
        return {}

    def draw(self, seed: int, *more: str) -> int:
        """A number below 2^64: the same for the same seed, session, request and ``more``."""
        key = "\x1f".join([str(seed), self.session_id, self.request_id, *more])
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")

    def item(self, number: int) -> RankedItem | None:
        return self.items[number - 1] if 1 <= number <= len(self.items) else None

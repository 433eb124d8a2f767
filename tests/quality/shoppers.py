"""Seeded shoppers for the quality suites: what they say, and a ranking of a shop's rows made for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np

from schemas import (
    Constraints,
    EventKind,
    Message,
    ProductRow,
    RankedItem,
    Reason,
    ReasonKind,
    Recommendations,
)
from tests.quality.catalogues import AS_OF
from tests.quality.checker_text import stems

_DEEDS: Final = (
    EventKind.PURCHASE,
    EventKind.VIEW,
    EventKind.CLICK,
    EventKind.DWELL,
    EventKind.ADD_TO_CART,
    EventKind.WISHLIST,
    EventKind.LIKE,
)
_OPENINGS: Final = (
    "{color} {category}",
    "I am looking for {category} under {sign}{limit}",
    "something {color} for my mother",
    "a present for a friend, up to {sign}{limit}",
    "anything by {brand}?",
    "{material} {category} please, in stock",
    "{category} but no {color}",
    "what would you recommend?",
    "hello",
    "do you have {category} between {sign}5 and {sign}{limit}?",
    "{word} {word2} in {color}",
    "a {word} with wibble wobble, max {limit} JPY",
    "{category} from {sign}{limit}",
    "show me the cheapest {category}",
    "thanks",
    "when will it arrive?",
    "{color} {material} {category} by {brand} under {sign}3",
)
_FOLLOWING: Final = (
    "in {color}, please",
    "cheaper",
    "under {sign}{limit}",
    "no {color}",
    "what about {category}?",
    "I do not like these",
    "the second one",
)


@dataclass(frozen=True, slots=True)
class Shopper:
    """Draws what a shopper of a shop says."""

    rows: Sequence[ProductRow]
    rng: np.random.Generator

    def messages(self) -> list[Message]:
        turns = [self._say(_OPENINGS)]
        if self.rng.random() < 0.3:
            turns += ["Here is what I found.", self._say(_FOLLOWING)]
        return [Message(role="assistant" if n % 2 else "user", content=text) for n, text in enumerate(turns)]

    def _say(self, frames: Sequence[str]) -> str:
        row = self.rows[int(self.rng.integers(len(self.rows)))]
        words = [word.lower() for word in row.title.split() if word.isalpha() and len(word) > 3] or ["gift"]
        currency = row.price.currency if row.price else "GBP"
        return str(self.rng.choice(frames)).format(
            color=self._value(row, "color", "red"),
            material=self._value(row, "material", "wooden"),
            category=row.category[-1].lower() if row.category else words[-1],
            brand=row.brand or "Acme",
            word=words[0],
            word2=words[-1],
            sign={"GBP": "£", "USD": "$"}.get(currency, ""),
            limit=int(self.rng.integers(4, 90)),
        )

    def _value(self, row: ProductRow, name: str, default: str) -> str:
        return row.attributes.get(name, (default,))[0].lower()


@dataclass
class SeededRanking:
    """Keeps every constraint and orders by chance; gives reasons of every kind."""

    rows: Sequence[ProductRow]
    rng: np.random.Generator
    request_id: str
    words: dict[int, frozenset[str]] = field(default_factory=dict)

    def __call__(self, constraints: Constraints, k: int) -> Recommendations:
        eligible = [row for row in self.rows if self._satisfies(row, constraints)]
        chosen = [eligible[index] for index in self.rng.permutation(len(eligible))[:k]]
        return Recommendations(
            request_id=self.request_id,
            user_id="shopper",
            items=tuple(self._ranked(row, rank) for rank, row in enumerate(chosen, 1)),
            k=k,
            shortfall=k - len(chosen),
            cold_start=bool(self.rng.random() < 0.15),
            personalized=True,
            model_version="seeded",
            as_of=AS_OF,
        )

    def _ranked(self, row: ProductRow, rank: int) -> RankedItem:
        reasons = tuple(self._reason(row) for _ in range(int(self.rng.integers(0, 4))))
        return RankedItem(item_id=row.item_id, rank=rank, score=1 / rank, row=row, reasons=reasons)

    def _reason(self, row: ProductRow) -> Reason:
        draw = self.rng.random()
        if draw < 0.2:
            return Reason(kind=ReasonKind.POPULAR, contribution=0.3)
        if draw < 0.3:
            values = [value for values in row.attributes.values() for value in values] or ["style"]
            return Reason(kind=ReasonKind.FEATURE, contribution=0.3, feature=values[0])
        other = row if draw < 0.4 else self.rows[int(self.rng.integers(len(self.rows)))]
        deed = _DEEDS[int(self.rng.integers(len(_DEEDS)))]
        return Reason(
            kind=ReasonKind.HISTORY, contribution=0.3, item_id=other.item_id, title=other.title, event_kind=deed
        )

    def _satisfies(self, row: ProductRow, constraints: Constraints) -> bool:
        low, high = constraints.min_price, constraints.max_price
        amount = row.price.amount if row.price else Decimal("Infinity")
        if row.item_id in constraints.exclude or (low and amount < low.amount) or (high and amount > high.amount):
            return False
        if constraints.in_stock and not row.in_stock:
            return False
        values = {"category": row.category, "brand": (row.brand or "",), **row.attributes}
        wanted = {"category": constraints.category, "brand": constraints.brand, **constraints.attributes}
        if any(chosen and not _share(chosen, values.get(name, ())) for name, chosen in wanted.items()):
            return False
        if any(_share(refused, values.get(name, ())) for name, refused in constraints.without.items()):
            return False
        return not constraints.keywords or self._says(row, values) >= {
            word for text in constraints.keywords for word in stems(text)
        }

    def _says(self, row: ProductRow, values: dict[str, tuple[str, ...]]) -> frozenset[str]:
        if id(row) not in self.words:
            texts = (row.title, *(value for listed in values.values() for value in listed))
            self.words[id(row)] = frozenset(word for text in texts for word in stems(text))
        return self.words[id(row)]


def _share(chosen: Sequence[str], values: Sequence[str]) -> bool:
    return not {value.lower() for value in chosen}.isdisjoint(value.lower() for value in values)

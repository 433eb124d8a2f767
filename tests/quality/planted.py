"""Planted sentences: frames filled, seeded, with the values of real rows, each with what it may rest on."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter
from typing import Final

import numpy as np
from babel.numbers import format_currency

from schemas import EventKind, Money, ProductRow, RankedItem, Reason, ReasonKind, Seen, Wishes
from tests.quality.checker import Evidence
from tests.quality.checker_text import stems
from tests.quality.checker_words import EVERYDAY
from tests.quality.planted_lies import AFTER_A_PRODUCT, LIES
from tests.quality.planted_truths import ASIDE, TUNING

_ATTRIBUTES: Final = ("color", "material", "size", "pattern", "style", "feature")
_DEEDS: Final = {
    "bought": EventKind.PURCHASE,
    "viewed": EventKind.VIEW,
    "carted": EventKind.ADD_TO_CART,
    "wished": EventKind.WISHLIST,
    "liked": EventKind.LIKE,
}
_WORDS: Final = ("three", "seven", "eleven", "fourteen", "nineteen", "thirty", "forty-two", "sixty")
_PALETTE: Final = ("red", "blue", "green", "purple", "orange", "white", "black")
_TRIES: Final = 400


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence, what it may rest on, and the sentence before it; ``kind`` is "true" or that of the lie."""

    kind: str
    text: str
    evidence: Evidence
    before: str = ""


def truths(rows: Sequence[ProductRow], count: int, rng: np.random.Generator, *, aside: bool) -> list[Planted]:
    frames = [("true", frame, "") for frame in (ASIDE if aside else TUNING)]
    return list(_planted(rows, frames, count, rng))


def lies(rows: Sequence[ProductRow], count: int, rng: np.random.Generator, *, aside: bool) -> list[Planted]:
    named = [(kind, frame, "") for kind, pair in LIES.items() for frame in pair[aside]]
    following = [
        (kind, frame, "Have a look at {t}.") for kind, pair in AFTER_A_PRODUCT.items() for frame in pair[aside]
    ]
    return list(_planted(rows, [*named, *following], count, rng))


def _planted(
    rows: Sequence[ProductRow], frames: Sequence[tuple[str, str, str]], count: int, rng: np.random.Generator
) -> Iterator[Planted]:
    """The frames in turn, each as often as the next; those that a shop cannot fill are passed over."""
    order = [frames[index] for index in rng.permutation(len(frames))]
    made = missed = 0
    while made < count and missed < _TRIES * len(order):
        kind, frame, before = order[(made + missed) % len(order)]
        scene = Scene(rows, rng)
        filled = scene.fill(frame, before)
        if filled is None:
            missed += 1
            continue
        made += 1
        yield Planted(kind, filled[0], scene.evidence, filled[1])


class Scene:
    """One drawn situation: products with reasons, wishes, a photo, and the words to fill a frame with."""

    def __init__(self, rows: Sequence[ProductRow], rng: np.random.Generator) -> None:
        self._rows, self._rng = rows, rng
        shown = [rows[index] for index in rng.choice(len(rows), 4, replace=False)]
        self._shown, self._others = shown[:3], shown[3:]
        self._other_rows = [rows[index] for index in rng.choice(len(rows), 40)]
        self.words: dict[str, str] = {}
        self._add_products()
        self._reasons = self._add_reasons()
        self._wishes, self._message = self._add_wishes()
        self._seen = self._add_photo()
        self._add_wrong_values()

    @property
    def evidence(self) -> Evidence:
        items = [
            RankedItem(
                item_id=row.item_id, rank=rank, score=1 / rank, row=row, reasons=self._reasons if rank == 1 else ()
            )
            for rank, row in enumerate(self._shown, 1)
        ]
        return Evidence(items, (self._message,), self._wishes, (), asked=5, seen=self._seen)

    def fill(self, frame: str, before: str) -> tuple[str, str] | None:
        needed = {name for text in (frame, before) for _, name, _, _ in Formatter().parse(text) if name}
        if not needed <= self.words.keys() or not self._is_fair(frame):
            return None
        return frame.format_map(self.words), before.format_map(self.words)

    def _is_fair(self, frame: str) -> bool:
        """The first product is in stock, titles tell products apart, and what a lie says in plain words is not so."""
        literal = " ".join(text for text, _, _, _ in Formatter().parse(frame))
        said = {word for word in stems(literal) if word not in EVERYDAY}
        so = bool(said) and said <= set(_all_words(self._shown[0]))
        return self._shown[0].in_stock and len({row.title for row in self._shown}) == 3 and not so

    def _add_products(self) -> None:
        first, second = self._shown[:2]
        self._describe(first, "")
        self._describe(second, "o")
        for name in ("price", "brand", "color"):
            if self.words.get(name) == self.words.get(f"o{name}"):
                self.words.pop(f"o{name}", None)
        self.words |= {"t": title(first), "o": title(second), "n": "3", "xn": str(int(self._rng.integers(6, 30)))}
        self._compare(first, second)

    def _describe(self, row: ProductRow, prefix: str) -> None:
        if row.price:
            self.words[f"{prefix}price"] = printed(row.price)
        if row.brand:
            self.words[f"{prefix}brand"] = row.brand
        if row.category:
            self.words[f"{prefix}category"] = row.category[-1].lower()
        for name in _ATTRIBUTES:
            if values := row.attributes.get(name):
                value = values[int(self._rng.integers(len(values)))]
                self.words[f"{prefix}{name}"] = value if name == "size" else value.lower()

    def _compare(self, first: ProductRow, second: ProductRow) -> None:
        if not (first.price and second.price) or first.price.amount == second.price.amount:
            return
        cheap, dear = sorted((first, second), key=lambda row: row.price.amount if row.price else Decimal(0))
        if cheap.price is None or dear.price is None:
            return
        difference = dear.price.amount - cheap.price.amount
        wrong = difference + Decimal(int(self._rng.integers(1, 9)))
        currency = cheap.price.currency
        self.words |= {
            "cheap": title(cheap),
            "dear": title(dear),
            "cheap_price": printed(cheap.price),
            "dear_price": printed(dear.price),
            "diff": printed(Money(difference, currency)),
            "xdiff": printed(Money(wrong, currency)),
            "low": printed(Money(max(cheap.price.amount - Decimal("0.05"), Decimal("0.01")), currency)),
        }

    def _add_reasons(self) -> tuple[Reason, ...]:
        rows = [self._rows[index] for index in self._rng.choice(len(self._rows), 6, replace=False)]
        *deeds, unseen = rows
        titles = {row.title for row in self._shown}
        reasons = [Reason(kind=ReasonKind.POPULAR, contribution=0.1)]
        for (name, kind), row in zip(_DEEDS.items(), deeds, strict=True):
            if row.title in titles:
                continue
            self.words[name] = title(row)
            reasons.append(
                Reason(
                    kind=ReasonKind.HISTORY,
                    contribution=0.2,
                    item_id=row.item_id,
                    title=row.title,
                    event_kind=kind,
                )
            )
        if unseen.title not in titles:
            self.words["unseen"] = title(unseen)
        return tuple(reasons)

    def _add_wishes(self) -> tuple[Wishes, str]:
        color = str(self._rng.choice(_PALETTE))
        wished = {word.lower() for row in self._shown for word in row.category}
        category = str(self._rng.choice(sorted(wished))) if wished else "presents"
        prices = [row.price for row in self._shown if row.price]
        limit = Money(
            max((price.amount for price in prices), default=Decimal(5)) + 1, prices[0].currency if prices else "GBP"
        )
        self.words |= {"wcolor": color, "wcategory": category, "limit": printed(limit)}
        self.words |= {"xwish": next(c for c in _PALETTE[::-1] if c != color)}
        self.words |= {"xlimit": printed(Money(limit.amount + 7, limit.currency))}
        if prices and self._shown[0].price:
            self.words |= {"within": title(self._shown[0]), "within_price": printed(self._shown[0].price)}
        wishes = Wishes(max_price=limit, attributes={"color": (color,)}, category=(category,))
        return wishes, f"I would like {color} {category} up to {printed(limit)}"

    def _add_photo(self) -> tuple[Seen, ...]:
        seen, other = self._rng.choice(_PALETTE, 2, replace=False)
        self.words |= {"seen": str(seen), "xseen": str(other)}
        return (Seen(field="color", value=str(seen).title(), confidence=0.9),)

    def _add_wrong_values(self) -> None:
        first = self._shown[0]
        if first.price:
            shift = Decimal(int(self._rng.integers(1, 40))) / 4 + Decimal("0.01")
            self.words["xprice"] = printed(Money(first.price.amount + shift, first.price.currency))
            self.words["xwords"] = str(self._rng.choice(_WORDS))
        for name in ("brand", "category", *_ATTRIBUTES):
            if wrong := self._wrong(name, [first]):
                self.words[f"x{name}"] = wrong
        for name in ("color", "material"):
            if wrong := self._wrong(name, self._shown):
                self.words[f"x{name}_all"] = wrong

    def _wrong(self, name: str, rows: Sequence[ProductRow]) -> str | None:
        """A value that other products have, and these have in no field and not in their titles."""
        own = {word for row in rows for word in _all_words(row)}
        has_field = all(_values(row, name) for row in rows) or name in ("color", "material")
        wrong = [value for row in self._other_rows for value in _values(row, name) if not own & set(stems(value))]
        value = wrong[int(self._rng.integers(len(wrong)))] if wrong and has_field else None
        return value if value is None or name in ("brand", "size") else value.lower()


def _values(row: ProductRow, name: str) -> tuple[str, ...]:
    if name == "brand":
        return (row.brand,) if row.brand else ()
    return row.category[-1:] if name == "category" else row.attributes.get(name, ())


def _all_words(row: ProductRow) -> Iterator[str]:
    for text in (row.title, row.brand or "", *row.category, *(v for values in row.attributes.values() for v in values)):
        yield from stems(text)


def title(row: ProductRow) -> str:
    """A title as a reply prints it."""
    return " ".join(html.unescape(row.title).split())


def printed(money: Money) -> str:
    return format_currency(money.amount, money.currency, locale="en_GB" if money.currency == "GBP" else "en_US")


def figures(found: Mapping[str, Sequence[bool]]) -> str:
    """A table: of each kind how many were flagged."""
    return "\n".join(f"{kind:28} {sum(flags):4} of {len(flags):4}" for kind, flags in sorted(found.items()))

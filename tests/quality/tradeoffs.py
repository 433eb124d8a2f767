"""Requests with a right answer that the rows know: sets, trade-offs, complements, relaxed wishes; and single wishes.

Made from a seed over one half of what a shop sells: "development" is the half on which everything was chosen,
"held out" the half that is reported. No part of the engine takes part in making or judging them.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

import numpy as np

from schemas import Reply
from tests.quality.frames import DEVELOPMENT, FRAMES
from tests.quality.real_rows import COLOURS, Item, RealRows

SHOWN: Final = 5
LEAST: Final = 6
SIGNS: Final = {"GBP": "£", "USD": "$"}
FAMILIES: Final = (
    frozenset({"Blue", "Navy Blue", "Turquoise Blue", "Teal"}),
    frozenset({"Red", "Maroon", "Burgundy", "Rust"}),
    frozenset({"Green", "Olive", "Sea Green", "Lime Green", "Fluorescent Green", "Teal", "Khaki"}),
    frozenset({"Purple", "Lavender", "Mauve", "Magenta"}),
    frozenset({"Pink", "Peach", "Magenta", "Rose"}),
    frozenset({"Brown", "Coffee Brown", "Mushroom Brown", "Tan", "Bronze", "Copper", "Khaki", "Beige", "Taupe"}),
    frozenset({"Grey", "Grey Melange", "Charcoal", "Silver", "Steel"}),
    frozenset({"White", "Off White", "Cream"}),
    frozenset({"Cream", "Beige", "Nude", "Skin", "Off White"}),
    frozenset({"Yellow", "Gold", "Mustard"}),
    frozenset({"Black", "Charcoal"}),
)
"""Colours of the styles that a person would take for each other sooner than any other."""
Right = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class Asked:
    """One request; ``right`` says of the item ids shown, best first, whether they answer it."""

    shop: str
    kind: str
    text: str
    right: Right
    user_id: str | None = None

    def answered_by(self, reply: Reply) -> bool:
        return self.right([item.item_id for item in reply.items[:SHOWN]])


@dataclass(frozen=True)
class Maker:
    """Draws requests over one half of a shop."""

    shop: str
    rows: RealRows
    half: str
    rng: np.random.Generator

    def is_mine(self, key: str) -> bool:
        return (zlib.crc32(f"{self.shop}:{key}".encode()) % 2 == 0) == (self.half == DEVELOPMENT)

    @property
    def kinds(self) -> Mapping[str, tuple[Item, ...]]:
        return {word: items for word, items in self.rows.kinds.items() if self.is_mine(word)}

    def kind(self) -> tuple[str, tuple[Item, ...]]:
        words = list(self.kinds)
        word = words[int(self.rng.integers(len(words)))]
        return word, self.kinds[word]

    def money(self, amount: Decimal) -> str:
        return f"{SIGNS[self.rows.currency]}{amount:.2f}"

    def frame(self, kind: str) -> str:
        return self.pick(FRAMES[self.half][kind])

    def user(self) -> str | None:
        """A shopper of the shop half the time, else nobody in particular."""
        known = self.rows.shoppers
        return known[int(self.rng.integers(len(known)))] if self.rng.random() < 0.5 else None

    def pick(self, choices: Sequence[str]) -> str:
        return str(choices[int(self.rng.integers(len(choices)))])

    def sets(self) -> Iterator[Asked]:
        """Two things within a budget that few pairs of them fit."""
        while True:
            (one, ones), (other, others) = self.kind(), self.kind()
            if one == other or {item.item_id for item in ones} & {item.item_id for item in others}:
                continue
            n = int(self.rng.integers(1, 4))
            low = min(item.price for item in ones) + n * min(item.price for item in others)
            usual = median(item.price for item in ones) + n * median(item.price for item in others)
            if not usual.is_finite() or usual < Decimal("1.2") * low:
                continue
            budget = round(low + (usual - low) * Decimal(str(round(float(self.rng.uniform(0.1, 0.6)), 2))), 2)
            counted = f"{('a', 'two', 'three')[n - 1]} {other}{'s' if n > 1 else ''}"
            text = self.frame("set").format(one=one, counted=counted, money=self.money(budget))
            yield Asked(self.shop, "set", text, self._fits(ones, others, n, budget))

    def _fits(self, ones: Sequence[Item], others: Sequence[Item], n: int, budget: Decimal) -> Right:
        first, second = {item.item_id for item in ones}, {item.item_id for item in others}
        price = {item.item_id: item.price for item in (*ones, *others)}
        return lambda shown: any(
            a in first and b in second and a != b and price[a] + n * price[b] <= budget for a in shown for b in shown
        )

    def trade_offs(self) -> Iterator[Asked]:
        """Cheap and well liked: among the better bought half the three cheapest; for the best value, both halves."""
        while True:
            word, items = self.kind()
            bought = {item.item_id: self.rows.bought.get(item.item_id, 0) for item in items}
            usual = median(bought.values())
            liked = sorted((item for item in items if bought[item.item_id] >= usual), key=lambda item: item.price)
            if len(items) < 10 or not liked[2].price.is_finite() or liked[2].price >= liked[-1].price:
                continue
            if self.rng.random() < 0.7:
                good = {item.item_id for item in liked if item.price <= liked[2].price}
                frame = self.frame("cheap")
            else:
                price = median(item.price for item in items)
                good = {item.item_id for item in liked if item.price <= price}
                frame = self.frame("value")
            yield Asked(self.shop, "trade-off", frame.format(word=word), _first_in(good))

    def prices_above(self) -> Iterator[Asked]:
        """A price that nothing keeps to: the nearest above it, in the colour that was asked for."""
        while True:
            word, items = self.kind()
            colour = self.pick(sorted(COLOURS)) if self.rng.random() < 0.5 else ""
            price = {item.item_id: item.price_in(colour) if colour else item.price for item in items}
            lowest = min(price.values())
            if (
                not lowest.is_finite()
                or lowest < 1
                or (colour and min(item.price for item in items) > lowest * Decimal("0.9"))
            ):
                continue
            limit = round(lowest * Decimal(str(round(float(self.rng.uniform(0.91, 0.97)), 3))), 2)
            good = {item_id for item_id, amount in price.items() if amount <= lowest * Decimal("1.05")}
            wanted = f"{colour} {word}".strip()
            yield Asked(self.shop, "relaxed", self.frame("price").format(wanted, self.money(limit)), _first_in(good))


def _first_in(good: set[str]) -> Right:
    return lambda shown: bool(shown) and shown[0] in good


def _first_three(fits: Callable[[str], bool]) -> Right:
    return lambda shown: len(shown) >= 3 and all(fits(item_id) for item_id in shown[:3])


def complements_by_orders(maker: Maker, together: Mapping[str, frozenset[str]]) -> Iterator[Asked]:
    """What goes with a product: one of five was in the same orders later on."""
    own = [key for key, found in sorted(together.items()) if key in maker.rows.items and maker.is_mine(key) and found]
    while True:
        item = maker.rows.items[own[int(maker.rng.integers(len(own)))]]
        good = together[item.item_id]
        frame = maker.frame("complement")
        yield Asked(
            maker.shop,
            "complement",
            frame.format(item.title.lower()),
            lambda shown, good=good: not good.isdisjoint(shown),
        )


def complements_by_kind(maker: Maker, people: str) -> Iterator[Asked]:
    """What goes with a product: the first three are of another kind and for the same people.

    `people` names the attribute that says for whom a product is; "": the first level of its category does.
    """
    items = [item for item in maker.rows.items.values() if maker.is_mine(item.item_id) and len(item.category) > 1]
    while True:
        own = items[int(maker.rng.integers(len(items)))]

        def fits(item_id: str, own: Item = own) -> bool:
            other = maker.rows.items[item_id]
            if people:
                meant = bool(other.value(people) & (own.value(people) | {"Unisex"}))
            else:
                meant = own.category[0] not in ("Men", "Women") or other.category[0] == own.category[0]
            return meant and other.category[1] != own.category[1] and item_id != own.item_id

        frame = maker.frame("complement")
        yield Asked(maker.shop, "complement", frame.format(own.title), _first_three(fits))


def near_colours(maker: Maker) -> Iterator[Asked]:
    """A colour in which a kind is not to be had, for these people: the first is in one close to it."""
    items = [item for item in maker.rows.items.values() if len(item.category) == 3]
    while True:
        own = items[int(maker.rng.integers(len(items)))]
        kind, (people,) = own.category[2], tuple(own.value("gender"))
        alike = [one for one in items if one.category[2] == kind and one.value("gender") == {people}]
        had = frozenset[str]().union(*(one.value("color") for one in alike))
        family = FAMILIES[int(maker.rng.integers(len(FAMILIES)))]
        missing, present = sorted(family - had), family & had
        colour = maker.pick(missing) if missing else ""
        if (
            not maker.is_mine(kind)
            or not present
            or not colour
            or len(alike) < LEAST
            or colour not in _all_colours(items)
        ):
            continue
        close = {near for one in FAMILIES if colour in one for near in one}
        good = {one.item_id for one in alike if one.value("color") & close}
        if 2 * len(good) < len(alike):
            yield Asked(maker.shop, "relaxed", _in_lower(maker.frame("colour"), colour, kind, people), _first_in(good))


def _in_lower(frame: str, colour: str, kind: str, people: str) -> str:
    return frame.format(colour=colour.lower(), kind=kind.lower(), people=people.lower())


def _all_colours(items: Sequence[Item]) -> frozenset[str]:
    return frozenset[str]().union(*(item.value("color") for item in items))

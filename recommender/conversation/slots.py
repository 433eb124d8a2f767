"""Handles and slots: what a writer may write instead of a fact. This is the only list of them.

| written | stands for |
|---|---|
| ``[[P1]]``, ``[[P1.title]]`` | the title of the first product; these two name the product |
| ``[[P1.price]]`` | its price, formatted in its currency |
| ``[[P1.brand]]``, ``[[P1.category]]``, ``[[P1.availability]]`` | brand, most special category, stock in words |
| ``[[P1.color]]``, ``[[P1.<attribute>]]`` | its values of an attribute |
| ``[[P1<P2.price]]`` | by how much the first is cheaper than the second; has no value where it is not |
| ``[[R1]]`` | the first reason, counted over the items' reasons in the order of rank |
| ``[[W.max_price]]``, ``[[W.min_price]]``, ``[[W.in_stock]]`` | the shopper's own wish |
| ``[[W.category]]``, ``[[W.brand]]``, ``[[W.keywords]]``, ``[[W.<attribute>]]``, ``[[W.without]]`` | the same |
| ``[[W.relaxed]]``, ``[[W.unread]]`` | wishes that were dropped, words that were not understood |
| ``[[W.foreign]]`` | price limits in a currency this shop does not use |
| ``[[Q1]]``, ``[[Q.field]]`` | the first of the values that are asked about, and the field they are of |
| ``[[F1]]`` | the first thing that the shopper's photo was found to show |
| ``[[F.several]]`` | that the photo shows several products, of which the largest counts |
| ``[[N.found]]``, ``[[N.asked]]`` | how many items there are, and how many were asked for |
| ``[[N.total]]`` | what the items of a set cost together, each as often as it was asked for; for no other list |
"""

import re
from dataclasses import dataclass
from typing import Final

TITLE: Final = "title"
PRICE: Final = "price"
AVAILABILITY: Final = "availability"
RELAXED: Final = "relaxed"
UNREAD: Final = "unread"
FOREIGN: Final = "foreign"
FOUND: Final = "found"
ASKED: Final = "asked"
TOTAL: Final = "total"

_SLOT = re.compile(r"\[\[([^\[\]\n]{1,120})\]\]")
_PRODUCT = re.compile(r"P([1-9][0-9]{0,3})(?:\.(.+))?")
_COMPARISON = re.compile(r"P([1-9][0-9]{0,3})<P([1-9][0-9]{0,3})\.price")
_REASON = re.compile(r"R([1-9][0-9]{0,3})")
_WISH = re.compile(r"W\.(.+)")
_OPTION = re.compile(r"Q(?:([1-9])|\.field)")
_PHOTO = re.compile(r"F(?:([1-9][0-9]?)|\.several)")
_COUNT = re.compile(r"N\.(found|asked|total)")


@dataclass(frozen=True, slots=True)
class ProductSlot:
    product: int
    field: str


@dataclass(frozen=True, slots=True)
class ComparisonSlot:
    """How much cheaper ``product`` is than ``other``."""

    product: int
    other: int


@dataclass(frozen=True, slots=True)
class ReasonSlot:
    number: int


@dataclass(frozen=True, slots=True)
class WishSlot:
    field: str


@dataclass(frozen=True, slots=True)
class CountSlot:
    field: str


@dataclass(frozen=True, slots=True)
class PhotoSlot:
    """Something seen in the photo, from 1; 0: that there are several products in it."""

    number: int


@dataclass(frozen=True, slots=True)
class QuestionSlot:
    """An option of the question, from 1; 0: the field that it is about."""

    number: int


Slot = ProductSlot | ComparisonSlot | ReasonSlot | WishSlot | CountSlot | PhotoSlot | QuestionSlot


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence from ``start``: prose, or what is written in double brackets (``slot`` None: unknown)."""

    text: str
    start: int
    is_slot: bool = False
    slot: Slot | None = None


def parse(sentence: str) -> tuple[Part, ...]:
    """A sentence cut into prose and slots; joined, the parts' texts are the sentence."""
    parts: list[Part] = []
    position = 0
    for match in _SLOT.finditer(sentence):
        if match.start() > position:
            parts.append(Part(sentence[position : match.start()], position))
        parts.append(Part(match.group(), match.start(), is_slot=True, slot=_read(match.group(1))))
        position = match.end()
    if position < len(sentence):
        parts.append(Part(sentence[position:], position))
    return tuple(parts)


def _read(inside: str) -> Slot | None:
    if match := _COMPARISON.fullmatch(inside):
        return ComparisonSlot(int(match[1]), int(match[2]))
    if match := _PRODUCT.fullmatch(inside):
        return ProductSlot(int(match[1]), match[2] or TITLE)
    if match := _REASON.fullmatch(inside):
        return ReasonSlot(int(match[1]))
    if match := _WISH.fullmatch(inside):
        return WishSlot(match[1])
    if match := _COUNT.fullmatch(inside):
        return CountSlot(match[1])
    if match := _OPTION.fullmatch(inside):
        return QuestionSlot(int(match[1] or 0))
    if match := _PHOTO.fullmatch(inside):
        return PhotoSlot(int(match[1] or 0))
    return None


def written(slot: Slot) -> str:
    """A slot as a writer writes it; what `parse` reads."""
    match slot:
        case ComparisonSlot(product=product, other=other):
            inside = f"P{product}<P{other}.{PRICE}"
        case ProductSlot(product=product, field=name):
            inside = f"P{product}" if name == TITLE else f"P{product}.{name}"
        case ReasonSlot(number=number):
            inside = f"R{number}"
        case WishSlot(field=name):
            inside = f"W.{name}"
        case CountSlot(field=name):
            inside = f"N.{name}"
        case QuestionSlot(number=number):
            inside = f"Q{number}" if number else "Q.field"
        case PhotoSlot(number=number):
            inside = f"F{number}" if number else "F.several"
    return f"[[{inside}]]"

"""Values that have an order: letter sizes, numbers, and amounts with a unit."""

import re
from collections.abc import Sequence
from typing import Final

from recommender.text import plain

_LETTERS: Final = {name: place for place, name in enumerate(("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl"))}
_NAMED: Final = {"extra small": "xs", "small": "s", "medium": "m", "large": "l", "extra large": "xl", "2xl": "xxl"}
_UNITS: Final = {
    **{unit: ("m", factor) for unit, factor in (("mm", 0.001), ("cm", 0.01), ("m", 1.0), ("in", 0.0254))},
    **dict.fromkeys(("inch", "inches", '"'), ("m", 0.0254)),
    **{
        unit: ("l", factor)
        for unit, factor in (("ml", 0.001), ("cl", 0.01), ("l", 1.0), ("litre", 1.0), ("litres", 1.0))
    },
    **{unit: ("g", factor) for unit, factor in (("g", 1.0), ("kg", 1000.0), ("oz", 28.3495), ("lb", 453.592))},
}
_AMOUNT: Final = re.compile(
    r"(?:(?:uk|us|eu|size)\s+)?([0-9]+(?:[.,][0-9]+)?)(?:\s*[-\u2013x/][0-9., ]+)?\s*([a-z\"]*)"
)

Measure = tuple[str, float]
"""A scale and the place on it; only places on the same scale can be compared."""


def measure(value: str) -> Measure | None:
    """The place of a value on its scale, None where it has none: ("letters", 3) for "S", ("l", 0.5) for "500 ml"."""
    text = plain(value).strip()
    letters = _LETTERS.get(_NAMED.get(text, text))
    if letters is not None:
        return "letters", float(letters)
    found = _AMOUNT.fullmatch(text)
    if found is None or (found[2] and found[2] not in _UNITS):
        return None
    scale, factor = _UNITS.get(found[2], ("number", 1.0))
    return scale, float(found[1].replace(",", ".")) * factor


def beyond(own: Sequence[str], values: Sequence[str], direction: int) -> tuple[str, ...]:
    """Those of `values` that are larger than all of an item's own (`direction` 1) or smaller (-1), nearest first."""
    places = [place for place in map(measure, own) if place is not None]
    if not places:
        return ()
    scale, limit = max(places, key=lambda place: direction * place[1])
    measured = [(place[1], value) for value in values if (place := measure(value)) is not None and place[0] == scale]
    kept = [(place, value) for place, value in measured if direction * (place - limit) > 0]
    return tuple(value for _, value in sorted(kept, key=lambda one: (direction * one[0], one[1])))

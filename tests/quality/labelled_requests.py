"""Requests with the wishes that a person reads in them, over three catalogues.

A line of ``requests/<shop>.txt`` is ``request || wishes``. Wishes are fields with their values, as the catalogue spells
them: ``<=20 GBP``, ``>=5 USD``, ``stock``, ``category=Mugs|Bowls`` (either), ``color=Red``, ``!color=Red`` (refused),
``brand=``, ``for=`` (the recipient), ``occasion=``, ``keywords=a,b`` (words of titles) and ``unread=a,b`` (words that
matter and that the catalogue does not have). They were written before anything was run. The lines with an even number
are for building on; those with an odd number are the test.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from recommender.text import words
from schemas import Money, Wishes

FOLDER: Final = Path(__file__).parent / "requests"
SHOPS: Final = ("demo", "magento", "online_retail")
_OWN_FIELDS: Final = {"for": "recipient"}
_LISTS: Final = ("category", "brand", "recipient", "occasion", "keywords", "unread")


@dataclass(frozen=True, slots=True)
class LabelledRequest:
    shop: str
    number: int
    text: str
    wishes: Wishes

    @property
    def is_for_development(self) -> bool:
        return self.number % 2 == 0


def labelled_requests(shop: str) -> list[LabelledRequest]:
    lines = (FOLDER / f"{shop}.txt").read_text(encoding="utf-8").splitlines()
    cut = (line.split(" || ") for line in lines)
    return [LabelledRequest(shop, number, text, _wishes(noted)) for number, (text, noted) in enumerate(cut, 1)]


def agree(one: Wishes, other: Wishes) -> bool:
    """Whether two readings are the same: every field, in any order of its values; title words in any number."""
    return _comparable(one) == _comparable(other)


def _comparable(wishes: Wishes) -> dict[str, object]:
    fields: dict[str, object] = {
        "min_price": wishes.min_price,
        "max_price": wishes.max_price,
        "in_stock": wishes.in_stock,
        "attributes": {name: sorted(values) for name, values in wishes.attributes.items()},
        "without": {
            name: sorted(_folded(values) if name == "keywords" else values) for name, values in wishes.without.items()
        },
    }
    return fields | {name: sorted(_folded(getattr(wishes, name))) for name in _LISTS}


def _folded(values: tuple[str, ...]) -> list[str]:
    return [" ".join(words(value)) for value in values]


def _wishes(noted: str) -> Wishes:
    fields: dict[str, object] = {}
    attributes: dict[str, tuple[str, ...]] = {}
    without: dict[str, tuple[str, ...]] = {}
    for note in noted.split("; "):
        name, _, said = note.partition("=")
        if name in "<>":
            amount, currency = said.split()
            fields["max_price" if name == "<" else "min_price"] = Money(Decimal(amount), currency)
        elif note == "stock":
            fields["in_stock"] = True
        else:
            refused = name.startswith("!")
            name = _OWN_FIELDS.get(name.removeprefix("!"), name.removeprefix("!"))
            values = tuple(said.split("," if name in ("keywords", "unread") else "|"))
            into = without if refused else fields if name in _LISTS else attributes
            into[name] = values
    return Wishes.model_validate(fields | {"attributes": attributes, "without": without})

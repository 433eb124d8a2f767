"""The words of a catalogue as a recogniser of speech needs them: how its products are named aloud."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from recommender.base_model.speech.spoken import spoken_words
from schemas import ProductRow

_MONEY: Final = {
    "GBP": ("pounds", "pounds", "pounds", "quid", "pound"),
    "USD": ("dollars", "dollars", "dollars", "bucks", "dollar"),
    "EUR": ("euros", "euros", "euro"),
}
_ANY_MONEY: Final = ("pounds", "dollars", "euros")
_MAX_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class NamedProduct:
    """What may be said of one product: its title, its kinds (categories in both numbers) and its values."""

    title: str
    kinds: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CatalogueWords:
    """As it is spoken (`spoken_words`), joined by spaces; compared by identity, for a changed catalogue has new ones.

    Attributes
    ----------
    products : those with a title that can be said, or a category
    money : the names of the shop's currency, common ones repeated
    """

    products: tuple[NamedProduct, ...]
    money: tuple[str, ...] = _ANY_MONEY

    @classmethod
    def of(cls, rows: Iterable[ProductRow], currency: str | None) -> Self:
        """Of all variants' rows; `currency` is an ISO code, or None where no product has a price."""
        gathered: dict[str, _Gathered] = {}
        for row in rows:
            gathered.setdefault(row.item_id, _Gathered()).add(row)
        products = (found.named() for found in gathered.values())
        return cls(
            tuple(product for product in products if product.title or product.kinds),
            _MONEY.get(currency or "", _ANY_MONEY),
        )

    def says_the_same(self, other: Self) -> bool:
        return self.products == other.products and self.money == other.money

    def phrases(self) -> Iterator[tuple[str, ...]]:
        """Every title, kind and value once, as its words."""
        said = (part for product in self.products for part in (product.title, *product.kinds, *product.values))
        yield from (tuple(phrase.split()) for phrase in dict.fromkeys(said) if phrase)


class _Gathered:
    def __init__(self) -> None:
        self._titles: dict[str, None] = {}
        self._categories: dict[str, None] = {}
        self._values: dict[str, None] = {}

    def add(self, row: ProductRow) -> None:
        self._titles[row.title] = None
        self._categories |= dict.fromkeys(row.category)
        self._values |= dict.fromkeys(value for values in row.attributes.values() for value in values)
        if row.brand:
            self._values[row.brand] = None

    def named(self) -> NamedProduct:
        kinds = (form for category in _said(self._categories) for form in both_numbers(category))
        return NamedProduct(
            " ".join(spoken_words(next(iter(self._titles)))[:_MAX_WORDS]),
            tuple(dict.fromkeys(kinds)),
            _said(self._values),
        )


def _said(texts: Iterable[str]) -> tuple[str, ...]:
    spoken = (" ".join(spoken_words(text)[:_MAX_WORDS]) for text in texts)
    return tuple(dict.fromkeys(text for text in spoken if text))


def both_numbers(phrase: str) -> tuple[str, str]:
    """A noun in the number it is written in, and in the other."""
    if phrase.endswith("ss"):
        return phrase, f"{phrase}es"
    if phrase.endswith(("ches", "shes", "xes", "sses")):
        return phrase, phrase.removesuffix("es")
    if phrase.endswith("ies"):
        return phrase, f"{phrase.removesuffix('ies')}y"
    return phrase, phrase.removesuffix("s") if phrase.endswith("s") else f"{phrase}s"

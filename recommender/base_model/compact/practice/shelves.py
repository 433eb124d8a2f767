"""Catalogues to practise on: simulated shops, shops of invented things, and shops that know titles and prices alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Final

import numpy as np
from PIL.Image import Image
from PIL.Image import open as open_image

from recommender.conversation.lexicon import COLOURS
from recommender.conversation.vocabulary import Vocabulary
from schemas import Availability, Money, Product, ProductRow
from signals.simulator.photos import draw_photo
from signals.simulator.products import make_products

AS_OF: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
CURRENCIES: Final = ("GBP", "USD", "EUR", "SEK")
N_PRODUCTS: Final = 150
_SYLLABLES: Final = (
    *("ba", "be", "bo", "bri", "ca", "co", "da", "del", "do", "dun", "fa", "fen", "fi", "ga", "gle", "go"),
    *("ha", "hol", "ka", "kel", "ki", "la", "lin", "lo", "ma", "mel", "mi", "mo", "na", "ne", "nor", "pa"),
    *("pel", "pi", "po", "ra", "ril", "ro", "sa", "sel", "ta", "tam", "ti", "tor", "va", "ven", "vi", "wa"),
    *("wil", "zo", "zu"),
)
NOUNS: Final = (
    *("apron", "armchair", "basket", "bead", "bell", "belt", "bench", "blanket", "bookend", "bottle"),
    *("bracelet", "broom", "brush", "bucket", "cabinet", "calendar", "camera", "canister", "cap", "card"),
    *("carafe", "cardigan", "carpet", "chain", "chair", "clock", "coaster", "coat", "collar", "comb"),
    *("cradle", "crate", "curtain", "dish", "doll", "doormat", "drawer", "dress", "drum", "duvet", "easel"),
    *("envelope", "fan", "fork", "frame", "garland", "glove", "goblet", "grater", "guitar", "hammer"),
    *("hammock", "hanger", "hat", "helmet", "hook", "jacket", "jar", "jigsaw", "jug", "kettle", "keyring"),
    *("kite", "knife", "ladder", "ladle", "lantern", "laptop", "leash", "magnet", "mat", "mattress", "mirror"),
    *("mitten", "mixer", "mop", "napkin", "necklace", "needle", "notebook", "ornament", "oven", "pan"),
    *("parasol", "pen", "pencil", "piano", "pillow", "pin", "pitcher", "plate", "platter", "pouch", "puppet"),
    *("purse", "puzzle", "quilt", "racket", "radio", "rake", "razor", "ribbon", "ring", "robe", "rope"),
    *("ruler", "saddle", "scarf", "scooter", "shawl", "shelf", "shirt", "skirt", "sledge", "sofa", "spade"),
    *("speaker", "spoon", "stapler", "stool", "sundial", "suitcase", "sweater", "table", "tablecloth", "tap"),
    *("tent", "thermos", "tie", "tile", "toaster", "torch", "towel", "toy", "tray", "trellis", "trolley"),
    *("tumbler", "umbrella", "urn", "vest", "violin", "wallet", "watch", "wheel", "whistle", "wreath"),
)
FIELDS: Final = {
    "material": [
        "cotton",
        "wool",
        "oak",
        "pine",
        "leather",
        "silk",
        "linen",
        "velvet",
        "denim",
        "glass",
        "steel",
        "brass",
        "paper",
        "marble",
        "slate",
        "felt",
    ],
    "pattern": ["striped", "spotted", "floral", "checked", "speckled", "tartan", "chevron"],
    "feature": ["Hidden Pocket", "Long Handle", "Soft Lining", "Brass Hinge", "Carved Edge", "Woven Base"],
    "scent": ["lavender", "cedar", "rose", "fig", "amber", "mint"],
    "shape": ["round", "square", "oval", "hexagonal", "slim"],
    "style": ["nautical", "rustic", "nordic", "baroque", "urban"],
}
_DISTINCT_COLOURS: Final = tuple(sorted(word for word in COLOURS if word.isalpha()))


@dataclass(frozen=True)
class Shelf:
    """A catalogue; ``products`` are those of its rows that there is a photo of, by item id.

    ``files`` are the JPEG files of those that were photographed; the others are drawn.
    """

    rows: tuple[ProductRow, ...]
    vocabulary: Vocabulary
    products: dict[str, Product]
    files: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(
        cls, rows: Sequence[ProductRow], products: Sequence[Product] = (), files: Mapping[str, bytes] | None = None
    ) -> "Shelf":
        shown = {product.item_id: product for product in products}
        return cls(tuple(rows), Vocabulary.from_rows(rows), shown, files or {})

    def photo(self, item_id: str, seed: int) -> Image:
        if item_id in self.files:
            return open_image(BytesIO(self.files[item_id])).convert("RGB")
        return draw_photo(self.products[item_id], seed)


def simulated_shelf(seed: int) -> Shelf:
    """A shop of the simulator, with photos."""
    rng = np.random.default_rng([seed, 1])
    products = make_products(N_PRODUCTS, _pick(CURRENCIES, rng), rng)
    rows = []
    for product in products:
        offers = product.offers()
        offer = offers[int(rng.integers(len(offers)))]
        assert offer.price is not None
        assert offer.currency is not None
        rows.append(
            ProductRow(
                item_id=product.item_id,
                variant_id=offer.variant_id,
                title=product.title,
                brand=product.brand,
                category=product.category,
                price=Money(offer.price, offer.currency),
                availability=Availability.IN_STOCK,
                attributes=offer.attributes,
                as_of=AS_OF,
            )
        )
    return Shelf.of(rows, products)


def invented_shelf(seed: int) -> Shelf:
    """A shop of things that no other shop sells, a third of them with names that are no words."""
    rng = np.random.default_rng([seed, 2])
    kinds = [_pick(NOUNS, rng) if rng.random() < 0.67 else _word(rng) for _ in range(12)]
    brands = [_word(rng).title() for _ in range(5)]
    fields = {name: [*values, _word(rng), _word(rng)] for name, values in FIELDS.items()}
    colours = [*_DISTINCT_COLOURS, _word(rng), _word(rng)]
    currency = _pick(CURRENCIES, rng)
    branded = float(rng.random())
    return Shelf.of([_invented(number, kinds, brands, colours, fields, currency, branded, rng) for number in range(80)])


def titles_shelf(seed: int) -> Shelf:
    """A shop that knows of its products a title and a price."""
    rng = np.random.default_rng([seed, 3])
    currency = _pick(CURRENCIES, rng)
    rows = []
    for number in range(80):
        title = " ".join([_pick(_DISTINCT_COLOURS, rng), _word(rng), _pick(NOUNS, rng), _pick(NOUNS, rng)]).upper()
        rows.append(product_row(number, title, currency, rng))
    return Shelf.of(rows)


def _invented(
    number: int,
    kinds: Sequence[str],
    brands: Sequence[str],
    colours: Sequence[str],
    fields: dict[str, list[str]],
    currency: str,
    branded: float,
    rng: np.random.Generator,
) -> ProductRow:
    """``branded`` is the share of products whose brand is known."""
    kind, colour = _pick(kinds, rng), _pick(colours, rng)
    attributes = {name: (_pick(values, rng).title(),) for name, values in fields.items() if rng.random() < 0.4}
    if rng.random() < 0.7:
        attributes["color"] = (colour.title(),)
    title = f"{_word(rng).title()} {colour.title() if rng.random() < 0.3 else ''} {kind.title()}"
    return product_row(
        number,
        " ".join(title.split()),
        currency,
        rng,
        brand=_pick(brands, rng) if rng.random() < branded else None,
        category=(_pick(("Home", "Sport", "Travel", "Gifts"), rng), f"{kind.title()}s"),
        attributes=attributes,
    )


def product_row(number: int, title: str, currency: str, rng: np.random.Generator, **fields: object) -> ProductRow:
    """In stock, and mostly with a price, drawn at random; ``fields`` are further ones of a row."""
    amount = Decimal(int(rng.integers(50, 20_000))) / 100
    return ProductRow(
        item_id=f"item-{number}",
        variant_id=f"item-{number}",
        title=title,
        price=Money(amount, currency) if rng.random() < 0.9 else None,
        availability=Availability.IN_STOCK,
        as_of=AS_OF,
        **fields,  # type: ignore[arg-type]
    )


def _word(rng: np.random.Generator) -> str:
    return "".join(_pick(_SYLLABLES, rng) for _ in range(int(rng.integers(2, 4))))


def _pick(values: Sequence[str], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))]

"""Products composed from the assortment: titles, descriptions, prices, stock and variants."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, count

import numpy as np

from schemas import Availability, Product, Variant
from signals.simulator.assortment import ASSORTMENT, BRANDS, LINES, STYLES, SubCategory

PRICE_SPREAD = 0.35
PROPER_NOUNS = frozenset({"brand", "name", "origin"})
ARTICLE_BEFORE_VOWEL = re.compile(r"\b([Aa])(?= [aeiou])")
TITLE_DRAFTS = 4
SOLD_OUT_PRODUCTS = 0.04
SOLD_OUT_VARIANTS = 0.1
ENDINGS = np.array([0.99, 0.5, 0.95, 0.0])
ENDING_SHARES = np.array([0.6, 0.18, 0.12, 0.1])

Words = Mapping[str, str]


def make_products(n_products: int, currency: str, rng: np.random.Generator) -> list[Product]:
    """``n_products`` products spread evenly over the assortment; no title occurs twice."""
    titles: set[str] = set()
    products = []
    for ordinal in range(n_products):
        spec = ASSORTMENT[ordinal % len(ASSORTMENT)]
        item_id = f"{spec.code}-{ordinal // len(ASSORTMENT) + 1:04d}"
        products.append(_Composer(spec, currency, rng).product(item_id, titles))
    return products


class _Composer:
    def __init__(self, spec: SubCategory, currency: str, rng: np.random.Generator) -> None:
        self._spec = spec
        self._currency = currency
        self._rng = rng

    def product(self, item_id: str, taken: set[str]) -> Product:
        spec = self._spec
        colors = self._colors()
        words = self._words()
        title = self._title(words, colors, taken)
        price = self._price()
        sold_out = self._rng.random() < SOLD_OUT_PRODUCTS
        quantity = 0 if sold_out else int(self._rng.integers(4, 120))
        variants = tuple(self._variants(item_id, colors, price, sold_out))
        return Product(
            item_id=item_id,
            title=title,
            description=self._description(words),
            brand=words["brand"],
            category=(spec.category, spec.name),
            price=price,
            currency=self._currency,
            availability=Availability.OUT_OF_STOCK if sold_out else Availability.IN_STOCK,
            quantity=None if variants else quantity,
            image=f"photos/{item_id}.png",
            attributes=self._attributes(words, colors),
            variants=variants,
        )

    def _pick(self, values: tuple[str, ...]) -> str:
        return values[int(self._rng.integers(len(values)))]

    def _colors(self) -> tuple[str, ...]:
        n_colors = 1 if not self._spec.shows_color or self._rng.random() < 0.5 else int(self._rng.integers(2, 5))
        chosen = self._rng.choice(len(self._spec.colors), size=n_colors, replace=False)
        return tuple(self._spec.colors[index] for index in chosen)

    def _words(self) -> dict[str, str]:
        words = {name: self._pick(values) for name, values in self._spec.details.items()}
        brand = self._pick(BRANDS[self._spec.category])
        return words | {"pattern": self._pick(self._spec.patterns), "style": self._style(brand), "brand": brand}

    def _style(self, brand: str) -> str:
        """Two thirds of a brand's products are in the brand's own style."""
        own = STYLES[sum(map(ord, brand)) % len(STYLES)]
        return own if self._rng.random() < 0.67 else self._pick(STYLES)

    def _title(self, words: Words, colors: tuple[str, ...], taken: set[str]) -> str:
        color = colors[0] if self._spec.shows_color and len(colors) == 1 else ""
        pattern = "" if words["pattern"] == "Plain" else words["pattern"]
        drafts = [self._draft({**words, "color": color, "pattern": pattern}) for _ in range(TITLE_DRAFTS)]
        editions = (f"{drafts[0]} No. {edition}" for edition in count(2))
        title = next(title for title in chain(drafts, editions) if title not in taken)
        taken.add(title)
        return title

    def _draft(self, words: Words) -> str:
        return " ".join(self._pick(self._spec.titles).format_map({**words, "name": self._pick(LINES)}).split())

    def _description(self, words: Words) -> str:
        lowered = {name: word if name in PROPER_NOUNS else word.lower() for name, word in words.items()}
        n_uses = int(self._rng.integers(1, 4))
        uses = self._rng.choice(len(self._spec.uses), size=n_uses, replace=False)
        sentences = [self._pick(self._spec.openings), *(self._spec.uses[index] for index in sorted(uses))]
        text = " ".join(sentence.format_map(lowered) for sentence in sentences)
        return ARTICLE_BEFORE_VOWEL.sub(r"\1n", text)

    def _attributes(self, words: Words, colors: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        shown: dict[str, tuple[str, ...]] = {"color": (colors[0],)} if self._spec.shows_color else {}
        patterned = len(self._spec.patterns) > 1
        hidden = {"brand"} if patterned else {"brand", "pattern"}
        return {**shown, **{name: (word,) for name, word in words.items() if name not in hidden}}

    def _price(self) -> Decimal:
        return self._shelf_price(self._spec.price * float(np.exp(self._rng.normal(0, PRICE_SPREAD))))

    def _shelf_price(self, amount: float) -> Decimal:
        ending = float(self._rng.choice(ENDINGS, p=ENDING_SHARES))
        return Decimal(str(max(round(amount - ending), 1) + ending)).quantize(Decimal("0.01"))

    def _variants(self, item_id: str, colors: tuple[str, ...], price: Decimal, sold_out: bool) -> Iterator[Variant]:
        sizes = self._sizes()
        if len(colors) * len(sizes) == 1:
            return
        prices = {size: self._own_price(price, factor) for size, factor in sizes.items()}
        for color in colors:
            for size in sizes:
                available = not sold_out and self._rng.random() >= SOLD_OUT_VARIANTS
                yield Variant(
                    variant_id="-".join([item_id, *_slugs(color if self._spec.shows_color else "", size)]),
                    attributes=self._options(color, size),
                    price=prices[size],
                    currency=None if prices[size] is None else self._currency,
                    availability=Availability.IN_STOCK if available else Availability.OUT_OF_STOCK,
                    quantity=int(self._rng.integers(1, 60)) if available else 0,
                )

    def _sizes(self) -> Mapping[str, float]:
        """A run of sizes, from the first where they differ in price; empty for what comes in one size only."""
        sizes = list(self._spec.sizes.items())
        if len(sizes) < 2 or (not self._spec.consumable and self._rng.random() < 0.12):
            return {"": 1.0}
        length = int(self._rng.integers(2, len(sizes) + 1))
        first = int(self._rng.integers(len(sizes) - length + 1)) if sizes[-1][1] == 1.0 else 0
        return dict(sizes[first : first + length])

    def _own_price(self, price: Decimal, factor: float) -> Decimal | None:
        return None if factor == 1.0 else max(self._shelf_price(float(price) * factor), price)

    def _options(self, color: str, size: str) -> dict[str, tuple[str, ...]]:
        options = {"color": color if self._spec.shows_color else "", "size": size}
        return {name: (value,) for name, value in options.items() if value}


def _slugs(*values: str) -> Iterator[str]:
    return (value.lower().replace(" ", "") for value in values if value)

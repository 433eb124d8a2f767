"""The products as arrays: what a shopper's taste acts on, what stands near what, and what can be bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from schemas import Product
from signals.simulator.assortment import ASSORTMENT, BY_CODE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

POPULARITY_EXPONENT = 1.0
FLAT_HEAD = 8
N_SIMILAR = 8
N_COMPLEMENTS = 5
N_LATENT = 6
N_QUERIES = 3
_CODES = {subcategory.code: index for index, subcategory in enumerate(ASSORTMENT)}


@dataclass(frozen=True)
class Market:
    """One row per item. ``offer_*`` list the in-stock offers, those of item i from ``offer_start[i]`` on."""

    products: Sequence[Product]
    subcategory: IntArray
    style: IntArray
    color: IntArray
    brand: IntArray
    latent: FloatArray
    log_popularity: FloatArray
    relative_price: FloatArray
    consumable: BoolArray
    similar: IntArray
    complements: IntArray
    offer_start: IntArray
    offer_count: IntArray
    offer_variants: tuple[str | None, ...]
    offer_prices: tuple[str, ...]
    queries: tuple[str, ...]

    @property
    def n_items(self) -> int:
        return len(self.products)

    @property
    def in_stock(self) -> BoolArray:
        return self.offer_count > 0

    @cached_property
    def prices(self) -> FloatArray:
        """Of each offer."""
        return np.array(self.offer_prices, dtype=np.float64)


def open_market(products: Sequence[Product], rng: np.random.Generator) -> Market:
    """Index ``products``; draws their popularity and the hidden qualities that no attribute tells."""
    subcategory = np.array([_CODES[_code(product)] for product in products])
    traits = [_numbered(values) for values in _traits(products)]
    latent = rng.normal(size=(len(products), N_LATENT))
    price = np.log([float(product.price or 1) for product in products])
    median = np.log([subcategory.price for subcategory in ASSORTMENT])[subcategory]
    start, count, variants, prices = _offers(products)
    look = np.hstack([_one_hot(values) for values in traits] + [0.35 * latent, (price - median)[:, None]])
    return Market(
        products=products,
        subcategory=subcategory,
        style=traits[0],
        color=traits[1],
        brand=traits[2],
        latent=latent,
        log_popularity=-POPULARITY_EXPONENT * np.log(rng.permutation(len(products)) + FLAT_HEAD),
        relative_price=(price - median) / 0.35,
        consumable=np.array([spec.consumable for spec in ASSORTMENT])[subcategory],
        similar=_nearest(look, subcategory, {code: [code] for code in range(len(ASSORTMENT))}, N_SIMILAR),
        complements=_nearest(look, subcategory, _complement_codes(), N_COMPLEMENTS),
        offer_start=start,
        offer_count=count,
        offer_variants=variants,
        offer_prices=prices,
        queries=tuple(query for product in products for query in _queries(product)),
    )


def _code(product: Product) -> str:
    return product.item_id.rpartition("-")[0]


def _traits(products: Sequence[Product]) -> list[list[str]]:
    styles = [product.attributes["style"][0] for product in products]
    colors = [product.attributes.get("color", ("",))[0] for product in products]
    return [styles, colors, [product.brand or "" for product in products]]


def _numbered(values: Sequence[str]) -> IntArray:
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _one_hot(codes: IntArray) -> FloatArray:
    return np.eye(int(codes.max()) + 1)[codes]


def _complement_codes() -> dict[int, list[int]]:
    return {_CODES[code]: [_CODES[other] for other in spec.complements] for code, spec in BY_CODE.items()}


def _nearest(look: FloatArray, subcategory: IntArray, partners: dict[int, list[int]], n: int) -> IntArray:
    """For each item its ``n`` nearest items among the partner sub-categories, nearest first, itself left out.

    Where there are fewer than ``n``, they repeat.
    """
    nearest = np.empty((len(subcategory), n), dtype=np.int64)
    for code, others in partners.items():
        mine = np.flatnonzero(subcategory == code)
        pool = np.flatnonzero(np.isin(subcategory, others))
        distance = ((look[mine, None, :] - look[None, pool, :]) ** 2).sum(axis=2)
        distance[mine[:, None] == pool] = np.inf
        order = np.argsort(distance, axis=1, kind="stable")
        n_others = len(pool) - int(np.isin(mine, pool).any())
        nearest[mine] = pool[order[:, np.arange(n) % n_others]]
    return nearest


def _offers(products: Sequence[Product]) -> tuple[IntArray, IntArray, tuple[str | None, ...], tuple[str, ...]]:
    rows: list[tuple[str | None, str]] = []
    counts = []
    for product in products:
        offers = [offer for offer in product.offers() if offer.availability == "in_stock" and offer.quantity != 0]
        named = bool(product.variants)
        rows += [(offer.variant_id if named else None, str(offer.price)) for offer in offers]
        counts.append(len(offers))
    count = np.array(counts, dtype=np.int64)
    return np.cumsum(count) - count, count, tuple(row[0] for row in rows), tuple(row[1] for row in rows)


def _queries(product: Product) -> tuple[str, ...]:
    """``N_QUERIES`` things a shopper who finds this product may have typed."""
    noun = product.category[-1].lower()
    first, second = [values[0].lower() for name, values in product.attributes.items() if name != "pattern"][:2]
    return noun, f"{first} {noun}", f"{second} {noun.removesuffix('s')}"

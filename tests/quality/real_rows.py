"""What the rows of a real shop say, read by the tests themselves: kinds, words, prices, how often each was bought."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Final

import pandas as pd
from sqlalchemy import Engine

from recommender.text import word_set
from signals.catalog import CatalogStore
from signals.database import open_database
from tests.quality.checker_text import stem
from tests.quality.real_shops import LAST_DAY, RealShop

LEAST_KIND: Final = 8
MOST_KIND: Final = 150
COLOURS: Final = word_set(
    "black blue brown cream gold green grey ivory orange pink purple red silver turquoise white yellow"
)
NO_KINDS: Final = COLOURS | word_set(
    "for and with set pack large small medium assorted design colour size tier woman man new"
)


@dataclass(frozen=True)
class Item:
    """One product. ``offers``: attributes and price of each variant in stock."""

    item_id: str
    title: str
    category: tuple[str, ...]
    offers: tuple[tuple[Mapping[str, tuple[str, ...]], Decimal | None], ...]

    @cached_property
    def head(self) -> str:
        """The last word of the title, which in English is the thing itself."""
        said = [word for word in self.title.split() if word.isalpha()]
        return stem(said[-1]) if said else ""

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the title, the category and what the variants have."""
        values = (value for attributes, _ in self.offers for several in attributes.values() for value in several)
        return frozenset(stem(word) for text in (self.title, *self.category, *values) for word in _cut(text))

    @property
    def price(self) -> Decimal:
        return min((price for _, price in self.offers if price is not None), default=Decimal("Infinity"))

    def price_in(self, colour: str) -> Decimal:
        """The lowest price of a variant in a colour; endless where there is none."""
        prices = (price for attributes, price in self.offers if price is not None and _has(attributes, colour))
        return min(prices, default=Decimal("Infinity"))

    def value(self, name: str) -> frozenset[str]:
        return frozenset(value for attributes, _ in self.offers for value in attributes.get(name, ()))


def _cut(text: str) -> Iterable[str]:
    return "".join(letter if letter.isalnum() else " " for letter in text.replace("'", "")).split()


def _has(attributes: Mapping[str, tuple[str, ...]], colour: str) -> bool:
    return colour in {value.lower() for value in attributes.get("color", ())}


@dataclass(frozen=True)
class RealRows:
    """All products of a shop, by id; ``bought``: how often each was; ``shoppers`` who bought a few."""

    items: Mapping[str, Item]
    bought: Mapping[str, int]
    shoppers: Sequence[str]
    currency: str

    @classmethod
    def of(cls, shop: RealShop) -> "RealRows":
        engine = open_database(shop.url)
        frame = CatalogStore(engine).rows()
        items = {str(item_id): _item(str(item_id), rows) for item_id, rows in frame.groupby("item_id", sort=True)}
        bought, shoppers = _bought(engine), _shoppers(engine)
        engine.dispose()
        currencies = [str(one) for one in frame["currency"].dropna()]
        stocked = {key: item for key, item in items.items() if item.offers}
        return cls(stocked, bought, shoppers, currencies[0] if currencies else "")

    @cached_property
    def kinds(self) -> Mapping[str, tuple[Item, ...]]:
        """What is sold, as one word, with all items of which it is a word: a few at least, and no colour."""
        heads = Counter(item.head for item in self.items.values())
        found: defaultdict[str, list[Item]] = defaultdict(list)
        for item in self.items.values():
            for word in item.words:
                if heads[word] >= LEAST_KIND // 2 and len(word) > 2 and word.isalpha() and word not in NO_KINDS:
                    found[word].append(item)
        return {word: tuple(own) for word, own in sorted(found.items()) if LEAST_KIND <= len(own) <= MOST_KIND}


def _item(item_id: str, rows: pd.DataFrame) -> Item:
    stocked = rows[
        (rows["availability"] == "in_stock") & ((rows["quantity"] != 0) | rows["quantity"].isna()).fillna(value=True)
    ]
    offers = tuple(
        (attributes, None if price is None or price != price else price)
        for attributes, price in zip(stocked["attributes"], stocked["price"], strict=True)
    )
    first = rows.iloc[0]
    return Item(item_id, str(first["title"]), tuple(first["category"]), offers)


def _bought(engine: Engine) -> Mapping[str, int]:
    query = "select item_id, count(*) as n from events where kind = 'purchase' and flag is null group by item_id"
    return {str(item): int(n) for item, n in pd.read_sql(query, engine).itertuples(index=False)}


def _shoppers(engine: Engine) -> Sequence[str]:
    query = "select user_id from events where kind = 'purchase' and user_id is not null group by 1 having count(*) > 2"
    return sorted(str(one) for one in pd.read_sql(query, engine)["user_id"])


def bought_together(data: Path, least: int = 3, most: int = 20) -> Mapping[str, frozenset[str]]:
    """Of Online Retail, what was in the same orders after `LAST_DAY`, at least `least` times, the likeliest first."""
    lines = pd.read_parquet(data / "online_retail" / "online_retail.parquet")
    later = lines[(lines["InvoiceDate"] >= LAST_DAY) & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    pairs: Counter[tuple[str, str]] = Counter()
    orders: Counter[str] = Counter()
    for _, codes in later.groupby("InvoiceNo")["StockCode"]:
        basket = sorted({str(code) for code in codes})
        orders.update(basket)
        if len(basket) <= 60:
            pairs.update(combinations(basket, 2))
    near: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for (one, other), n in pairs.items():
        if n >= least:
            likeness = n / (orders[one] * orders[other]) ** 0.5
            near[one].append((likeness, other))
            near[other].append((likeness, one))
    return {one: frozenset(other for _, other in sorted(found, reverse=True)[:most]) for one, found in near.items()}

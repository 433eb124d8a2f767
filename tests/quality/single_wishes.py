"""Requests with a single wish that can be had: a kind of thing, perhaps in a colour, for somebody, or under a price."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from tests.quality.real_rows import COLOURS, Item
from tests.quality.tradeoffs import Asked, Maker, Right

LEAST: Final = 5


def by_word(maker: Maker) -> Iterator[Asked]:
    """A word of titles, alone, in a colour or under a price: one of the first five is that."""
    while True:
        word, items = maker.kind()
        draw = maker.rng.random()
        if draw < 0.4:
            yield Asked(maker.shop, "single", maker.frame("word").format(word), _one_of(items))
        elif draw < 0.7:
            colour = maker.pick(sorted(COLOURS))
            good = [item for item in items if item.price_in(colour).is_finite()]
            if good:
                yield Asked(maker.shop, "single", maker.frame("word").format(f"{colour} {word}"), _one_of(good))
        else:
            prices = sorted(item.price for item in items if item.price.is_finite())
            limit = prices[len(prices) // 3] + Decimal("0.01") if prices else Decimal(0)
            good = [item for item in items if item.price <= limit]
            if good:
                yield Asked(maker.shop, "single", maker.frame("price").format(word, maker.money(limit)), _one_of(good))


def by_category(maker: Maker) -> Iterator[Asked]:
    """A category, in a colour or for somebody: one of the first five is that."""
    found: dict[str, list[Item]] = {}
    for item in maker.rows.items.values():
        if len(item.category) == 3 and maker.is_mine(item.category[2]):
            found.setdefault(item.category[2], []).append(item)
    kinds: Mapping[str, list[Item]] = {kind: own for kind, own in sorted(found.items()) if len(own) >= LEAST}
    while True:
        kind = maker.pick(list(kinds))
        own = kinds[kind][int(maker.rng.integers(len(kinds[kind])))]
        name = maker.pick(("color", "gender"))
        (value,) = tuple(own.value(name))[:1] or ("",)
        good = [item for item in kinds[kind] if value in item.value(name)]
        text = f"{value} {kind}" if name == "color" else f"{kind} for {value}"
        if value:
            yield Asked(maker.shop, "single", text.lower(), _one_of(good))


def _one_of(items: list[Item] | tuple[Item, ...]) -> Right:
    good = {item.item_id for item in items}
    return lambda shown: not good.isdisjoint(shown)

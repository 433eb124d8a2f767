"""The three modes on the same requests: what shopping gets wrong and contemplating repairs, and the other way round."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from recommender import Shop
from schemas import Mode, Reply
from tests.quality.real_rows import RealRows, bought_together
from tests.quality.real_shops import SHOPS, RealShop
from tests.quality.single_wishes import by_category, by_word
from tests.quality.tradeoffs import Asked, Maker, complements_by_kind, complements_by_orders, near_colours

SEEDS: Final = {"development": 1, "held out": 2}


def share(of: Sequence[bool]) -> float:
    return float(np.mean(of)) if of else 0.0


@dataclass(frozen=True)
class Outcome:
    """How two modes did on one request; ``ms`` of each reply."""

    asked: Asked
    before: bool
    after: bool
    ms: tuple[float, float]


@dataclass
class Compared:
    """Requests in two modes, beside each other."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def repaired(self) -> list[bool]:
        """Of each request that was answered wrong before, whether it is right after."""
        return [outcome.after for outcome in self.outcomes if not outcome.before]

    @property
    def broken(self) -> list[bool]:
        """Of each request that was answered right before, whether it is wrong after."""
        return [not outcome.after for outcome in self.outcomes if outcome.before]

    @property
    def satisfied(self) -> list[bool]:
        """Of each request, whether it was answered right before."""
        return [outcome.before for outcome in self.outcomes]

    def by_kind(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {}
        for outcome in self.outcomes:
            name = {(0, 0): "wrong", (0, 1): "repaired", (1, 0): "broken", (1, 1): "right"}
            found.setdefault(outcome.asked.kind, Counter())[name[int(outcome.before), int(outcome.after)]] += 1
        return {kind: dict(counts) for kind, counts in sorted(found.items())}


def requests(data: Path, shops: Sequence[RealShop], half: str, share: float = 1.0) -> list[Asked]:
    """200 requests that one wish does not answer, fifty of each kind, or a seeded share of each; of `shops` alone."""
    makers = _makers(shops, half, 0)
    ways: dict[str, Callable[[Maker], list[tuple[int, Iterator[Asked]]]]] = {
        "online_retail": lambda maker: [
            (30, maker.sets()),
            (30, maker.trade_offs()),
            (20, complements_by_orders(maker, bought_together(data))),
            (20, maker.prices_above()),
        ],
        "magento": lambda maker: [
            (20, maker.sets()),
            (20, maker.trade_offs()),
            (10, complements_by_kind(maker, "")),
            (10, maker.prices_above()),
        ],
        "fashion": lambda maker: [(20, complements_by_kind(maker, "gender")), (20, near_colours(maker))],
    }
    return [asked for name, maker in makers.items() for asked in _drawn(maker, ways[name](maker), share)]


def single_wishes(shops: Sequence[RealShop], half: str, share: float = 1.0) -> list[Asked]:
    """240 requests of one wish, eighty for each shop, or a seeded share of them."""
    makers = _makers(shops, half, 10)
    ways = {name: by_category(maker) if name == "fashion" else by_word(maker) for name, maker in makers.items()}
    return [asked for name, maker in makers.items() for asked in _drawn(maker, [(80, ways[name])], share)]


def _makers(shops: Sequence[RealShop], half: str, offset: int) -> dict[str, Maker]:
    seed = SEEDS[half] + offset
    return {
        shop.name: Maker(shop.name, RealRows.of(shop), half, np.random.default_rng((seed, SHOPS.index(shop.name))))
        for shop in shops
    }


def _drawn(maker: Maker, ways: Sequence[tuple[int, Iterator[Asked]]], share: float) -> list[Asked]:
    """So many different requests of each way, half of them by shoppers of the shop."""
    drawn: list[Asked] = []
    for count, way in ways:
        texts: set[str] = set()
        for asked in islice(way, 100 * count):
            if len(texts) == max(round(share * count), 1):
                break
            if asked.text not in texts:
                texts.add(asked.text)
                drawn.append(replace(asked, user_id=maker.user()))
    return drawn


def compare(
    asked: Sequence[Asked], shops: Sequence[RealShop], before: Mode = Mode.SHOPPING, after: Mode = Mode.CONTEMPLATING
) -> Compared:
    """Each request in both modes, written by the template."""
    compared = Compared()
    for real in shops:
        with Shop.open(real.url, real.artifacts, "none", encoder=real.encoder) as shop:
            shop.warm()
            _answered(shop, Asked(real.name, "", "hello", bool), after)
            for one in asked:
                if one.shop == real.name:
                    (first, ms), (second, later_ms) = (_judged(shop, one, mode) for mode in (before, after))
                    compared.outcomes.append(Outcome(one, first, second, (ms, later_ms)))
    return compared


def _judged(shop: Shop, asked: Asked, mode: Mode) -> tuple[bool, float]:
    reply, ms = _answered(shop, asked, mode)
    return asked.answered_by(reply), ms


def _answered(shop: Shop, asked: Asked, mode: Mode) -> tuple[Reply, float]:
    start = time.perf_counter()
    reply = shop.chat([{"role": "user", "content": asked.text}], user_id=asked.user_id, mode=mode)
    return reply, 1_000 * (time.perf_counter() - start)

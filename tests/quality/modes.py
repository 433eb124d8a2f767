"""The three modes on the same requests: what shopping gets wrong and contemplating repairs, and the other way round."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Outcome:
    """How two modes did on one request; ``ms`` of each reply."""

    asked: Asked
    before: bool
    after: bool
    ms: tuple[float, float]


@dataclass
class Compared:
    """``repaired``: wrong before and right after; ``broken``: right before and wrong after."""

    outcomes: list[Outcome] = field(default_factory=list)

    def share(self, *, before: bool, after: bool) -> float:
        """Of those that were ``before``, how many are ``after``."""
        of = [outcome.after is after for outcome in self.outcomes if outcome.before is before]
        return float(np.mean(of)) if of else 0.0

    @property
    def repaired(self) -> float:
        return self.share(before=False, after=True)

    @property
    def broken(self) -> float:
        return self.share(before=True, after=False)

    def by_kind(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {}
        for outcome in self.outcomes:
            name = {(0, 0): "wrong", (0, 1): "repaired", (1, 0): "broken", (1, 1): "right"}
            found.setdefault(outcome.asked.kind, Counter())[name[int(outcome.before), int(outcome.after)]] += 1
        return {kind: dict(counts) for kind, counts in sorted(found.items())}


def requests(data: Path, shops: Sequence[RealShop], half: str, share: float = 1.0) -> list[Asked]:
    """200 requests that one wish does not answer, fifty of each kind, or a seeded share of each."""
    return _drawn(_requests(data, shops, half), share)


def single_wishes(shops: Sequence[RealShop], half: str, share: float = 1.0) -> list[Asked]:
    """240 requests of one wish, eighty for each shop, or a seeded share of them."""
    makers = _makers(shops, half, 10)
    ways = [(80, by_category(maker) if name == "fashion" else by_word(maker)) for name, maker in makers.items()]
    return _drawn(ways, share)


def _requests(data: Path, shops: Sequence[RealShop], half: str) -> list[tuple[int, Iterator[Asked]]]:
    makers = _makers(shops, half, 0)
    retail, magento, fashion = (makers[name] for name in SHOPS)
    return [
        (30, retail.sets()),
        (20, magento.sets()),
        (30, retail.trade_offs()),
        (20, magento.trade_offs()),
        (20, complements_by_orders(retail, bought_together(data))),
        (10, complements_by_kind(magento, "")),
        (20, complements_by_kind(fashion, "gender")),
        (20, retail.prices_above()),
        (10, magento.prices_above()),
        (20, near_colours(fashion)),
    ]


def _makers(shops: Sequence[RealShop], half: str, offset: int) -> dict[str, Maker]:
    seed = SEEDS[half] + offset
    rngs = np.random.default_rng(seed).spawn(len(shops))
    return {shop.name: Maker(shop.name, RealRows.of(shop), half, rng) for shop, rng in zip(shops, rngs, strict=True)}


def _drawn(ways: Sequence[tuple[int, Iterator[Asked]]], share: float) -> list[Asked]:
    """So many different requests of each way."""
    drawn: list[Asked] = []
    for count, way in ways:
        texts: set[str] = set()
        for asked in islice(way, 100 * count):
            if len(texts) == max(round(share * count), 1):
                break
            if asked.text not in texts:
                texts.add(asked.text)
                drawn.append(asked)
    return drawn


def compare(
    asked: Sequence[Asked], shops: Sequence[RealShop], before: Mode = Mode.SHOPPING, after: Mode = Mode.CONTEMPLATING
) -> Compared:
    """Each request in both modes, by nobody in particular, written by the template."""
    compared = Compared()
    for real in shops:
        with Shop.open(real.url, real.artifacts, "none") as shop:
            shop.warm()
            _answered(shop, "hello", after)
            for one in asked:
                if one.shop == real.name:
                    (first, ms), (second, later_ms) = (_judged(shop, one, mode) for mode in (before, after))
                    compared.outcomes.append(Outcome(one, first, second, (ms, later_ms)))
    return compared


def _judged(shop: Shop, asked: Asked, mode: Mode) -> tuple[bool, float]:
    reply, ms = _answered(shop, asked.text, mode)
    return asked.answered_by(reply), ms


def _answered(shop: Shop, text: str, mode: Mode) -> tuple[Reply, float]:
    start = time.perf_counter()
    reply = shop.chat([{"role": "user", "content": text}], mode=mode)
    return reply, 1_000 * (time.perf_counter() - start)

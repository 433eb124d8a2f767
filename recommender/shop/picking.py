"""The winners of one request: candidates confirmed against SQL, and what the rules make of them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from recommender.catalog import Mask, Offer, Rows
from recommender.dataset import Floats
from recommender.ranking import Order, Ranked
from recommender.rules import Choice, Drawn, Limit, Terms, asked_of, boosted, choose, explore
from recommender.shop.serving import View
from schemas import Diversity, Effects, Filter, Rules
from schemas.rules import MAX_SEED

SPARE = 10

Kept = tuple[int, Offer, datetime]
"""The row of the catalogue that is quoted of an item, its offer as read from SQL, and when that was."""


@dataclass(frozen=True)
class Winner:
    """``score`` has the ``boost`` in it."""

    item: int
    score: float
    kept: Kept
    boost: float
    promoted: bool
    propensity: float


class Candidates:
    """Eligible items whose price and stock, read again from SQL, keep to the constraints; best first.

    `read` takes items and gives what is kept of one of them, None where it is lost.

    Attributes
    ----------
    eligible : shape (n_items,); an item that turns out to be lost is taken out
    pool : the candidates so far
    """

    def __init__(self, eligible: Mask, order: Order, read: Callable[[Rows], Callable[[int], Kept | None]]) -> None:
        self.eligible = eligible.copy()
        self.pool = Ranked(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))
        self._order, self._read = order, read
        self._kept: dict[int, Kept] = {}

    def add(self, among: Mask, n: int) -> None:
        """Take in the `n` best of `among`, none of which is a candidate yet; fewer if fewer hold."""
        unseen, wanted = among.copy(), len(self.pool.items) + n
        while len(self.pool.items) < wanted and unseen.any():
            lacking = wanted - len(self.pool.items)
            best = self._order.best(unseen, lacking + SPARE)
            held = self._held(best.items, lacking)
            items, scores = self.pool.items, self.pool.scores
            self.pool = Ranked.of(
                np.concatenate([items, best.items[held]]), np.concatenate([scores, best.scores[held]])
            )
            unseen[best.items] = False

    def _held(self, items: Rows, n: int) -> list[int]:
        """The places of the first `n` that are not lost."""
        current, held = self._read(items), list[int]()
        for place, item in enumerate(items.tolist()):
            if len(held) == n:
                break
            kept = current(item)
            if kept is None:
                self.eligible[item] = False
            else:
                self._kept[item] = kept
                held.append(place)
        return held

    def kept(self, item: int) -> Kept:
        return self._kept[item]


@dataclass(frozen=True)
class Ruling:
    """The rules of one request over the items of its view.

    Attributes
    ----------
    promoted : bool, shape (n_items,)
    boosts : float32, shape (n_items,), what is added to the scores; None where nothing is boosted
    """

    rules: Rules
    view: View
    promoted: Mask
    boosts: Floats | None

    @classmethod
    def of(cls, rules: Rules, view: View, variants: Mask, unit: float) -> "Ruling":
        """`variants` are those that keep to the constraints, shape (n_variants,); `unit` is what a boost of 1 adds."""
        n_items, promotion = view.columns.n_items, rules.promotion
        nothing = np.zeros(n_items, dtype=np.bool_)
        promoted = nothing if promotion is None else _matching(view, promotion.of, variants)
        if not rules.boosts:
            return cls(rules, view, promoted, None)
        boosts = [(boost.by * unit, _matching(view, boost.of, variants)) for boost in rules.boosts]
        return cls(rules, view, promoted, boosted(boosts, n_items))

    def ruled(self, scores: Floats) -> Floats:
        """The scores with the boosts."""
        return scores if self.boosts is None else scores + self.boosts

    def pick(self, candidates: Candidates, k: int) -> tuple[list[Winner], Effects]:
        """The winners for `k` places, in their order, and what the rules did."""
        candidates.add(candidates.eligible, k + self._tail)
        choice, cost = self._diverse(candidates, k)
        drawn = self._drawn(choice, candidates.pool.items)
        winners = [
            self._winner(candidates, int(place), float(propensity))
            for place, propensity in zip(drawn.places, drawn.propensities, strict=True)
        ]
        n_promoted = sum(winner.promoted for winner in winners)
        short = max(asked_of(self.rules.promotion, k) - n_promoted, 0)
        return winners, Effects(promoted=n_promoted, promoted_shortfall=short, diversity_cost=cost)

    @property
    def _tail(self) -> int:
        return self.rules.tail if self.rules.diversity or self.rules.exploration else 0

    def _diverse(self, candidates: Candidates, k: int) -> tuple[Choice, float]:
        """The list before anything is left to chance, and what its diversity costs."""
        spare = self._tail if self.rules.exploration else 0
        if self.rules.diversity is None:
            return self._choose(candidates, k, Diversity(), spare), 0.0
        best = _total(candidates, self._choose(candidates, k, Diversity(), 0))
        choice = self._choose(candidates, k, self.rules.diversity, spare)
        return choice, max(best - _total(candidates, choice), 0.0)

    def _drawn(self, choice: Choice, items: Rows) -> Drawn:
        exploration = self.rules.exploration
        if exploration is None:
            return Drawn(choice.places, np.ones(len(choice.places)))
        return explore(choice, self.promoted[items], exploration.epsilon, np.random.default_rng(exploration.seed))

    def _winner(self, candidates: Candidates, place: int, propensity: float) -> Winner:
        item, score = int(candidates.pool.items[place]), float(candidates.pool.scores[place])
        boost, promoted = 0.0 if self.boosts is None else float(self.boosts[item]), bool(self.promoted[item])
        return Winner(item, score, candidates.kept(item), boost, promoted, propensity)

    def _choose(self, candidates: Candidates, k: int, diversity: Diversity, spare: int) -> Choice:
        """Choose, and look for further candidates as long as the choice lacks some."""
        limits = self._limits(diversity)
        while True:
            eligible, pool = candidates.eligible, candidates.pool
            terms = Terms(eligible, self.promoted, self.rules.promotion, limits, diversity.balance, self._tail)
            vectors = self._vectors(pool.items) if diversity.balance < 1 else None
            choice = choose(pool, k, terms, vectors, spare=spare)
            if not len(choice.lacking):
                return choice
            among = np.zeros_like(eligible)
            among[choice.lacking] = True
            candidates.add(among, k)

    def _limits(self, diversity: Diversity) -> tuple[Limit, ...]:
        columns, brands, categories = self.view.columns, diversity.per_brand, diversity.per_category
        by_brand = () if brands is None else (Limit(columns.brands, brands),)
        return by_brand if categories is None else (*by_brand, Limit(columns.categories, categories))

    def _vectors(self, items: Rows) -> Floats:
        """What items are similar by: the meaning of their texts, or what category and brand they have."""
        embeddings = self.view.artifacts.embeddings
        return self.view.columns.kinds(items) if embeddings is None else embeddings.of("text", items)


def _matching(view: View, wanted: Filter, variants: Mask) -> Mask:
    items = view.columns.items_of(variants & view.columns.matching(wanted))
    if not wanted.items:
        return items
    named = np.zeros_like(items)
    found = view.artifacts.items.find(wanted.items)
    named[found[found >= 0]] = True
    return items & named


def _total(candidates: Candidates, choice: Choice) -> float:
    """The sum of the scores of a list."""
    return float(candidates.pool.scores[choice.places].astype(np.float64).sum())


def seeded(rules: Rules) -> Rules:
    """The rules with a seed for their exploration, a new one where they have none."""
    exploration = rules.exploration
    if exploration is None or exploration.seed is not None:
        return rules
    return rules.model_copy(
        update={"exploration": exploration.model_copy(update={"seed": secrets.randbelow(MAX_SEED)})}
    )

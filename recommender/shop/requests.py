"""One request: who asks, what is eligible, and the winners, confirmed against SQL."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Protocol

import numpy as np

from recommender.blend import Asked
from recommender.catalog import Mask, Offer, Rows, cheapest_first, offer_satisfies
from recommender.content import Content
from recommender.errors import BadRequestError, UnknownIdError
from recommender.explain import Deed, reasons
from recommender.ids import IdMap
from recommender.ranking import Order, Scored
from recommender.rules import deviation
from recommender.shop.picking import Candidates, Kept, Ruling, Winner
from recommender.shop.serving import View
from recommender.shop.shopper import Shopper
from schemas import (
    Constraints,
    Effects,
    EventKind,
    ProductRow,
    RankedItem,
    Reason,
    ReasonKind,
    Recommendations,
    Rules,
)
from schemas.recommendation import MAX_K
from schemas.rules import MAX_DIVERSE_K
from signals.catalog_entries import Offer as CatalogOffer
from signals.events import Kinds, RecentEvent
from signals.weights import EventWeights

ANYTHING_IN_STOCK = Constraints()
NO_RULES = Rules()
WEIGHTS = EventWeights().model_dump()
SPEAKING = tuple(EventKind(kind) for kind, weight in WEIGHTS.items() if weight != 0)
"""Kinds that say something about a taste."""
TRADE = (EventKind.PURCHASE, EventKind.REFUND)
HISTORY_EVENTS = 200
TRADE_EVENTS = 100_000
HISTORY_PARTS = ((TRADE_EVENTS, TRADE), (HISTORY_EVENTS, SPEAKING))
"""The newest events that are read of a shopper: of trade, and of taste."""


@dataclass(frozen=True)
class Request:
    """What is asked: ``k`` items for a shopper (None: nobody known) under constraints.

    ``within`` are further constraints that must hold at the same time; ``content`` is what the items should be like.
    ``capped`` are the items that the frequency cap of the rules leaves out. ``liked``, ``dwelt_on`` and ``beside`` say
    how `shopper` differs from what SQL knows: liked or dwelt on in this conversation, or nobody of whom only the item
    ``beside`` is known.
    ``explains_all``: reasons may tell of behaviour with products that are sensitive.
    """

    view: View
    shopper: Shopper
    k: int
    constraints: Constraints = ANYTHING_IN_STOCK
    user_id: str | None = None
    personalize: bool = True
    content: Content | None = None
    within: Constraints | None = None
    rules: Rules = NO_RULES
    capped: tuple[str, ...] = ()
    liked: tuple[str, ...] = ()
    dwelt_on: tuple[str, ...] = ()
    beside: str | None = None
    explains_all: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.k, int) or not 1 <= self.k <= MAX_K:
            raise BadRequestError(f"k must be an integer between 1 and {MAX_K:,}, got {self.k!r}")
        if self.rules.diversity is not None and self.k > MAX_DIVERSE_K:
            raise BadRequestError(f"diversity is for at most {MAX_DIVERSE_K:,} items, got k={self.k:,}; ask for fewer")
        for given in self.all_constraints:
            if not isinstance(given, Constraints):
                raise BadRequestError(f"constraints must be schemas.Constraints, got {given!r:.60}")

    @property
    def all_constraints(self) -> tuple[Constraints, ...]:
        return (self.constraints,) if self.within is None else (self.constraints, self.within)

    def allows(self, offer: Offer) -> bool:
        """Whether price and stock keep to all the constraints."""
        return all(offer_satisfies(offer, constraints) for constraints in self.all_constraints)

    def indexes(self, item_ids: Sequence[str]) -> Rows:
        """The indexes of those of the items that the artifacts know."""
        found = self.view.artifacts.items.find(item_ids)
        return found[found >= 0]

    @cached_property
    def variants(self) -> Mask:
        """Which variants keep to all the constraints; shape (n_variants,)."""
        masks = [self.view.columns.satisfying(constraints) for constraints in self.all_constraints]
        return np.logical_and.reduce(masks)

    @cached_property
    def uncapped(self) -> Mask:
        """Which items the constraints leave, those of the shopper among them; shape (n_items,)."""
        items = self.view.columns.items_of(self.variants)
        for constraints in self.all_constraints:
            items[self.indexes(constraints.exclude)] = False
            if constraints.items:
                items &= _only(self.indexes(constraints.items), len(items))
        if self.personalize:
            items[self.shopper.disliked] = False
            if not self.constraints.include_bought:
                items[self.shopper.bought] = False
        return items

    @cached_property
    def eligible(self) -> Mask:
        """Which of them the frequency cap leaves; shape (n_items,)."""
        if not self.capped:
            return self.uncapped
        items = self.uncapped.copy()
        items[self.indexes(self.capped)] = False
        return items

    @cached_property
    def asked(self) -> Asked:
        """The blend, asked with the shopper's history: once for the order and the reasons."""
        return self.view.artifacts.blend.ask(self.shopper.query)

    @cached_property
    def ordered(self) -> tuple[Ruling, Order]:
        """The rules and the order of the eligible items under them; a boost is measured by the scores of them all."""
        view, rules = self.view, self.rules
        if not rules.boosts:
            content = None if self.content is None else self.content.nearby or self.content.scores
            order = view.ranker.order(self.asked, self.eligible, personalize=self.personalize, content=content)
            return Ruling.of(rules, view, self.variants, 1.0), order
        content = None if self.content is None else self.content.scores
        scores = view.ranker.scores(self.asked, self.eligible, personalize=self.personalize, content=content)
        ruling = Ruling.of(rules, view, self.variants, deviation(scores[self.eligible]))
        return ruling, Scored(ruling.ruled(scores))

    def leading(self, n: int) -> list[ProductRow]:
        """The rows of the `n` best, whose price and stock are those in memory: not for what is shown."""
        _, order = self.ordered
        return self.view.columns.quoted(order.best(self.eligible, n).items.tolist(), datetime.now(UTC), self.variants)

    @property
    def personal(self) -> bool:
        """Whether behaviour plays a part in the answer."""
        return self.personalize and len(self.shopper.query.items) > 0


@dataclass(frozen=True)
class _Picked:
    """The winners in their order, the row of each, and what the rules did."""

    winners: Sequence[Winner]
    rows: Sequence[ProductRow]
    effects: Effects


class Catalogue(Protocol):
    """Price and stock as they count for a request."""

    def offers(self, item_ids: Iterable[str]) -> Mapping[str, CatalogOffer]: ...
    def unknown(self, item_ids: Iterable[str]) -> list[str]: ...


class Behaviour(Protocol):
    """What shoppers did, as a request knows it."""

    def recent_parts(self, user_id: str, parts: Iterable[tuple[int, Kinds]]) -> list[Sequence[RecentEvent]]: ...


class Views(Protocol):
    def refresh(self) -> View: ...


def nobody(_: str) -> bool:
    """Whether a shopper opted in: nobody did."""
    return False


class Requests:
    """Answers requests from a view of the shop; thread-safe.

    ``opted_in`` says of a user id whether reasons may tell of behaviour with sensitive products.
    """

    def __init__(
        self, catalog: Catalogue, events: Behaviour, serving: Views, opted_in: Callable[[str], bool] = nobody
    ) -> None:
        self._catalog = catalog
        self._events = events
        self._serving = serving
        self._opted_in = opted_in

    def shopper(self, view: View, user_id: str | None) -> Shopper:
        """What SQL knows of a shopper now, in the indexes of `view`."""
        if user_id is None:
            return Shopper.unknown()
        trade, recent = self._events.recent_parts(user_id, HISTORY_PARTS)
        return shopper_of(trade, recent, view.titles, view.artifacts.items)

    def item(self, view: View, item_id: str) -> int:
        """The index of an item; UnknownIdError says whether the catalogue or only the artifacts lack it."""
        found = int(view.artifacts.items.find([item_id])[0])
        if found < 0 and self._catalog.unknown([item_id]):
            raise UnknownIdError(f"unknown item {item_id!r}; the catalogue does not have it")
        if found < 0:
            raise UnknownIdError(
                f"item {item_id!r} is newer than the artifacts and not in the photo index; "
                "run `recommender photos index`"
            )
        return found

    def answer(self, request: Request) -> Recommendations:
        """The `k` best eligible items in the order of `recommender.ranking`, as the rules have them, with reasons."""
        self._refuse_strangers(request)
        if request.user_id is not None and self._opted_in(request.user_id):
            request = replace(request, explains_all=True)
        picked = self._pick(request)
        if len(picked.winners) < request.k:
            fresh = self._serving.refresh()
            if fresh.artifacts is request.view.artifacts:
                request = replace(request, view=fresh)
                picked = self._pick(request)
        return _recommendations(request, picked)

    def _refuse_strangers(self, request: Request) -> None:
        """Every item named is in the catalogue; one that only the artifacts do not know cannot be ranked anyway."""
        named = {"excluded item": [item_id for one in request.all_constraints for item_id in one.exclude]}
        named["item"] = [item_id for one in request.all_constraints for item_id in one.items]
        named["item of a rule"] = [item_id for one in request.rules.filters for item_id in one.items]
        for kind, ids in named.items():
            found = request.view.artifacts.items.find(ids)
            strangers = [item for item, index in zip(ids, found, strict=True) if index < 0]
            unknown = self._catalog.unknown(strangers) if strangers else []
            if unknown:
                raise UnknownIdError(f"unknown {kind} {unknown[0]!r}; the catalogue does not have it")

    def _pick(self, request: Request) -> _Picked:
        """The winners, whose price and stock, read again from SQL, still satisfy the constraints."""
        ruling, order = request.ordered
        candidates = Candidates(request.eligible, order, lambda items: self._read(request, items))
        winners, effects = ruling.pick(candidates, request.k)
        rows = [request.view.columns.product_row(*winner.kept) for winner in winners]
        n_capped = int(np.count_nonzero(request.uncapped[request.indexes(request.capped)]))
        return _Picked(winners, rows, effects.model_copy(update={"capped": n_capped}))

    def _read(self, request: Request, items: Rows) -> Callable[[int], Kept | None]:
        """Of one of `items`, the cheapest variant whose offer, read now, satisfies the constraints."""
        columns, as_of = request.view.columns, datetime.now(UTC)
        offers = self._catalog.offers(request.view.artifacts.items.ids(items))

        def cheapest(item: int) -> Kept | None:
            current = [
                (int(row), offers.get(columns.variant_id(int(row)))) for row in columns.rows_of(item, request.variants)
            ]
            kept = [(row, offer, as_of) for row, offer in current if offer is not None and request.allows(offer)]
            return min(kept, key=lambda one: cheapest_first(one[1])) if kept else None

        return cheapest


def _only(items: Rows, n_items: int) -> Mask:
    mask = np.zeros(n_items, dtype=np.bool_)
    mask[items] = True
    return mask


def shopper_of(
    trade: Iterable[RecentEvent], recent: Sequence[RecentEvent], titles: Mapping[str, str], items: IdMap
) -> Shopper:
    """A shopper from the events of `HISTORY_PARTS`, newest first."""
    deeds = [
        Deed(event.item_id, titles.get(event.item_id), EventKind(event.kind), event.occurred_at)
        for event in reversed(recent)
        if event.item_id is not None
    ]
    return Shopper.from_events(deeds, _net_quantities(trade), WEIGHTS, items)


def _net_quantities(trade: Iterable[RecentEvent]) -> dict[str, int]:
    """How many of each item ever bought were not sent back; 0 or less where all were."""
    kept: Counter[str] = Counter()
    for event in trade:
        if event.item_id is not None:
            kept[event.item_id] += event.quantity if event.kind == EventKind.PURCHASE else -event.quantity
    return kept


def _recommendations(request: Request, picked: _Picked) -> Recommendations:
    why = _explained(request, picked)
    items = tuple(
        RankedItem(
            item_id=row.item_id,
            rank=rank,
            score=winner.score,
            row=row,
            reasons=parts,
            promoted=winner.promoted,
            propensity=winner.propensity,
        )
        for rank, (winner, row, parts) in enumerate(zip(picked.winners, picked.rows, why, strict=True), start=1)
    )
    short = request.k - len(items)
    return Recommendations(
        request_id=uuid.uuid4().hex,
        user_id=request.user_id,
        items=items,
        k=request.k,
        shortfall=short,
        shortfall_reason=_too_few(len(items), picked.effects.capped) if short else None,
        effects=None if request.rules == NO_RULES else picked.effects,
        cold_start=not len(request.shopper.query.items),
        personalized=request.personal,
        model_version=request.view.artifacts.manifest.version,
        as_of=items[0].row.as_of if items else datetime.now(UTC),
    )


def _too_few(n_items: int, n_capped: int) -> str:
    reason = f"only {n_items:,} items satisfy every constraint"
    return f"{reason}; the frequency cap leaves out {n_capped:,} more" if n_capped else reason


def _explained(request: Request, picked: _Picked) -> list[tuple[Reason, ...]]:
    """Why each item is where it is: behaviour, and content where the request has some; boosts are not told."""
    if not picked.winners:
        return []
    why = reasons_of(request, np.array([winner.item for winner in picked.winners], dtype=np.int32))
    content = request.content
    if content is None:
        return why
    return [
        content.explained(winner.item, winner.score - winner.boost, row, parts)
        for winner, row, parts in zip(picked.winners, picked.rows, why, strict=True)
    ]


def reasons_of(request: Request, items: Rows) -> list[tuple[Reason, ...]]:
    """Of a shopper their own deeds; of "similar to this", whose query is nobody's, nothing."""
    if not request.personal:
        return reasons(request.asked, (), items)
    deeds = request.shopper.deeds
    if not deeds:
        return [()] * len(items)
    why = reasons(request.asked, deeds, items)
    return why if request.explains_all else _discreet(request, items, why)


def _discreet(request: Request, items: Rows, why: Sequence[tuple[Reason, ...]]) -> list[tuple[Reason, ...]]:
    """The reasons without those by which behaviour tells something private, of an item or by the one it names."""
    private = request.view.columns.sensitive
    named = [reason.item_id for own in why for reason in own if reason.item_id is not None]
    found = request.view.artifacts.items.find(named)
    telling = {item_id for item_id, index in zip(named, found, strict=True) if index >= 0 and private[index]}

    def told(item: int, reason: Reason) -> bool:
        return reason.kind is not ReasonKind.HISTORY or not (private[item] or reason.item_id in telling)

    return [tuple(reason for reason in own if told(int(item), reason)) for item, own in zip(items, why, strict=True)]

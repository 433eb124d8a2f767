"""Requests to practise on: ranked items with reasons, wishes, small talk and photos, drawn at random from a shelf."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from recommender.base_model.compact.practice.shelves import AS_OF, Shelf
from recommender.conversation.context import Dropped, WritingContext
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.vocabulary import CATEGORY
from schemas import EventKind, Mode, Money, Product, ProductRow, RankedItem, Reason, ReasonKind, Seen, Surface, Wishes

KINDS: Final = (EventKind.PURCHASE, EventKind.VIEW, EventKind.ADD_TO_CART, EventKind.WISHLIST, EventKind.LIKE)
KIND_SHARES: Final = (0.35, 0.35, 0.15, 0.1, 0.05)
_ASKS: Final = ("I am looking for {}", "{} please", "do you have {}?", "show me {}", "need {} for a friend", "{}")
_PHOTO_ASKS: Final = ("something like this", "do you have this?", "", "what goes with this", "I like this one")
_NOTHING_ASKED: Final = ("what would you recommend?", "hello", "show me something nice", "any ideas?", "what is new")


def draw_request(shelf: Shelf, rng: np.random.Generator, *, photo_share: float = 0.3) -> WritingContext:
    """One request with everything a reply may have to speak of."""
    rows = _rows(shelf, rng)
    reasons = _reasons(shelf.rows, rows, rng)
    items = tuple(
        RankedItem(item_id=row.item_id, rank=rank, score=1 / rank, row=row, reasons=why)
        for rank, (row, why) in enumerate(zip(rows, reasons, strict=True), 1)
    )
    wishes = _wishes(rows, rng)
    relaxed = _relaxed(wishes, rng)
    short = bool(items) and rng.random() < 0.08
    context = WritingContext(
        request_id=f"request-{rng.integers(2**40)}",
        session_id="practice",
        as_of=AS_OF,
        items=items,
        k=len(items) + int(rng.integers(1, 5)) if short else max(len(items), 1),
        shortfall=1 if short else 0,
        cold_start=bool(rng.random() < 0.15),
        wishes=wishes,
        relaxed=relaxed,
        foreign_prices=(),
        small_talk=_small_talk(wishes, rng),
        mode=Mode.FAST if rng.random() < 0.3 else Mode.SHOPPING,
        surface=Surface.WEB,
        vocabulary=shelf.vocabulary,
        request=_request(wishes, rng),
    )
    return _with_photo(context, shelf, rng) if shelf.products and rng.random() < photo_share else context


def _rows(shelf: Shelf, rng: np.random.Generator) -> list[ProductRow]:
    """Mostly five rows, half the time of one kind of product."""
    if rng.random() < 0.03:
        return []
    count = int(rng.choice([1, 2, 3, 4, 5, 8], p=[0.05, 0.05, 0.15, 0.1, 0.55, 0.1]))
    pool = list(shelf.rows)
    if rng.random() < 0.5:
        kind = pool[int(rng.integers(len(pool)))].category
        pool = [row for row in pool if row.category == kind]
    chosen = rng.permutation(len(pool))[:count]
    return [pool[int(index)] for index in chosen]


def _reasons(
    shelf: Sequence[ProductRow], rows: Sequence[ProductRow], rng: np.random.Generator
) -> list[tuple[Reason, ...]]:
    """A few things the shopper did, each the reason for some of the items."""
    deeds = [_deed(shelf[int(rng.integers(len(shelf)))], rng) for _ in range(int(rng.integers(2, 6)))]
    popular = Reason(kind=ReasonKind.POPULAR, contribution=0.3)
    known = rng.random() < 0.8
    drawn: list[tuple[Reason, ...]] = []
    for _ in rows:
        own: list[Reason] = [deeds[int(rng.integers(len(deeds)))]] if known and rng.random() < 0.8 else []
        if rng.random() < (0.25 if own else 0.6):
            own.append(popular)
        drawn.append(tuple(own))
    return drawn


def _deed(row: ProductRow, rng: np.random.Generator) -> Reason:
    kind = KINDS[int(rng.choice(len(KINDS), p=KIND_SHARES))]
    return Reason(
        kind=ReasonKind.HISTORY,
        contribution=0.5,
        item_id=row.item_id,
        title=row.title,
        event_kind=kind,
        occurred_at=AS_OF,
    )


def _wishes(rows: Sequence[ProductRow], rng: np.random.Generator) -> Wishes:
    if not rows or rng.random() < 0.3:
        return Wishes(unread=("zzyx",) if rng.random() < 0.1 else ())
    row = rows[int(rng.integers(len(rows)))]
    limit = row.price is not None and rng.random() < 0.4
    named = bool(row.category) and rng.random() < 0.75
    attributes = {name: values for name, values in row.attributes.items() if rng.random() < 0.15}
    return Wishes(
        category=row.category[-1:] if named else (),
        keywords=() if named or rng.random() < 0.5 else (row.title.lower().split()[-1],),
        brand=(row.brand,) if row.brand and rng.random() < 0.1 else (),
        attributes=attributes,
        max_price=Money(row.price.amount * 2, row.price.currency) if limit and row.price else None,
        unread=("zzyx", "quux")[: int(rng.integers(1, 3))] if rng.random() < 0.1 else (),
    )


def _relaxed(wishes: Wishes, rng: np.random.Generator) -> tuple[Dropped, ...]:
    if not wishes.attributes or rng.random() < 0.6:
        return ()
    name = next(iter(wishes.attributes))
    return (Dropped(name, wishes.attributes[name][0].lower()),)


def _small_talk(wishes: Wishes, rng: np.random.Generator) -> SmallTalk | None:
    if rng.random() < 0.85:
        return None
    asked = wishes != Wishes()
    kinds = (SmallTalk.GREETING, SmallTalk.THANKS) if asked else tuple(SmallTalk)
    return kinds[int(rng.integers(len(kinds)))]


def _request(wishes: Wishes, rng: np.random.Generator) -> str:
    said = [*(values[0] for values in wishes.attributes.values()), *wishes.category, *wishes.keywords]
    if not said:
        return _NOTHING_ASKED[int(rng.integers(len(_NOTHING_ASKED)))]
    return _ASKS[int(rng.integers(len(_ASKS)))].format(" ".join(said).lower())


def _with_photo(context: WritingContext, shelf: Shelf, rng: np.random.Generator) -> WritingContext:
    kind = context.items[0].row.category if context.items and rng.random() < 0.5 else ()
    ids = sorted(item_id for item_id, product in shelf.products.items() if product.category[: len(kind)] == kind)
    item_id = ids[int(rng.integers(len(ids)))]
    photo = shelf.photo(item_id, int(rng.integers(1_000)))
    items = tuple(_alike(item, shelf.products[item_id], rng) for item in context.items)
    asked = _PHOTO_ASKS[int(rng.integers(len(_PHOTO_ASKS)))]
    return replace(context, items=items, photos=(photo,), seen=seen_of(shelf, item_id, rng), request=asked)


def _alike(item: RankedItem, shown: Product, rng: np.random.Generator) -> RankedItem:
    """With the photo as its first reason, now and then and where it is of the same kind."""
    if item.row.category[-1:] != shown.category[-1:] or rng.random() < 0.3:
        return item
    looks = Reason(kind=ReasonKind.PHOTO, contribution=0.5)
    return item.model_copy(update={"reasons": (looks, *item.reasons[:1])})


def seen_of(shelf: Shelf, item_id: str, rng: np.random.Generator) -> tuple[Seen, ...]:
    """What is recognised in a photo of this product: its kind, its colour, or both."""
    product = shelf.products[item_id]
    seen = [Seen(field=CATEGORY, value=product.category[-1], confidence=0.9)]
    if "color" in product.attributes:
        seen.append(Seen(field="color", value=product.attributes["color"][0], confidence=0.9))
    if len(seen) > 1 and rng.random() < 0.2:
        seen.pop(int(rng.integers(2)))
    return tuple(seen)

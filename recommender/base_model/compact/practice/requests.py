"""Requests to practise on: ranked items with reasons, wishes, moves, sets and photos, drawn at random from a shelf."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from recommender.base_model.compact.practice.shelves import AS_OF, Shelf
from recommender.base_model.compact.practice.wishes import (
    draw_foreign,
    draw_relaxed,
    draw_small_talk,
    draw_text,
    draw_wishes,
)
from recommender.conversation.context import WritingContext
from recommender.conversation.critiques import Move
from recommender.conversation.vocabulary import CATEGORY
from schemas import (
    EventKind,
    Mode,
    Money,
    Product,
    ProductRow,
    Question,
    RankedItem,
    Reason,
    ReasonKind,
    Seen,
    Surface,
)

KINDS: Final = (EventKind.PURCHASE, EventKind.VIEW, EventKind.ADD_TO_CART, EventKind.WISHLIST, EventKind.LIKE)
KIND_SHARES: Final = (0.35, 0.3, 0.15, 0.1, 0.1)
MOVES: Final = (None, Move.DETAIL, Move.COMPLEMENT, Move.REORDER, Move.NOT_BOUGHT)
MOVE_SHARES: Final = (0.78, 0.08, 0.06, 0.04, 0.04)
SETS: Final = 0.05
_PHOTO_ASKS: Final = (
    *(
        "something like this",
        "do you have this?",
        "",
        "what goes with this",
        "I like this one",
        "is this in your shop?",
    ),
    *("can you find this", "what is this?", "this but cheaper", "I saw this and want one"),
)


def draw_request(shelf: Shelf, rng: np.random.Generator, *, photo_share: float = 0.3) -> WritingContext:
    """One request with everything a reply may have to speak of."""
    move = MOVES[int(rng.choice(len(MOVES), p=MOVE_SHARES))]
    rows = _rows(shelf, move, rng)
    reasons = _reasons(shelf.rows, rows, rng)
    items = tuple(
        RankedItem(item_id=row.item_id, rank=rank, score=1 / rank, row=row, reasons=why)
        for rank, (row, why) in enumerate(zip(rows, reasons, strict=True), 1)
    )
    wished = draw_wishes(shelf, rows, rng)
    relaxed = draw_relaxed(wished, shelf, rng)
    wishes, foreign = draw_foreign(wished, rng)
    total = _total(rows) if move is None and 2 <= len(rows) <= 3 and rng.random() < SETS * 5 else None
    short = bool(items) and move is None and total is None and rng.random() < 0.08
    context = WritingContext(
        request_id=f"request-{rng.integers(2**40)}",
        session_id="practice",
        as_of=AS_OF,
        items=items,
        k=len(items) + int(rng.integers(1, 5)) if short else max(len(items), 1),
        shortfall=1 if short else 0,
        cold_start=bool(rng.random() < 0.12),
        wishes=wishes,
        relaxed=relaxed if total is None else (),
        foreign_prices=foreign,
        small_talk=draw_small_talk(wishes, rng) if move is None else None,
        mode=Mode.FAST if rng.random() < 0.25 else Mode.SHOPPING,
        surface=Surface.MESSENGER if rng.random() < 0.15 else Surface.WEB,
        vocabulary=shelf.vocabulary,
        request=draw_text(wishes, move, rng, is_set=total is not None),
        move=move,
        question=_question(rows, rng),
        in_english=bool(rng.random() > 0.03),
        total=total,
    )
    if not shelf.products or rng.random() > photo_share:
        return context
    return _with_photo(replace(context, move=None, total=None), shelf, rng)


def plainly(context: WritingContext) -> WritingContext:
    """The same rows and wishes as a plain search on the web, in English."""
    return replace(context, surface=Surface.WEB, small_talk=None, move=None, total=None, question=None, in_english=True)


def _rows(shelf: Shelf, move: Move | None, rng: np.random.Generator) -> list[ProductRow]:
    """Mostly five rows, half the time of one kind of product; one or two where those are talked of."""
    if rng.random() < 0.03:
        return []
    count = int(rng.choice([1, 2, 3, 4, 5, 8], p=[0.05, 0.07, 0.18, 0.1, 0.52, 0.08]))
    count = int(rng.integers(1, 3)) if move is Move.DETAIL else count
    pool = list(shelf.rows)
    if rng.random() < 0.5:
        kind = pool[int(rng.integers(len(pool)))].category
        pool = [row for row in pool if row.category == kind]
    chosen = rng.permutation(len(pool))[:count]
    return [pool[int(index)] for index in chosen]


def _total(rows: Sequence[ProductRow]) -> Money | None:
    prices = [row.price for row in rows if row.price is not None]
    if len(prices) < len(rows):
        return None
    return Money(sum((price.amount for price in prices), start=prices[0].amount * 0), prices[0].currency)


def _question(rows: Sequence[ProductRow], rng: np.random.Generator) -> Question | None:
    kinds = tuple(dict.fromkeys(row.category[-1] for row in rows if row.category))
    return Question(field=CATEGORY, options=kinds[:4], gain=0.3) if len(kinds) > 1 and rng.random() < 0.3 else None


def _reasons(
    shelf: Sequence[ProductRow], rows: Sequence[ProductRow], rng: np.random.Generator
) -> list[tuple[Reason, ...]]:
    """A few things the shopper did, each the reason for some of the items; now and then done with the item itself."""
    deeds = [_deed(shelf[int(rng.integers(len(shelf)))], rng) for _ in range(int(rng.integers(2, 6)))]
    popular = Reason(kind=ReasonKind.POPULAR, contribution=0.3)
    words = Reason(kind=ReasonKind.WORDS, contribution=0.4)
    known, searched = rng.random() < 0.8, rng.random() < 0.15
    drawn: list[tuple[Reason, ...]] = []
    for row in rows:
        deed = _deed(row, rng) if rng.random() < 0.12 else deeds[int(rng.integers(len(deeds)))]
        own: list[Reason] = [deed] if known and rng.random() < 0.8 else []
        if rng.random() < (0.35 if own else 0.7):
            own.insert(int(rng.integers(len(own) + 1)), popular)
        if searched and rng.random() < 0.6:
            own.insert(0, words)
        drawn.append(tuple(own[:2]))
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


def _with_photo(context: WritingContext, shelf: Shelf, rng: np.random.Generator) -> WritingContext:
    kind = context.items[0].row.category if context.items and rng.random() < 0.5 else ()
    ids = sorted(item_id for item_id, product in shelf.products.items() if product.category[: len(kind)] == kind)
    item_id = ids[int(rng.integers(len(ids)))]
    photo = shelf.photo(item_id, int(rng.integers(1_000)))
    items = tuple(_alike(item, shelf.products[item_id], rng) for item in context.items)
    asked = _PHOTO_ASKS[int(rng.integers(len(_PHOTO_ASKS)))]
    seen = seen_of(shelf, item_id, rng)
    several = bool(rng.random() < 0.08)
    return replace(context, items=items, photos=(photo,), seen=seen, request=asked, several_in_photo=several)


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

"""Does the writer use its prompt? Pairs of requests that differ in one thing, and whether the reply changes there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from recommender.base_model.compact.practice.requests import draw_request, plainly, seen_of
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check, named_products
from recommender.conversation.rendering import render
from recommender.conversation.sentences import sentences
from recommender.conversation.slots import PRICE, TITLE
from schemas import Claim, EventKind, Mode, Product, RankedItem, Reason, ReasonKind
from schemas.conversation import ClaimKind

FIRST: Final = 1


class Place(StrEnum):
    """What a pair differs in, and so where its replies should."""

    ITEM = "item"
    SIGNAL = "signal"
    PHOTO = "photo"


@dataclass(frozen=True)
class Pair:
    place: Place
    one: WritingContext
    other: WritingContext


@dataclass(frozen=True)
class Share:
    """Of ``pairs``, in how many each reply tells in the matching place what the other does not."""

    pairs: int
    changed: int

    @property
    def share(self) -> float:
        return self.changed / self.pairs if self.pairs else 0.0


def draw_pairs(
    shelves: Sequence[Shelf], count: int, rng: np.random.Generator, *, photos_alone: bool = False
) -> list[Pair]:
    """Two fifths differ in the first item, two fifths in its signal, a fifth in the photo, or all in the photo."""
    makers = (_other_item, _other_signal, _other_item, _other_signal, _other_photo)[4 * photos_alone :]
    pairs: list[Pair] = []
    while len(pairs) < count:
        shelf = shelves[int(rng.integers(len(shelves)))]
        maker = makers[len(pairs) % len(makers)]
        context = draw_request(shelf, rng, photo_share=float(maker is _other_photo))
        context = replace(plainly(context), mode=Mode.SHOPPING)
        if len(context.items) >= FIRST:
            pairs.append(maker(context, shelf, rng))
    return pairs


def measure_swaps(pairs: Sequence[Pair], ones: Sequence[str], others: Sequence[str]) -> dict[Place, Share]:
    """For each place, how often what is told there follows what was changed; raw replies to both of each pair.

    In the place of an item count its sentences' facts but title and price, which any filled template would change; in
    that of a signal the reasons told of the item; in that of a photo what the writer itself has read off its pixels.
    """
    changed: dict[Place, list[bool]] = {place: [] for place in Place}
    for pair, one, other in zip(pairs, ones, others, strict=True):
        told, instead = _told(pair.place, pair.one, one), _told(pair.place, pair.other, other)
        changed[pair.place].append(bool(told - instead) and bool(instead - told))
    return {place: Share(len(found), sum(found)) for place, found in changed.items()}


def _told(place: Place, context: WritingContext, reply: str) -> frozenset[tuple[str, str]]:
    claims = [claim for sentence in sentences([reply]) for claim in _claims(sentence, place, context)]
    return frozenset((claim.field, claim.value.lower()) for claim in claims if _is_of(place, claim))


def _claims(sentence: str, place: Place, context: WritingContext) -> Sequence[Claim]:
    """The claims of a sentence that is about the place; a sentence that fails the check tells nothing."""
    verdict = check(sentence, context)
    named = named_products(sentence)
    about = not named and "[[F" not in sentence if place is Place.PHOTO else FIRST in named
    return render(sentence, context, verdict.literals)[1] if verdict.ok and about else ()


def _is_of(place: Place, claim: Claim) -> bool:
    if place is Place.ITEM:
        return claim.kind is ClaimKind.PRODUCT and claim.field not in (TITLE, PRICE)
    return claim.kind is (ClaimKind.REASON if place is Place.SIGNAL else ClaimKind.PHOTO)


def _other_item(context: WritingContext, shelf: Shelf, rng: np.random.Generator) -> Pair:
    """Another first item, of another kind and colour, with the same reasons."""
    first = context.items[0]
    strangers = [row for row in shelf.rows if row.category != first.row.category] or list(shelf.rows)
    row = strangers[int(rng.integers(len(strangers)))]
    swapped = first.model_copy(update={"item_id": row.item_id, "row": row})
    return Pair(Place.ITEM, context, _with_first(context, swapped))


def _other_signal(context: WritingContext, shelf: Shelf, rng: np.random.Generator) -> Pair:
    """The first item recommended for one deed, and for another."""
    rows = [shelf.rows[int(index)] for index in rng.permutation(len(shelf.rows))[:2]]
    kinds = (EventKind.PURCHASE, EventKind.VIEW)
    one, other = (
        Reason(kind=ReasonKind.HISTORY, contribution=0.6, item_id=row.item_id, title=row.title, event_kind=kind)
        for row, kind in zip(rows, kinds, strict=True)
    )
    first = context.items[0]
    return Pair(
        Place.SIGNAL,
        _with_first(context, first.model_copy(update={"reasons": (one,)})),
        _with_first(context, first.model_copy(update={"reasons": (other,)})),
    )


def _other_photo(context: WritingContext, shelf: Shelf, rng: np.random.Generator) -> Pair:
    """Two photos of which the same fields, and nothing else, are told in words: what they show is in the pixels."""
    one, other = _two_photographed(shelf, rng)
    return Pair(Place.PHOTO, _showing(context, shelf, one, rng), _showing(context, shelf, other, rng))


def _two_photographed(shelf: Shelf, rng: np.random.Generator) -> tuple[str, str]:
    """Two products of different kinds and colours."""
    coloured = [item_id for item_id, product in sorted(shelf.products.items()) if "color" in product.attributes]
    one = coloured[int(rng.integers(len(coloured)))]
    shown = shelf.products[one]
    rest = [item_id for item_id in coloured if _differs(shelf.products[item_id], shown)]
    return one, rest[int(rng.integers(len(rest)))]


def _differs(product: Product, shown: Product) -> bool:
    return product.category != shown.category and product.attributes["color"] != shown.attributes["color"]


def _showing(context: WritingContext, shelf: Shelf, item_id: str, rng: np.random.Generator) -> WritingContext:
    seen = seen_of(shelf, item_id, np.random.default_rng(0))
    return replace(context, photos=(shelf.photo(item_id, int(rng.integers(1_000_000))),), seen=seen)


def _with_first(context: WritingContext, item: RankedItem) -> WritingContext:
    return replace(context, items=(item, *context.items[1:]))


def distinct_bigrams(texts: Sequence[str]) -> float:
    """Distinct-2 (Li et al. 2016): different pairs of neighbouring words over all such pairs."""
    pairs = [pair for text in texts for pair in _pairs(text)]
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.lower().split()
    return pairwise(words)

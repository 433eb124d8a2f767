"""What a constrained writer may write of a request.

A first sieve: what no sentence of a topic may hold cannot be written; the check still judges each as a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import lru_cache
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.fact_words import LABELS
from recommender.conversation.grounding import is_nameable
from recommender.conversation.offered_slots import (
    MAX_PRODUCTS,
    MAX_VALUE,
    compared_with_others,
    product_slots,
    reason_slots,
    told_attributes,
    valued,
    wish_slots,
    written_of,
)
from recommender.conversation.people import PERSON
from recommender.conversation.plain_words import PlainWords, plain_words
from recommender.conversation.prose import PHOTO_WORDS, PROSE_WORDS
from recommender.conversation.slots import ASKED, FOUND, PRICE, TITLE, CountSlot, PhotoSlot, ProductSlot, Slot, written
from recommender.conversation.vocabulary import BRAND
from recommender.prompts import Allowed, Topic
from recommender.text import TokenKind, clean, fold, phrase_key, tokenise, words
from schemas import RankedItem

_REASONING: Final = frozenset({"because", "since"})
_PRICING: Final = frozenset({"yours"})
_BRANDING: Final = frozenset({"by", "from"})
_COMPARING: Final = frozenset({"compare", "compared", "comparing"})
_OCCASIONS: Final = frozenset({"birthday", "birthdays", "wedding", "weddings", "anniversary", "party", "celebration"})
PURPOSES: Final = frozenset(word for word in PROSE_WORDS if re.fullmatch(PERSON, word)) | _OCCASIONS
_OWNED: Final = frozenset(
    {"photo", "photos", "picture", "pictures", "taste", "tastes", "style", "budget", "wish", "wishes", "words"}
    | {"request", "search", "message", "list", "question", "ideas", "plan", "plans", "project", "home", "house"}
    | {"kitchen", "room", "bedroom", "bathroom", "hallway", "office", "life", "lifestyle", "family", "guests"}
    | {"visitors", "holiday", "trip", "party", "celebration", "routine", "personality", "own"}
)
"""What "your" may stand before. Where somebody is named whom a thing is for: that person, and the photo."""
_YOUR_PHOTO: Final = frozenset(f"your {word}" for word in PHOTO_WORDS)


def said_purposes(context: WritingContext) -> tuple[str, ...]:
    """Whom something is for, and what for, as far as plain words can say that."""
    purposes = (*context.wishes.recipient, *context.wishes.occasion)
    return tuple(purpose for purpose in purposes if purpose in PURPOSES)


def allowed_of(context: WritingContext, max_sentences: int) -> Allowed:
    """Sentences about the search, a wish, the photo, one product, or several by name."""
    plain = _with_what_is_yours(_without_purposes_unsaid(plain_words(context.vocabulary), context), context)
    numbers = range(1, min(len(context.items), MAX_PRODUCTS) + 1)
    names = written_of([ProductSlot(number, TITLE) for number in numbers], context)
    wishes = written_of(wish_slots(context), context)
    counts = written_of([CountSlot(FOUND), CountSlot(ASKED)] if context.shortfall else [], context)
    topics = [Topic(plain.of_search, slots=counts)]
    if wishes:
        topics.append(Topic(plain.beside_wish, slots=wishes, needs=wishes))
    if context.seen or context.several_in_photo:
        topics.append(_photo_topic(context, plain.beside_photo))
    topics += (_product_topic(number, context, plain.of_products) for number in numbers if is_nameable(number, context))
    if len(names) > 1:
        announcing = _labels_but(frozenset(LABELS.values())) | _REASONING | _BRANDING | _COMPARING
        topics.append(Topic(plain.of_products - announcing, slots=names, needs=names, begins_with_word=True))
    return Allowed(tuple(topics), max_sentences)


def _without_purposes_unsaid(plain: PlainWords, context: WritingContext) -> PlainWords:
    """Whom and what for something is may be written where the shopper has said so: nobody is made up."""
    unsaid = PURPOSES.difference(context.wishes.recipient, context.wishes.occasion)
    return replace(plain, of_products=plain.of_products - unsaid, of_search=plain.of_search - unsaid)


def _with_what_is_yours(plain: PlainWords, context: WritingContext) -> PlainWords:
    """ "Your" together with what it stands before."""
    named = PURPOSES.intersection(context.wishes.recipient)
    owned = named | PHOTO_WORDS if named else _OWNED
    return PlainWords(**{field.name: _of_yours(getattr(plain, field.name), owned) for field in fields(plain)})


@lru_cache(maxsize=256)
def _of_yours(words: frozenset[str], owned: frozenset[str]) -> frozenset[str]:
    if "your" not in words:
        return words
    return (words - {"your"}).union(f"your {thing}" for thing in owned & words)


def _photo_topic(context: WritingContext, plain: frozenset[str]) -> Topic:
    return Topic(
        plain,
        own_words=frozenset(word for seen in context.seen for word in _spoken(seen.value)) - plain,
        slots=written_of([PhotoSlot(number) for number in range(len(context.seen) + 1)], context),
        needs=tuple(sorted(PHOTO_WORDS | (plain & _YOUR_PHOTO))),
    )


def _product_topic(number: int, context: WritingContext, plain: frozenset[str]) -> Topic:
    item = context.items[number - 1]
    name = ProductSlot(number, TITLE)
    slots: list[Slot] = [
        *(slot for slot in product_slots(number, item) if slot != name),
        *reason_slots(number, context),
        *compared_with_others(number, context),
    ]
    return Topic(
        plain - _labels_without_a_value(number, item, context),
        own_words=frozenset(_own_words(item)) - plain,
        slots=written_of(slots, context),
        needs=(written(name),),
    )


def _labels_without_a_value(number: int, item: RankedItem, context: WritingContext) -> frozenset[str]:
    """Words such as "priced", "by", "because" and "compare" where the product has no such thing to follow them."""
    known = frozenset(phrase_key(words(slot.field)) for slot, _ in valued(product_slots(number, item), context))
    announcing = [_labels_but(frozenset(LABELS.values()) - known)]
    if PRICE not in known:
        announcing.append(_PRICING)
    if BRAND not in known:
        announcing.append(_BRANDING)
    if not any(valued(reason_slots(number, context), context)):
        announcing.append(_REASONING)
    if not any(valued(compared_with_others(number, context), context)):
        announcing.append(_COMPARING)
    return frozenset[str]().union(*announcing)


@lru_cache(maxsize=64)
def _labels_but(missing: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in PROSE_WORDS if LABELS.get(fold(word)) in missing)


def _own_words(item: RankedItem) -> Iterator[str]:
    """The words of the values that prose may repeat: of categories and attributes."""
    yield from (word for name in item.row.category for word in _spoken(name))
    for name in told_attributes(item):
        yield from (word for value in item.row.attributes[name] for word in _spoken(value))


def _spoken(value: str) -> Iterator[str]:
    for token in tokenise(clean(value, MAX_VALUE)):
        if token.kind is TokenKind.WORD and token.text.isalpha() and token.text.isascii():
            yield from (token.text, token.folded)

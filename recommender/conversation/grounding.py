"""The check of one sentence before it is released: every fact is a slot, or a value of the product's own row.

What a sentence may do:

* name products (``[[P1]]``) and, when it names exactly one, fill slots of that one;
* repeat in its own words what is in the row of every product it names;
* without naming a product, speak of the shopper's wishes and of counts by ``[[W...]]`` and ``[[N...]]`` alone;
* without naming a product, say in its own words or by ``[[F...]]`` what the shopper's photo was found to show;
* use plain words (``prose.py``). Any other word fails, and so do plain ones that bend what a slot says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from recommender.conversation.context import WritingContext
from recommender.conversation.fact_words import LABELS, FactKind
from recommender.conversation.facts import Fact, find_facts
from recommender.conversation.implications import implied_problems
from recommender.conversation.prose import SEARCH_PLAIN
from recommender.conversation.rows import field_with
from recommender.conversation.slots import (
    PRICE,
    TITLE,
    ComparisonSlot,
    CountSlot,
    Part,
    PhotoSlot,
    ProductSlot,
    ReasonSlot,
    Slot,
    WishSlot,
    parse,
)
from recommender.conversation.surroundings import says_photo, surrounding_problems
from recommender.conversation.values import value_of
from recommender.text import phrase_key, words
from schemas import ProductRow

MAX_SENTENCE: Final = 1_000
_PLAIN_OF_THE_SEARCH: Final = frozenset({FactKind.NEGATION, FactKind.APPROXIMATION, FactKind.LABEL})


@dataclass(frozen=True, slots=True)
class Literal:
    """A fact in the writer's own words, at [start, end) of the sentence: what ``slot`` would say, or a word of it."""

    start: int
    end: int
    slot: ProductSlot | PhotoSlot


@dataclass(frozen=True, slots=True)
class Verdict:
    """``problems`` say what is wrong, for a second try; none: the sentence may be released."""

    problems: tuple[str, ...] = ()
    literals: tuple[Literal, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def check(sentence: str, context: WritingContext) -> Verdict:
    """Whether a sentence with slots says nothing but what the rows, the reasons and the wishes say."""
    if not sentence.strip() or len(sentence) > MAX_SENTENCE:
        return Verdict((f"a sentence has 1 to {MAX_SENTENCE} characters, not {len(sentence.strip())}",))
    reading = _Reading(parse(sentence), context)
    reading.check_slots()
    reading.check_edges()
    reading.check_prose()
    reading.problems.extend(surrounding_problems(reading.parts, context))
    literals = [(literal.start, literal.end, literal.slot) for literal in reading.literals]
    reading.problems.extend(implied_problems(reading.parts, literals, context))
    return Verdict(tuple(reading.problems), tuple(reading.literals))


def named_products(sentence: str) -> tuple[int, ...]:
    """The numbers of the products a sentence names, in order."""
    slots = (part.slot for part in parse(sentence))
    named = (slot.product for slot in slots if isinstance(slot, ProductSlot) and slot.field == TITLE)
    return tuple(dict.fromkeys(named))


def check_order(sentence: str, context: WritingContext, presented: int) -> tuple[str, ...]:
    """Products are presented as they are ranked: none is named while one that ranks higher has not been.

    ``presented`` is the highest number named so far. A product whose title holds no text cannot be named: it is passed.
    """
    problems = []
    for product in named_products(sentence):
        skipped = [number for number in range(presented + 1, product) if is_nameable(number, context)]
        problems += [f"P{product} is named before P{number}, which ranks higher" for number in skipped[:1]]
        presented = max(presented, product)
    return tuple(problems)


def is_nameable(product: int, context: WritingContext) -> bool:
    return value_of(ProductSlot(product, TITLE), context) is not None


def is_of_the_search(fact: Fact) -> bool:
    """Whether a word says nothing in a sentence that names no product: it speaks plainly of the search."""
    if fact.kind in (FactKind.CATALOGUE, FactKind.OTHER):
        return fact.key in SEARCH_PLAIN
    return fact.kind in _PLAIN_OF_THE_SEARCH


@dataclass(slots=True)
class _Reading:
    parts: Sequence[Part]
    context: WritingContext
    problems: list[str] = field(default_factory=list)
    literals: list[Literal] = field(default_factory=list)

    def check_slots(self) -> None:
        for part in self.parts:
            if part.is_slot and part.slot is None:
                self.problems.append(f"{part.text} is no slot")
            elif part.slot is not None and value_of(part.slot, self.context) is None:
                self.problems.append(f"{part.text} has no value")
        owners = self._owners()
        named = self._named()
        if owners and (len(named) != 1 or owners != set(named)):
            self.problems.append("a sentence with a slot of a product must name that product, and no other")
        asking = any(isinstance(part.slot, WishSlot | CountSlot) for part in self.parts)
        if named and asking:
            self.problems.append("a wish or a count may not stand in a sentence about a product")
        if any(isinstance(part.slot, PhotoSlot) for part in self.parts) and (asking or not self._says_photo):
            self.problems.append("what the photo shows needs a sentence of its own, with the word 'photo'")

    def check_edges(self) -> None:
        """Prose may not touch a slot, or it would change the value: [[P1.price]]0, non-[[P1.color]]."""
        for before, after in zip(self.parts, self.parts[1:], strict=False):
            touching = before.text[-1] + after.text[0]
            if before.is_slot and after.is_slot:
                self.problems.append(f"{before.text} and {after.text} need words between them")
            elif any(character.isalnum() or character in "-\u2013+/%" for character in touching.strip("[]")):
                self.problems.append(f"{touching!r} changes the value of a slot")

    def check_prose(self) -> None:
        for part in self.parts:
            if not part.is_slot:
                for fact in find_facts(part.text, self.context.vocabulary):
                    self._judge(fact, part.start)

    def _judge(self, fact: Fact, offset: int) -> None:
        about_products = bool(self._named())
        if not about_products and self._is_seen(fact, offset):
            return
        if not about_products and is_of_the_search(fact) and not self._is_counted(fact):
            return
        if fact.kind is FactKind.LABEL:
            if not self._has_slot_of(LABELS[fact.key]):
                self.problems.append(f"{fact.text!r} needs the slot that it announces")
        elif fact.kind in (FactKind.CATALOGUE, FactKind.OTHER) and about_products:
            self._judge_literal(fact, offset)
        else:
            self.problems.append(f"{fact.text!r} is {fact.kind}; only a slot may say it")

    def _is_counted(self, fact: Fact) -> bool:
        """Whether a label stands beside a count, which would count it."""
        return fact.kind is FactKind.LABEL and any(isinstance(part.slot, CountSlot) for part in self.parts)

    def _judge_literal(self, fact: Fact, offset: int) -> None:
        vocabulary = self.context.vocabulary
        fields = [(product, field_with(self._row(product), fact.key, vocabulary)) for product in self._named()]
        found = [(product, name) for product, name in fields if name is not None]
        if len(found) < len(fields):
            self.problems.append(f"{fact.text!r} is {fact.kind}, and not in the row of every product named")
            return
        start, end = offset + fact.start, offset + fact.end
        self.literals.extend(Literal(start, end, ProductSlot(product, name)) for product, name in found)

    def _is_seen(self, fact: Fact, offset: int) -> bool:
        """Whether a sentence about the photo says in plain words what was seen in it."""
        for number, seen in enumerate(self.context.seen, 1):
            if self._says_photo and fact.key == phrase_key(words(seen.value)):
                self.literals.append(Literal(offset + fact.start, offset + fact.end, PhotoSlot(number)))
                return True
        return False

    @property
    def _says_photo(self) -> bool:
        return not self._named() and says_photo(self.parts)

    def _row(self, product: int) -> ProductRow | None:
        item = self.context.item(product)
        return item.row if item else None

    def _named(self) -> tuple[int, ...]:
        return tuple(
            slot.product
            for slot in (part.slot for part in self.parts)
            if isinstance(slot, ProductSlot) and slot.field == TITLE
        )

    def _owners(self) -> set[int]:
        """The products whose values the slots of the sentence hold."""
        owners = (_owner(part.slot, self.context) for part in self.parts)
        return {owner for owner in owners if owner is not None}

    def _has_slot_of(self, label: str) -> bool:
        fields = {part.slot.field for part in self.parts if isinstance(part.slot, ProductSlot)}
        compared = any(isinstance(part.slot, ComparisonSlot) for part in self.parts)
        return label in {phrase_key(words(name)) for name in fields} or (label == PRICE and compared)


def _owner(slot: Slot | None, context: WritingContext) -> int | None:
    match slot:
        case ComparisonSlot(product=product):
            return product
        case ReasonSlot(number=number) if number <= len(context.reasons):
            return context.reasons[number - 1][0]
        case ProductSlot(product=product, field=name) if name != TITLE:
            return product
    return None

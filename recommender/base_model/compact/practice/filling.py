"""One sentence on its way from a phrase to text: choices are made, names are filled from the row and the request."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from recommender.base_model.compact.practice import product_wording as wording
from recommender.base_model.compact.practice.known_words import is_known
from recommender.conversation.context import WritingContext
from recommender.conversation.fact_words import FACT_WORDS
from recommender.conversation.sieve import PURPOSES
from recommender.conversation.slots import PRICE, ProductSlot
from recommender.conversation.speaking_values import reads_as_value
from recommender.conversation.values import value_of
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.text import fold, plain, words
from schemas import ProductRow, Reason, ReasonKind

WORN_IN_TWOS: Final = frozenset(
    {"trainer", "boot", "sandal", "sock", "shoe", "glove", "earring", "slipper", "trouser", "jean", "short", "heel"}
    | {"flat", "flop", "sneaker", "pant", "tight", "legging", "stocking", "sunglass", "cufflink", "capri"}
)
COLOR: Final = "color"
MATERIAL: Final = "material"
SIZE: Final = "size"
BEFORE_THE_NOUN: Final = ("style", "usage", "shape", "pattern", "leaf", "kind", "roast", "form", COLOR, MATERIAL)
"""Fields whose values stand before what the product is, in the order in which they are said."""
AFTER_THE_NOUN: Final = (COLOR, MATERIAL, "feature", "flavour", "scent", BRAND, SIZE)
"""And those whose values stand behind it."""
FACTS_TRIED: Final = 5
"""How often it is drawn again what is told of a product, where nothing was."""
MAX_BEFORE: Final = 2
MAX_AFTER: Final = 2
PRAISE: Final = 0.35
CALLED_OTHERWISE: Final = 0.6
"""How often a product whose title says what it is is called a find or a choice."""
UNCOUNTED: Final = frozenset({"tea", "coffee", "chocolate"})
_OPEN, _CLOSE = "\u27e8", "\u27e9"
"""For brackets that are read: round ones are of the phrases."""
_NOTHING: Final = "[[nothing]]"
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_A_BEFORE_VOWEL: Final = re.compile(r"\b([Aa])(?= (?!use|uni|eu)[aeiou])")


class Filling:
    """Fills phrases for one product of one request, or for none; ``fills`` are names with a text of their own.

    Where a phrase needs what the row does not have, or what its title says already, it is filled with what is no slot,
    and the check refuses it.
    """

    def __init__(
        self, rng: np.random.Generator, context: WritingContext, number: int | None, fills: Mapping[str, str]
    ) -> None:
        self._rng = rng
        self._context = context
        self._number = number
        self._fills = fills
        self._adjectives = [str(word) for word in rng.permutation(wording.NICE)]
        self._row = context.items[number - 1].row if number else None
        self._called, self._many = self._named()

    def filled(self, phrase: str) -> str:
        text = phrase
        for _ in range(12):
            text = self._chosen(text)
            if "{" not in text:
                break
            text = re.sub(r"\{([^{}]*)\}", lambda match: self._fill(match[1]), text)
        text = text.replace(_OPEN, "(").replace(_CLOSE, ")")
        text = _A_BEFORE_VOWEL.sub(r"\1n", re.sub(r"\s+", " ", text).replace(",,", ","))
        return text[:1].upper() + text[1:]

    def _chosen(self, text: str) -> str:
        while (match := _CHOICE.search(text)) is not None:
            text = text[: match.start()] + self._one(match[1].split("|")) + text[match.end() :]
        return text

    def _one(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _fill(self, name: str) -> str:
        if name in self._fills:
            return self._fills[name]
        text = str(getattr(self, f"_{name.lower()}")())
        return text[:1].upper() + text[1:] if name[0].isupper() else text

    def _p(self) -> str:
        return f"P{self._number}"

    def _is(self) -> str:
        return "are" if self._many else "is"

    def _has(self) -> str:
        return "have" if self._many else "has"

    def _comes(self) -> str:
        return "come" if self._many else "comes"

    def _it_costs(self) -> str:
        return "they cost" if self._many else "it costs"

    def _nice(self) -> str:
        return self._adjectives.pop()

    def _nice2(self) -> str:
        return self._adjectives.pop()

    def _d(self) -> str:
        """What the row says the product is: "a green earthenware mug with a wide rim"."""
        return self._praised() if self._chance(PRAISE) else self._described(())

    def _praised(self) -> str:
        one, other = self._nice(), self._nice2()
        ways = ([one], [one], [f"{one},", other], [one, "and", other], [self._one(wording.VERY), one])
        return self._described(ways[int(self._rng.integers(len(ways)))])

    def _described(self, praise: Sequence[str]) -> str:
        before, after = self._facts()
        for _ in range(FACTS_TRIED):
            if before or after:
                break
            before, after = self._facts()
        if not (praise or before or after):
            praise = [self._nice()]
        told = [*praise, *(value for _, value in before), self._called, *after]
        return _with_article(" ".join(told), many=self._many)

    def _facts(self) -> tuple[list[tuple[str, str]], list[str]]:
        before = self._before()
        return before, self._after([name for name, _ in before])

    def _before(self) -> list[tuple[str, str]]:
        """One field or two with their values, in their order."""
        known = [name for name in BEFORE_THE_NOUN if self._unsaid(name)]
        chosen = [name for name in known if self._chance(0.5)][:MAX_BEFORE] or known[-1:]
        return [(name, self._literal(name)) for name in chosen if self._chance(0.85)]

    def _after(self, said: Sequence[str]) -> list[str]:
        """Up to two facts more, in their order."""
        known = [name for name in AFTER_THE_NOUN if name not in said and self._unsaid(name)]
        chosen = {known[int(index)] for index in self._rng.permutation(len(known))[: self._rng.integers(MAX_AFTER + 1)]}
        return [self._behind(name) for name in known if name in chosen]

    def _behind(self, name: str) -> str:
        if name == SIZE:
            return f"{_OPEN}[[P{self._number}.{SIZE}]]{_CLOSE}"
        if name == BRAND:
            return self._one(("by", "from")) + f" [[P{self._number}.{BRAND}]]"
        value = self._one((self._literal(name), f"[[P{self._number}.{name}]]"))
        if name == COLOR:
            return f"in {value}"
        if name == MATERIAL:
            return f"made of {value}"
        if name == "feature":
            joined = ("with", "having", "that have" if self._many else "that has", "with", f"that {self._comes()} with")
            return f"{self._one(joined)} {self._having(name)}"
        return f"with {self._literal(name)}"

    def _having(self, name: str) -> str:
        value = self._literal(name)
        return _with_article(value, many=not value or value.endswith("s"))

    def _unsaid(self, name: str) -> bool:
        """Whether the row has a value that neither the title nor the noun says already."""
        said = set(words(f"{self._row.title} {self._called}")) if self._row else set()
        return not said.issuperset(words(self._value(name)))

    def _value(self, name: str) -> str:
        """As it is told: by a slot where plain words might not do."""
        if self._row is None or name not in (BRAND, SIZE):
            return self._literal(name)
        return self._row.brand or "" if name == BRAND else self._row.attributes.get(name, ("",))[0]

    def _literal(self, name: str) -> str:
        """A value in lower-case words, "" where the row has none that can be said so."""
        value = self._row.attributes.get(name, ("",))[0].lower() if self._row else ""
        return value if is_known(value) and reads_as_value(value) and value not in ("plain", "na") else ""

    def _named(self) -> tuple[str, bool]:
        """What the product is called, and whether that is many."""
        category = self._row.category[-1] if self._row is not None and self._row.category else ""
        noun, many = noun_of(category) if is_known(category.lower()) else ("", False)
        said = words(self._row.title) if self._row is not None else ()
        repeats = bool(noun) and set(words(noun)).issubset({*said, *map(fold, said)})
        if not noun or any(word in FACT_WORDS for word in noun.split()) or (repeats and self._chance(CALLED_OTHERWISE)):
            return self._one(wording.THINGS), False
        return noun, many

    def _color(self) -> str:
        return self._said(COLOR)

    def _style(self) -> str:
        return self._said("style")

    def _feature(self) -> str:
        return self._having("feature") if self._unsaid("feature") else _NOTHING

    def _said(self, name: str) -> str:
        return self._literal(name) if self._unsaid(name) else _NOTHING

    def _price(self) -> str:
        if self._number is None or value_of(ProductSlot(self._number, PRICE), self._context) is None:
            return ""
        alone = not self._many and not self._fills.get("reason")
        return self._one((*wording.PRICES, *wording.PRICES_BY_THEMSELVES) if alone else wording.PRICES)

    def _because(self) -> str:
        handle = self._fills.get("reason", "")
        if not handle:
            return ""
        owner, reason = self._context.reasons[int(handle[1:]) - 1]
        phrases = wording.REASONS[kind_of(reason, self._context.items[owner - 1].row)]
        return self._one(phrases).replace("{r}", handle)

    def _for_whom(self) -> str:
        """ "" or " for your aunt", " for her birthday": whom and what it is for, where plain words can say that."""
        return next(self._purposes(), "")

    def _for_them(self) -> str:
        return next(self._purposes(), "as a gift").strip()

    def _they(self) -> str:
        return next((f"your {one}" for one in self._context.wishes.recipient if one in PURPOSES), "they")

    def _them(self) -> str:
        return self._they().replace("they", "them")

    def _purposes(self) -> Iterator[str]:
        people = [f" for your {one}" for one in self._context.wishes.recipient if one in PURPOSES]
        occasions = [f" for a {one}" for one in self._context.wishes.occasion if one in PURPOSES]
        yield from (str(one) for one in self._rng.permutation([*people, *occasions]))

    def _thing(self) -> str:
        """What the photo shows: colour and kind, or one of them."""
        seen = {thing.field: thing.value.lower() for thing in self._context.seen}
        color = seen.get(COLOR, "")
        if CATEGORY not in seen:
            return f"something {color}" if color else "something"
        noun, many = noun_of(seen[CATEGORY])
        return _with_article(f"{color} {noun}".strip(), many=many or (noun in UNCOUNTED and not color))


def noun_of(category: str) -> tuple[str, bool]:
    """A category as the thing it holds, and whether that is many: "Table Lamps" is a table lamp, "Socks" are socks."""
    *before, last = category.lower().split()
    single = fold(plain(last))
    if single in WORN_IN_TWOS:
        return " ".join([*before, last]), True
    return " ".join([*before, last if single == plain(last) else single]), False


def kind_of(reason: Reason, row: ProductRow) -> str:
    """Which of the phrases of `product_wording.REASONS` tell a reason."""
    if reason.kind is not ReasonKind.HISTORY or reason.event_kind is None:
        return reason.kind.value
    if reason.item_id == row.item_id:
        return "itself"
    kind = reason.event_kind.value
    return {"click": "view", "dwell": "view"}.get(kind, kind)


def _with_article(text: str, *, many: bool) -> str:
    return text if many else f"a {text}"

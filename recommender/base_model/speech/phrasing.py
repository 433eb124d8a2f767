"""What shoppers may say in a shop: requests made at random of its own words, for the recogniser to expect."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import numpy as np

from recommender.base_model.speech.catalogue_words import CatalogueWords, NamedProduct, both_numbers
from recommender.base_model.speech.spoken import number_words, spoken_words

Words = tuple[str, ...]
Choice = TypeVar("Choice")
_DRAWN: Final = 10_000

_VOWELS: Final = ("a", "e", "i", "o", "u")
_WANTS: Final = (
    *("i want", "i need", "i would like", "i am looking for", "im looking for", "id like", "i am after", "im after"),
    *("show me", "can you show me", "could you show me", "can i see", "could i see", "let me see", "find me"),
    *("can you find me", "can you find", "could you find", "do you have", "do you have any", "do you sell"),
    *("do you stock", "do you carry", "have you got", "have you got any", "got any", "is there", "are there any"),
    *("are there", "what", "which", "can i get", "may i see", "we need", "we are looking for", "i prefer"),
    *("can you recommend", "recommend me", "could you suggest", "please show me", "where are", "where can i find"),
    *("i am shopping for", "give me", "looking for", "searching for", "i wonder if you have", "how about"),
    *("i like", "i love", "my mother wants", "she wants", "he likes", "they want", "any"),
)
_ARTICLES: Final = ("a", "a", "a", "the", "some", "any", "one", "another", "two", "this", "that", "my", "")
_PEOPLE: Final = (
    *("my mother", "my mum", "my mom", "my father", "my dad", "my sister", "my brother", "my wife", "my husband"),
    *("my girlfriend", "my boyfriend", "my friend", "a friend", "my daughter", "my son", "my aunt", "my uncle"),
    *("my grandmother", "my grandfather", "a child", "children", "kids", "a baby", "a boy", "a girl", "a teacher"),
    *("my colleague", "my neighbour", "men", "women", "him", "her", "me", "myself", "us", "everyone"),
    *("my partner", "my boss", "someone who has everything"),
)
_USES: Final = (
    *("the kitchen", "the garden", "the bathroom", "the bedroom", "the living room", "the house", "the office"),
    *("the gym", "school", "work", "a party", "a wedding", "a birthday", "christmas", "easter"),
    *("the weekend", "travel", "the summer", "the winter", "every day", "the table", "the wall"),
    *("running", "hiking", "swimming", "yoga", "training", "cycling", "walking"),
    *("home", "the car", "the beach", "breakfast", "dinner", "the rain"),
)
_PRESENTS: Final = ("a gift", "a present", "a birthday present", "a birthday gift", "a christmas present", "gifts")
_ANYTHINGS: Final = ("something", "anything", "something nice", "something small", "things")
_BELOW: Final = (
    *(
        "under",
        "under",
        "under",
        "below",
        "less than",
        "for less than",
        "for under",
        "no more than",
        "up to",
        "at most",
    ),
    *("cheaper than", "not more than", "around", "about", "for", "within", "maximum"),
)
_ABOVE: Final = ("over", "above", "more than", "at least", "from")
_ENDINGS: Final = ("please", "thanks", "thank you", "if you have it", "in stock", "in stock please", "that is in stock")
_TIED: Final = (
    *("in", "with", "with a", "with a", "made of", "made from", "that is", "that are", "of", "from", "by", "in a"),
    *("with some", "and", "or", "for", "on", "with the"),
)
_REFUSED: Final = (
    *("but not", "but not in", "not", "that is not", "that are not", "without", "not a", "but no", "no", "except"),
    *("but not a", "anything but", "nothing"),
)
_QUALITIES: Final = (
    *("small", "large", "big", "cheap", "the cheapest", "nice", "new", "good", "plain", "warm", "light", "soft"),
    *("beautiful", "pretty", "funny", "simple", "comfortable", "waterproof", "lightweight"),
)
_COLOURS: Final = (
    *("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "black", "white", "grey", "silver"),
    *("gold", "beige", "cream", "ivory", "navy", "teal", "turquoise", "dark", "light", "bright"),
)
_ASKED_LAST: Final = ("do you have", "have you got", "are there", "do you sell", "is it in stock", "can i get")
_ALONE: Final = (
    *("hello", "hi there", "thank you", "yes please", "no thanks", "what would you recommend", "any ideas"),
    *("what is new", "show me something else", "show me more", "cheaper please", "start over", "anything else"),
    *("do you have something cheaper", "which one is the cheapest", "i do not mind the colour", "in any colour"),
)


def _with_an(said: Words) -> Iterator[str]:
    """With "an" for "a" before a vowel."""
    for word, following in zip(said, (*said[1:], ""), strict=True):
        yield "an" if word == "a" and following[:1] in _VOWELS else word


_SHARES: Final = (72, 10, 10, 5, 3)
"""Percent of wants, presents, anything with a value, refusals, and phrases that name no product."""


def _uniform(rng: np.random.Generator) -> Iterator[float]:
    """Numbers in [0, 1), drawn many at a time."""
    while True:
        yield from rng.random(_DRAWN).tolist()


class Phrasing:
    """Makes requests of a catalogue's words; ``rng`` draws them."""

    def __init__(self, words: CatalogueWords, rng: np.random.Generator) -> None:
        self.words = words
        self._draws = _uniform(rng)

    def requests(self, count: int) -> Iterator[Words]:
        """First every phrase of the catalogue alone, then `count` whole requests."""
        yield from self.words.phrases()
        ways = (self._wanted, self._present, self._anything, self._refusal, self._alone)
        forms = [way for way, share in zip(ways, _SHARES, strict=True) for _ in range(share)]
        for _ in range(count):
            said = spoken_words(self._one(forms)())
            if said:
                yield tuple(_with_an(said))

    def _wanted(self) -> str:
        product = self._product()
        opening = self._maybe(0.6, lambda: self._one(_WANTS))
        return f"{opening} {self._thing(product)} {self._limits(product)}"

    def _alone(self) -> str:
        return self._one(_ALONE)

    def _product(self) -> NamedProduct:
        return self._one(self.words.products)

    def _thing(self, product: NamedProduct) -> str:
        article = self._one(_ARTICLES)
        quality = self._maybe(0.06, lambda: self._one(_QUALITIES))
        colour = self._maybe(0.12, lambda: self._one(_COLOURS))
        return f"{article} {quality} {colour} {self._subject(product)}"

    def _subject(self, product: NamedProduct) -> str:
        """A part of the title, a kind of product, or a kind with values before or after it."""
        drawn = next(self._draws)
        if product.title and (drawn < 0.45 or not product.kinds):
            return self._title_part(product)
        kind = self._one(product.kinds)
        if drawn < 0.55 or not product.values:
            return kind
        if drawn < 0.85:
            before = " ".join(self._one(product.values) for _ in range(self._one((1, 1, 2))))
            return f"{before} {kind}"
        return f"{kind} {self._tied(product)}"

    def _title_part(self, product: NamedProduct) -> str:
        """Some words of a title that follow each other, more often its last ones, now and then in the other number."""
        title = product.title.split()
        length = self._one(range(1, min(len(title), 5) + 1))
        last = len(title) if next(self._draws) < 0.5 else self._one(range(length, len(title) + 1))
        *before, noun = title[last - length : last]
        return " ".join((*before, both_numbers(noun)[int(next(self._draws) < 0.25)]))

    def _tied(self, product: NamedProduct) -> str:
        """What comes after the kind: a value of the product, a colour, or a word of its title."""
        if next(self._draws) < 0.2:
            return f"in {self._one(_COLOURS)}"
        return f"{self._one(_TIED)} {self._value(product)}"

    def _value(self, product: NamedProduct) -> str:
        if product.values:
            return self._one(product.values)
        return self._title_part(product) if product.title else self._one(product.kinds)

    def _limits(self, product: NamedProduct) -> str:
        return " ".join(
            (
                self._maybe(0.2, lambda: self._tied(product)),
                self._maybe(0.1, self._refused),
                self._maybe(0.14, lambda: f"for {self._one((*_PEOPLE, *_USES))}"),
                self._maybe(0.35, self._price),
                self._maybe(0.14, lambda: self._one(_ENDINGS)),
                self._maybe(0.02, lambda: self._one(_ASKED_LAST)),
            )
        )

    def _price(self) -> str:
        amount, money = self._amount(), self._one(self.words.money)
        each = self._maybe(0.05, lambda: "each")
        if next(self._draws) < 0.15:
            return f"between {amount} and {self._amount()} {money}"
        return f"{self._one(_BELOW if next(self._draws) < 0.85 else _ABOVE)} {amount} {money} {each}"

    def _amount(self) -> str:
        """Small and round ones more often."""
        number = self._one(self._one((range(1, 21), range(5, 101, 5), range(1, 200))))
        return "a hundred" if number == 100 else " ".join(number_words(number))

    def _present(self) -> str:
        opening = self._maybe(0.4, lambda: self._one(_WANTS))
        whom = self._maybe(0.7, lambda: f"for {self._one(_PEOPLE)}")
        return f"{opening} {self._one(_PRESENTS)} {whom} {self._maybe(0.4, self._price)}"

    def _anything(self) -> str:
        product = self._product()
        opening = self._maybe(0.3, lambda: self._one(_WANTS))
        return f"{opening} {self._one(_ANYTHINGS)} {self._tied(product)} {self._limits(product)}"

    def _refusal(self) -> str:
        return f"{self._refused()} {self._maybe(0.4, lambda: self._thing(self._product()))}"

    def _refused(self) -> str:
        what = self._one(_COLOURS) if next(self._draws) < 0.4 else self._value(self._product())
        return f"{self._one(_REFUSED)} {what} {self._maybe(0.1, lambda: 'one')}"

    def _maybe(self, share: float, made: Callable[[], str]) -> str:
        return made() if next(self._draws) < share else ""

    def _one(self, choices: Sequence[Choice]) -> Choice:
        return choices[int(next(self._draws) * len(choices))]

"""What shoppers ask for in practice, and the words they ask in: wishes drawn from rows, some of which nothing fits."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import numpy as np

from recommender.base_model.compact.practice.shelves import Shelf
from recommender.conversation.context import Dropped
from recommender.conversation.critiques import Move
from recommender.conversation.relaxing import steps
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.vocabulary import BRAND, CATEGORY
from recommender.wording import price_text
from schemas import Money, ProductRow, Wishes

UNREAD: Final = (
    *("zzyx", "quux", "hiking", "posh", "fancy", "drink", "sturdy", "trendy", "kitsch", "campervan", "boho", "grandad"),
    *("commute", "quirky", "teenager", "festive", "funky", "outdoorsy", "retro", "eco", "snazzy", "swanky", "hygge"),
)
RECIPIENTS: Final = (
    *("mother", "father", "mum", "dad", "sister", "brother", "aunt", "uncle", "wife", "husband", "partner", "friend"),
    *("colleague", "neighbour", "grandmother", "child", "boss", "niece", "teacher", "6 year old", "teenager"),
)
OCCASIONS: Final = ("birthday", "wedding", "anniversary", "christmas", "housewarming", "retirement", "graduation")
FOREIGN: Final = 0.05
_ASKS: Final = (
    *("I am looking for {}", "{} please", "do you have {}?", "show me {}", "need {}", "{}", "any {}?", "I want {}"),
    *("have you got {}", "where can I find {}", "I would like {}", "looking to buy {}", "got any {}?", "find me {}"),
)
_GIFTS: Final = (
    "{} for my {}",
    "a present for my {}, {}",
    "gift idea for {}: {}",
    "my {} would like {}",
    "{}, for a {}",
)
_CRITIQUES: Final = (
    *("something cheaper", "cheaper please", "not this brand", "in another colour", "anything else?", "bigger"),
    *("more like the first one", "something else", "smaller please", "show me others", "too expensive", "I like that"),
)
_MOVES: Final = {
    Move.DETAIL: ("tell me more", "tell me about the second one", "I like the first one", "the first one", "details?"),
    Move.COMPLEMENT: ("what goes with it", "what goes with that?", "something to go with the first one"),
    Move.REORDER: ("the same as last time", "my usual please", "buy again", "reorder"),
    Move.NOT_BOUGHT: ("the same as last time", "my usual please", "the one I bought before"),
}
_SETS: Final = ("a set for under 60", "{} together, please", "put together {} for me", "{} within my budget")
NOTHING_ASKED: Final = ("what would you recommend?", "hello", "show me something nice", "any ideas?", "what is new")


def draw_wishes(shelf: Shelf, rows: Sequence[ProductRow], rng: np.random.Generator) -> Wishes:
    """Of what one of the rows has, most of the time; now and then refused values, a recipient, words not understood."""
    unread = tuple(str(word) for word in rng.permutation(UNREAD)[: int(rng.integers(1, 3))])
    purpose = Wishes(
        unread=unread if rng.random() < 0.12 else (),
        recipient=_one(RECIPIENTS, rng) if rng.random() < 0.12 else (),
        occasion=_one(OCCASIONS, rng) if rng.random() < 0.1 else (),
    )
    if not rows or rng.random() < 0.25:
        return purpose
    row = rows[int(rng.integers(len(rows)))]
    named = bool(row.category) and rng.random() < 0.75
    lower, upper = _limits(row, rng)
    return purpose.model_copy(
        update={
            "category": _category(shelf, row, rng) if named else (),
            "keywords": () if named or rng.random() < 0.5 else (row.title.lower().split()[-1],),
            "brand": (row.brand,) if row.brand and rng.random() < 0.12 else (),
            "attributes": {name: values for name, values in row.attributes.items() if rng.random() < 0.15},
            "without": _refused(shelf, row, rng) if rng.random() < 0.12 else {},
            "min_price": lower,
            "max_price": upper,
            "in_stock": bool(rng.random() < 0.06),
        }
    )


def draw_purposes(rng: np.random.Generator) -> Wishes:
    """Whom something is for, or what for."""
    return Wishes(recipient=_one(RECIPIENTS, rng)) if rng.random() < 0.7 else Wishes(occasion=_one(OCCASIONS, rng))


def _category(shelf: Shelf, row: ProductRow, rng: np.random.Generator) -> tuple[str, ...]:
    """That of the row, and rarely another one beside it."""
    other = shelf.rows[int(rng.integers(len(shelf.rows)))].category[-1:]
    return tuple(dict.fromkeys((*row.category[-1:], *(other if rng.random() < 0.1 else ()))))


def _limits(row: ProductRow, rng: np.random.Generator) -> tuple[Money | None, Money | None]:
    if row.price is None or rng.random() < 0.55:
        return None, None
    low, high = (Money((row.price.amount * Decimal(times)).quantize(1), row.price.currency) for times in ("0.5", "2"))
    return (low if rng.random() < 0.25 else None), (high if rng.random() < 0.9 else None)


def _refused(shelf: Shelf, row: ProductRow, rng: np.random.Generator) -> dict[str, tuple[str, ...]]:
    """A brand or a value that another product has and this one has not."""
    other = shelf.rows[int(rng.integers(len(shelf.rows)))]
    values = {
        name: other.attributes[name] for name in other.attributes if other.attributes[name] != row.attributes.get(name)
    }
    if other.brand and other.brand != row.brand:
        values[BRAND] = (other.brand,)
    names = sorted(values)
    name = names[int(rng.integers(len(names)))] if names else ""
    return {name: values[name][:1]} if name else {}


def draw_relaxed(wishes: Wishes, shelf: Shelf, rng: np.random.Generator) -> tuple[Dropped, ...]:
    """One wish or two that had to give way, the first to give way most often, as the search lets them."""
    dropped = [step.dropped for step in steps(wishes, shelf.vocabulary)]
    if not dropped or rng.random() < 0.7:
        return ()
    count = 1 if rng.random() < 0.7 else 2
    at = 0 if rng.random() < 0.6 else int(rng.integers(len(dropped)))
    return tuple(one for one in dropped[at : at + count] if one.field != CATEGORY or at == len(dropped) - 1)


def draw_foreign(wishes: Wishes, rng: np.random.Generator) -> tuple[Wishes, tuple[Dropped, ...]]:
    """Now and then a price limit in a currency that no shop of practice uses, which cannot be applied."""
    if wishes.min_price or wishes.max_price or rng.random() > FOREIGN:
        return wishes, ()
    limit = Money(Decimal(int(rng.integers(5, 200))), "JPY")
    dropped = Dropped("max_price", f"the price limit of {price_text(limit)}")
    return wishes.model_copy(update={"max_price": limit}), (dropped,)


def draw_small_talk(wishes: Wishes, rng: np.random.Generator) -> SmallTalk | None:
    if rng.random() < 0.88:
        return None
    kinds = (SmallTalk.GREETING, SmallTalk.THANKS) if wishes != Wishes() else tuple(SmallTalk)
    return kinds[int(rng.integers(len(kinds)))]


def draw_text(wishes: Wishes, move: Move | None, rng: np.random.Generator, *, is_set: bool = False) -> str:
    """The shopper's last message: whatever it says, the lines of the prompt have it too."""
    if move in _MOVES:
        return _one(_MOVES[move], rng)[0]
    said = " ".join([*(values[0] for values in wishes.attributes.values()), *wishes.category, *wishes.keywords]).lower()
    if is_set:
        return _one(_SETS, rng)[0].format(said or "something nice")
    for purpose in (*wishes.recipient, *wishes.occasion):
        return _one(_GIFTS, rng)[0].format(said or "something", purpose)
    if rng.random() < 0.15:
        return _one(_CRITIQUES, rng)[0]
    return _one(_ASKS, rng)[0].format(said) if said else _one(NOTHING_ASKED, rng)[0]


def _one(values: Sequence[str], rng: np.random.Generator) -> tuple[str]:
    return (values[int(rng.integers(len(values)))],)

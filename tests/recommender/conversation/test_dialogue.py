"""Wishes over several turns."""

from typing import Any

import pytest

from recommender.conversation.dialogue import BadMessagesError, read_dialogue
from recommender.conversation.vocabulary import Vocabulary
from schemas import Message, Wishes
from schemas.conversation import MAX_MESSAGES, TextPart
from tests.recommender.conversation.shops import HOME, TITLES, said
from tests.recommender.conversation.test_understanding import gbp, usd

RED = {"color": ("Red",)}
GREY = {"color": ("Grey",)}

TURNS: list[tuple[Vocabulary, tuple[str, ...], dict[str, Any]]] = [
    (HOME, ("mugs under 20", "under 10"), {"category": ("Mugs",), "max_price": gbp("10")}),
    (HOME, ("over 10", "under 20"), {"min_price": gbp("10"), "max_price": gbp("20")}),
    (HOME, ("over 50", "under 20"), {"max_price": gbp("20")}),
    (HOME, ("over £5", "under $20"), {"max_price": usd("20")}),
    (HOME, ("between 5 and 10", "around 100"), {"min_price": gbp("80"), "max_price": gbp("120")}),
    (HOME, ("mugs", "red ones"), {"category": ("Mugs",), "attributes": RED}),
    (HOME, ("red mugs under 20", "chairs"), {"category": ("Chairs",), "max_price": gbp("20")}),
    (HOME, ("red mugs", "mugs under 10"), {"category": ("Mugs",), "attributes": RED, "max_price": gbp("10")}),
    (HOME, ("mugs", "also glasses"), {"category": ("Mugs", "Glasses")}),
    (HOME, ("mugs, no plastic", "chairs"), {"category": ("Chairs",), "without": {"material": ("Plastic",)}}),
    (HOME, ("red", "grey"), {"attributes": GREY}),
    (HOME, ("red", "or grey"), {"attributes": {"color": ("Red", "Grey")}}),
    (HOME, ("red", "not red"), {"without": RED}),
    (HOME, ("not red", "red"), {"attributes": RED}),
    (HOME, ("red mugs", "any colour"), {"category": ("Mugs",)}),
    (HOME, ("red mugs", "any color will do"), {"category": ("Mugs",)}),
    (HOME, ("no red", "the colour doesn't matter"), {}),
    (HOME, ("mugs under 20", "forget the budget"), {"category": ("Mugs",)}),
    (HOME, ("mugs under 20", "price is no object"), {"category": ("Mugs",)}),
    (HOME, ("mugs by Acme", "any brand"), {"category": ("Mugs",)}),
    (HOME, ("mugs in stock", "stock doesn't matter"), {"category": ("Mugs",)}),
    (HOME, ("cotton", "any material"), {}),
    (HOME, ("red mugs under 20", "start over, chairs"), {"category": ("Chairs",)}),
    (HOME, ("purple mugs", "thanks"), {"category": ("Mugs",)}),
    (HOME, ("mugs", "wibble"), {"category": ("Mugs",), "unread": ("wibble",)}),
    (TITLES, ("hotties under 5", "candles"), {"keywords": ("candles",), "max_price": gbp("5")}),
    (TITLES, ("hotties", "red"), {"keywords": ("hottie", "red")}),
    (TITLES, ("hotties", "with a heart"), {"keywords": ("hottie", "heart")}),
    (TITLES, ("bags", "christmas ones"), {"keywords": ("bag", "christmas")}),
    (TITLES, ("red hotties", "any colour"), {"keywords": ("hottie",)}),
    (TITLES, ("red hotties", "not red"), {"keywords": ("hottie",), "without": {"keywords": ("red",)}}),
    (TITLES, ("hotties not red", "any colour"), {"keywords": ("hottie",)}),
]


@pytest.mark.parametrize(("vocabulary", "texts", "expected"), TURNS)
def test_turns_fold_into(vocabulary: Vocabulary, texts: tuple[str, ...], expected: dict[str, Any]) -> None:
    assert read_dialogue(said(*texts), vocabulary).wishes == Wishes(**expected)


def test_only_the_shopper_is_read() -> None:
    messages = [
        Message(role="system", content="Only sell mugs by Acme under £1."),
        Message(role="user", content=(TextPart(text="red"), TextPart(text="scarves"))),
        Message(role="assistant", content="Have a look at mugs."),
    ]
    assert read_dialogue(messages, HOME).wishes == Wishes(category=("Scarves",), attributes={"color": ("Red",)})


@pytest.mark.parametrize("messages", [[], [Message(role="system", content="Be kind.")]])
def test_messages_without_a_shopper_are_refused(messages: list[Message]) -> None:
    with pytest.raises(BadMessagesError, match="role 'user'"):
        read_dialogue(messages, HOME)


def test_too_many_messages_are_refused() -> None:
    with pytest.raises(ValueError, match=str(MAX_MESSAGES)):
        read_dialogue(said("hi") * (MAX_MESSAGES + 1), HOME)

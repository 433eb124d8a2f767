"""What shoppers say of the products they were shown, and what it makes of their wishes."""

from collections.abc import Sequence
from typing import Any

import pytest

from recommender.conversation.critiques import Move
from recommender.conversation.dialogue import Dialogue, PastTurn, read_dialogue
from recommender.conversation.small_talk import SmallTalk
from recommender.conversation.vocabulary import Vocabulary
from schemas import ProductRow, Wishes
from tests.recommender.conversation.shops import row, said
from tests.recommender.conversation.test_understanding import gbp

ROWS = (
    row("red", "Stoneware Mug", "8.50", brand="Acme", category=("Mugs",), color="Red", size="300 ml"),
    row("blue", "Camping Mug", "12", brand="Best", category=("Mugs",), color="Blue", size="500 ml"),
    row("green", "Tea Mug", "15", brand="Acme", category=("Mugs",), color="Green", size="0.4 l"),
    row("shirt", "Crew Shirt", "20", category=("Shirts",), color="Blue", size="M"),
    row("large", "Long Shirt", "25", category=("Shirts",), color="Red", size="XL"),
    row("small", "Short Shirt", "25", category=("Shirts",), color="Red", size="S"),
)
SHOP = Vocabulary.from_rows(ROWS)
MUGS = {"category": ("Mugs",)}
SHOWN = ("red", "blue", "green")


def rows(item_ids: Sequence[str]) -> list[ProductRow]:
    return [one for item_id in item_ids for one in ROWS if one.item_id == item_id]


def talk(*texts: str, shown: Sequence[str] = SHOWN) -> Dialogue:
    """Each message answered with the same list, the last not yet answered."""
    past: list[PastTurn] = []
    for text in texts[:-1]:
        past.append(PastTurn(text, read_dialogue(said(text), SHOP, past, rows).answered(shown, None)))
    return read_dialogue(said(texts[-1]), SHOP, past, rows)


WISHES: list[tuple[str, dict[str, Any]]] = [
    ("cheaper", {"max_price": gbp("8.49")}),
    ("something a bit cheaper please", {"max_price": gbp("8.49")}),
    ("too expensive", {"max_price": gbp("8.49")}),
    ("the second one is too expensive", {"max_price": gbp("11.99")}),
    ("cheaper than the second one", {"max_price": gbp("11.99")}),
    ("cheaper than 10 pounds", {"max_price": gbp("10")}),
    ("the blue one, but cheaper", {"max_price": gbp("11.99")}),
    ("something more expensive", {"min_price": gbp("8.51")}),
    ("bigger", {"attributes": {"size": ("0.4 l", "500 ml")}}),
    ("bigger than the third one", {"attributes": {"size": ("500 ml",)}}),
    ("the second one is too big", {"attributes": {"size": ("0.4 l", "300 ml")}}),
    ("smaller", {"unread": ("smaller",)}),
    ("not this brand", {"without": {"brand": ("Acme",)}}),
    ("another brand", {"without": {"brand": ("Acme",)}}),
    ("the same brand", {"brand": ("Acme",)}),
    ("in a different colour", {"without": {"color": ("Red",)}}),
    ("the same colour as the second one", {"attributes": {"color": ("Blue",)}}),
    ("in blue", {"attributes": {"color": ("Blue",)}}),
    ("not red, and cheaper", {"max_price": gbp("8.49"), "without": {"color": ("Red",)}}),
    ("which is in stock?", {"in_stock": True}),
]


@pytest.mark.parametrize(("critique", "expected"), WISHES)
def test_a_critique_changes_the_wishes_exactly(critique: str, expected: dict[str, Any]) -> None:
    assert talk("mugs", critique).wishes == Wishes(**MUGS | expected)


def test_letter_sizes_have_an_order() -> None:
    bigger = talk("shirts", "a size up", shown=("shirt", "large"))
    assert bigger.wishes == Wishes(category=("Shirts",), attributes={"size": ("XL",)})


def test_cheaper_again_is_cheaper_than_what_is_shown_then() -> None:
    assert talk("mugs", "cheaper", "cheaper").wishes.max_price == gbp("8.49")
    assert talk("mugs under 10", "more expensive").wishes.max_price == gbp("10")


POINTED: list[tuple[str, tuple[str, ...]]] = [
    ("the second one", ("blue",)),
    ("tell me more about the 2nd", ("blue",)),
    ("number 3", ("green",)),
    ("#3", ("green",)),
    ("the last one", ("green",)),
    ("second", ("blue",)),
    ("the blue one", ("blue",)),
    ("what about the camping mug?", ("blue",)),
    ("the cheapest one", ("red",)),
    ("the most expensive", ("green",)),
    ("more about that one", ("red",)),
]


@pytest.mark.parametrize(("text", "item_ids"), POINTED)
def test_a_look_at_what_was_shown(text: str, item_ids: tuple[str, ...]) -> None:
    looked = talk("mugs", text)
    assert (looked.move, looked.items) == (Move.DETAIL, item_ids)
    assert looked.wishes == Wishes(**MUGS)
    assert looked.small_talk is None


COMPARED: list[tuple[str, tuple[str, ...]]] = [
    ("compare the first and the third", ("red", "green")),
    ("which of these two is better for tea?", ("red", "blue")),
    ("compare them", ("red", "blue")),
    ("the first or the second?", ("red", "blue")),
    ("what is the difference between Stoneware Mug and Tea Mug", ("red", "green")),
    ("compare all of them", SHOWN),
]


@pytest.mark.parametrize(("text", "item_ids"), COMPARED)
def test_a_comparison(text: str, item_ids: tuple[str, ...]) -> None:
    compared = talk("mugs", text)
    assert (compared.move, compared.items) == (Move.COMPARE, item_ids)
    assert compared.leaning.about == text


def test_the_list_stays_the_one_that_ordinals_are_of_while_its_items_are_looked_at() -> None:
    looked = talk("mugs", "the second one")
    assert looked.answered(["blue"], None).shown == SHOWN
    assert talk("mugs", "the second one", "and the third one?").items == ("green",)


def test_what_was_looked_at_is_what_this_one_means() -> None:
    assert talk("mugs", "the third one", "cheaper than that one").wishes.max_price == gbp("14.99")


OPINIONS: list[tuple[str, dict[str, bool]]] = [
    ("I like the second one", {"blue": True}),
    ("I love the blue one", {"blue": True}),
    ("the second one is really nice", {"blue": True}),
    ("I don't like the first one", {"red": False}),
    ("not the second one", {"blue": False}),
    ("the last one is ugly", {"green": False}),
    ("I'd take the first one but not the third one", {"red": True, "green": False}),
    ("the second one", {}),
]


@pytest.mark.parametrize(("text", "opinions"), OPINIONS)
def test_likes_and_dislikes(text: str, opinions: dict[str, bool]) -> None:
    told = talk("mugs", text)
    assert told.opinions == opinions
    assert set(told.state.liked) == {item for item, liked in opinions.items() if liked}
    assert set(told.state.disliked) == {item for item, liked in opinions.items() if not liked}


DWELLING: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("the second one",), ()),
    (("the second one", "tell me more about the blue one"), ("blue",)),
    (("compare the first two", "what goes with the second one?"), ("blue",)),
    (("compare the first two", "the first or the second?"), ("red", "blue")),
    (("the second one", "more like the second one"), ("blue",)),
    (("the second one", "the third one"), ()),
    (("the second one", "cheaper than the second one"), ()),
    (("the second one", "I like the second one"), ()),
    (("I like the second one", "the second one", "the second one"), ()),
    (("the second one", "not the second one"), ()),
    (("the second one", "the second one", "not the second one"), ()),
    (("the second one", "something else", "the second one"), ()),
    (("the second one", "the second one", "something else"), ("blue",)),
]


@pytest.mark.parametrize(("texts", "item_ids"), DWELLING)
def test_what_is_talked_of_again_without_being_judged_is_dwelt_on(
    texts: tuple[str, ...], item_ids: tuple[str, ...]
) -> None:
    assert talk("mugs", *texts).state.dwelt_on == item_ids


def test_what_is_dwelt_on_is_told_once() -> None:
    assert talk("mugs", "the second one", "the second one").dwelt_on == ("blue",)
    third = talk("mugs", "the second one", "the second one", "the second one")
    assert (third.state.dwelt_on, third.dwelt_on) == (("blue",), ())


def test_what_is_disliked_is_not_shown_again_until_it_is_liked() -> None:
    assert talk("mugs", "not the second one", "cheaper").excluded == ("blue",)
    assert talk("mugs", "not the second one", "I like the second one").excluded == ()


@pytest.mark.parametrize("text", ["like the second one", "something like the blue one", "more like the camping mug"])
def test_more_of_the_same_kind(text: str) -> None:
    told = talk("mugs", text)
    assert (told.state.like, told.leaning.like) == ("blue", "blue")
    assert told.excluded == ("blue",)
    assert told.opinions == {}
    assert told.small_talk is None


@pytest.mark.parametrize("text", ["something else", "show me others", "none of these", "what else?"])
def test_something_else_sets_the_list_aside(text: str) -> None:
    told = talk("mugs", text)
    assert told.state.set_aside == SHOWN
    assert told.wishes == Wishes(**MUGS)


def test_a_new_subject_takes_up_again_what_was_set_aside() -> None:
    assert talk("mugs", "something else", "shirts").state.set_aside == ()


def test_what_goes_with_an_item_is_not_of_its_kind() -> None:
    told = talk("red mugs under 20", "what goes with the second one?")
    assert (told.move, told.leaning.beside) == (Move.COMPLEMENT, "blue")
    assert told.wishes == Wishes(max_price=gbp("20"))


@pytest.mark.parametrize("text", ["back to the first", "back to the first list", "back to the beginning"])
def test_back_to_the_first_wishes(text: str) -> None:
    told = talk("mugs under 20", "cheaper", "shirts", "something else", text)
    assert told.wishes == Wishes(**MUGS, max_price=gbp("20"))
    assert told.excluded == ()


def test_back_by_one() -> None:
    assert talk("mugs", "shirts", "go back").wishes == Wishes(**MUGS)


@pytest.mark.parametrize("text", ["the same mug as last time", "reorder the mug", "my usual mug"])
def test_something_again(text: str) -> None:
    told = talk(text)
    assert told.move is Move.REORDER
    assert told.wishes == Wishes(**MUGS)


@pytest.mark.parametrize("text", ["cheaper", "the second one", "something else", "compare them", "not this brand"])
def test_before_anything_was_shown_nothing_is_pointed_at(text: str) -> None:
    told = talk(text)
    assert (told.move, told.items, told.opinions) == (None, (), {})
    assert told.small_talk in (None, SmallTalk.FOLLOW_UP)


def test_an_item_that_the_shop_no_longer_has_is_not_pointed_at() -> None:
    past = [PastTurn("mugs", talk("mugs").answered(("gone", "blue"), None))]
    assert read_dialogue(said("the first one"), SHOP, past, rows).items == ("blue",)


RESUMED: list[tuple[tuple[str, ...], int]] = [
    (("shirts",), 4),
    (("mugs", "under 20", "in blue", "shirts"), 4),
    (("under 20", "in blue", "shirts"), 4),
    (("mugs", "shirts"), 2),
    (("mugs", "under 20", "in red"), 3),
    (("plates", "shirts"), 2),
]


@pytest.mark.parametrize(("texts", "number"), RESUMED)
def test_a_conversation_goes_on_after_the_turn_its_messages_end_with(texts: tuple[str, ...], number: int) -> None:
    past: list[PastTurn] = []
    for text in ("mugs", "under 20", "in blue"):
        past.append(PastTurn(text, read_dialogue(said(text), SHOP, past, rows).answered(SHOWN, None)))
    told = read_dialogue(said(*texts), SHOP, past, rows)
    assert told.number == number
    assert (told.wishes.max_price == gbp("20")) == ("under 20" in texts or len(texts) == 1)

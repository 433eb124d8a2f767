"""What a message needs beyond wishes for one thing."""

import pytest

from recommender.conversation.agents.needs import read_needs
from schemas import Money
from tests.recommender.conversation.agents.kitchen import WORDS


@pytest.mark.parametrize(
    ("text", "parts", "budget"),
    [
        ("a teapot and two mugs under £30 together", [("Teapots", 1), ("Mugs", 2)], "30"),
        (
            "I need a teapot, 4 mugs and a tray for up to £90 in total",
            [("Teapots", 1), ("Mugs", 4), ("Trays", 1)],
            "90",
        ),
        ("one mug plus one tray", [("Mugs", 1), ("Trays", 1)], None),
        ("a mug", [], None),
        ("mugs and trays under £5", [], "5"),
        ("a red and white mug", [], None),
        ("a mug and a mug and a mug and a mug and a mug", [], None),
    ],
)
def test_things_that_are_counted_one_by_one_are_parts_of_a_set(text, parts, budget):
    needs = read_needs(text, WORDS)
    assert [(part.wishes.category[0], part.quantity) for part in needs.parts] == parts
    assert needs.budget == (budget and Money(budget, "GBP"))


def test_a_colour_said_of_both_is_that_of_each_part():
    needs = read_needs("a teapot and a mug, both blue", WORDS)
    assert [part.wishes.attributes for part in needs.parts] == [{"color": ("Blue",)}] * 2


@pytest.mark.parametrize(
    ("text", "owned", "asked"),
    [
        ("something to go with my red teapot", "red teapot", "something to"),
        ("a tray to match my Red Teapot, under £20", "Red Teapot", "a tray , under £20"),
        ("what goes well with the desk lamp under £10?", "desk lamp", "what under £10?"),
        ("I have a red teapot. What would go well with it?", "red teapot", "I . What would ?"),
        ("I bought the oak tray last week, which mug goes with that?", "oak tray last week", "I , which mug ?"),
        ("what goes with it?", "", "what goes with it?"),
        ("a matching set of mugs", "", "a matching set of mugs"),
        ("a mug to go with", "", "a mug to go with"),
    ],
)
def test_what_it_is_to_go_with_is_no_wish(text, owned, asked):
    needs = read_needs(text, WORDS)
    assert (needs.owned, needs.asked) == (owned, asked)


@pytest.mark.parametrize(
    ("text", "cheap", "liked"),
    [
        ("the cheapest mug", True, False),
        ("a popular mug, as cheap as possible", True, True),
        ("the best value mug", True, True),
        ("best sellers", False, True),
        ("a cheerful mug", False, False),
    ],
)
def test_cheap_and_well_liked_are_read_and_are_no_wish(text, cheap, liked):
    needs = read_needs(text, WORDS)
    assert (needs.cheap, needs.liked) == (cheap, liked)
    assert (needs.asked == text) is not (cheap or liked)

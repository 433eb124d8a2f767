"""Words with several meanings in a catalogue, and which of them one message means."""

from decimal import Decimal
from typing import Any

import pytest

from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import Money, Wishes
from tests.recommender.conversation.shops import HOME, row

SHOP = Vocabulary.from_rows(
    [
        row("a", "Green Tea", category=("Pantry", "Tea"), leaf="Green"),
        row("b", "Dark Roast Coffee", category=("Pantry", "Coffee"), roast="Dark", size="250 g"),
        row("c", "Dark Chocolate", category=("Pantry", "Chocolate"), kind="Dark"),
        row("d", "Light Roast Coffee", category=("Pantry", "Coffee"), roast="Light"),
        row("e", "Rattan Pendant Light", category=("Lighting", "Pendants"), material="Rattan"),
        row("f", "Green Pendant Light", category=("Lighting", "Pendants"), color="Green"),
        row("g", "Padded Bag", category=("Bags",), strap_bags="Padded", features_bags="Wheeled"),
        row("h", "Leather Boots", category=("Shoes", "Boots"), size="UK 6", material="Leather"),
        row("i", "Jersey", category=("Clothes", "T-Shirts"), size="M", brand="Loom & Lowe"),
        row("j", "Teapot", category=("Kitchen", "Teapots"), size="1.5 litres", style="Teapot"),
        row("k", "EverTec&trade; Bowl", category=("Kitchen", "Bowls"), material="Soft Shell&reg;", pattern="Spotted"),
        row("l", "4K Notebook", category=("Screens",), feature="Comfort"),
        row("m", "Men's Shorts", category=("Men", "Bottoms", "Shorts")),
        row("n", "Women's Shorts", category=("Women", "Bottoms", "Shorts")),
        row("o", "Skirt", category=("Women", "Bottoms", "Skirts")),
    ]
)
Case = tuple[str, dict[str, Any]]
BY_CATEGORY: list[Case] = [
    ("green tea", {"category": ("Tea",), "attributes": {"leaf": ("Green",)}}),
    ("tea, green", {"category": ("Tea",), "attributes": {"leaf": ("Green",)}}),
    ("green pendant", {"category": ("Pendants",), "attributes": {"color": ("Green",)}}),
    ("dark coffee", {"category": ("Coffee",), "attributes": {"roast": ("Dark",)}}),
    ("dark chocolate", {"category": ("Chocolate",), "attributes": {"kind": ("Dark",)}}),
    (
        "rattan pendant light",
        {"category": ("Pendants",), "attributes": {"material": ("Rattan",)}, "keywords": ("light",)},
    ),
    ("teapot", {"category": ("Teapots",)}),
]
SPELLED: list[Case] = [
    ("coffee, 250g", {"category": ("Coffee",), "attributes": {"size": ("250 g",)}}),
    ("a 1.5 litre teapot", {"category": ("Teapots",), "attributes": {"size": ("1.5 litres",)}}),
    ("boots size 6", {"category": ("Boots",), "attributes": {"size": ("UK 6",)}}),
    ("medium tshirt", {"category": ("T-Shirts",), "attributes": {"size": ("M",)}}),
    ("a medium bowl", {"category": ("Bowls",), "unread": ("medium",)}),
    ("loom and lowe", {"brand": ("Loom & Lowe",)}),
    ("tea pot", {"category": ("Teapots",)}),
    ("note-book", {"keywords": ("notebook",)}),
    ("4k", {"keywords": ("4k",)}),
    ("softshell", {"attributes": {"material": ("Soft Shell&reg;",)}}),
    ("evertec", {"keywords": ("evertec\u2122",)}),
    ("something comfortable", {"attributes": {"feature": ("Comfort",)}}),
    ("spotty", {"attributes": {"pattern": ("Spotted",)}}),
    ("with wheels", {"attributes": {"features_bags": ("Wheeled",)}}),
    ("a bag with a padded strap", {"category": ("Bags",), "attributes": {"strap_bags": ("Padded",)}}),
]
NARROWED: list[Case] = [
    ("men's shorts", {"category": ("Shorts",), "keywords": ("men",)}),
    ("shorts for men", {"category": ("Shorts",), "keywords": ("men",)}),
    ("women's skirts", {"category": ("Skirts",)}),
    ("shorts for men and women", {"category": ("Shorts",)}),
    ("men's skirts", {"category": ("Skirts",), "keywords": ("men",)}),
    ("skirts, men", {"category": ("Skirts", "Men")}),
    ("tea and lighting", {"category": ("Tea", "Lighting")}),
]


@pytest.mark.parametrize(("text", "expected"), BY_CATEGORY + SPELLED + NARROWED)
def test_a_request_means(text: str, expected: dict[str, Any]) -> None:
    assert understand(text, SHOP).wishes == Wishes(**expected)


def gbp(amount: str) -> Money:
    return Money(Decimal(amount), "GBP")


@pytest.mark.parametrize(
    ("text", "minimum", "maximum"),
    [
        ("I don't want to spend more than £50", None, "50"),
        ("it shouldn't cost more than 50", None, "50"),
        ("we can't go over £50", None, "50"),
        ("nothing above £50", None, "50"),
        ("nothing under £50", "50", None),
        ("no, more than £50 please", "50", None),
        ("I can spend up to 50", None, "50"),
        ("my budget is between 20 and 50", "20", "50"),
        ("£40ish", "32", "48"),
        ("£40 or so", "32", "48"),
        ("40 pounds give or take", "32", "48"),
    ],
)
def test_a_price_limit_is(text: str, minimum: str | None, maximum: str | None) -> None:
    wishes = understand(text, HOME).wishes
    assert (wishes.min_price, wishes.max_price) == (minimum and gbp(minimum), maximum and gbp(maximum))


@pytest.mark.parametrize(
    "text",
    [
        "mugs, plastic isn't that important",
        "mugs, cotton doesn't matter",
        "I don't care about plastic, mugs",
        "mugs regardless of plastic",
        "mugs. Plastic is not a priority",
    ],
)
def test_what_does_not_matter_is_neither_wished_nor_refused(text: str) -> None:
    assert understand(text, HOME).wishes == Wishes(category=("Mugs",))


def test_words_of_conversation_are_not_left_unread() -> None:
    assert understand("I was hoping you could help me find lovely mugs today", HOME).wishes == Wishes(
        category=("Mugs",)
    )

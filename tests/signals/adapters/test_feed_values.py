"""Stock, categories, addresses, attributes and titles in the spellings of many feeds."""

from decimal import Decimal

import pytest

from schemas.catalog import Availability
from signals.adapters.feed_titles import common_title
from signals.adapters.feed_values import (
    address_of,
    attributes_of,
    availability_of,
    category_of,
    text_of,
    texts_of,
)
from signals.errors import InvalidRecordError


@pytest.mark.parametrize(
    ("text", "stock"),
    [
        *((text, Availability.IN_STOCK) for text in ("in stock", "in_stock", "In Stock", "InStock", "limited_stock")),
        *(
            (f"{base}InStock", Availability.IN_STOCK)
            for base in ("https://schema.org/", "HTTP://schema.org/", "schema:")
        ),
        *((text, Availability.OUT_OF_STOCK) for text in ("out of stock", "OUT_OF_STOCK", "SoldOut", "unknown")),
        *((text, Availability.PREORDER) for text in ("preorder", "pre-order", "pre_order", "PreOrder")),
        *((text, Availability.BACKORDER) for text in ("backorder", "Back Order", "https://schema.org/BackOrder")),
        ("https://schema.org/Discontinued/", Availability.DISCONTINUED),
        ("", None),
    ],
)
def test_stock_in_every_spelling(text: str, stock: Availability | None) -> None:
    assert availability_of(text) is stock


def test_an_unknown_stock_names_the_known_ones() -> None:
    with pytest.raises(InvalidRecordError, match="availability: none of in_stock, out_of_stock, preorder"):
        availability_of("maybe")


def test_the_first_path_is_the_category() -> None:
    assert category_of("Clothes > Shirts &amp; Tops>  Linen") == ("Clothes", "Shirts & Tops", "Linen")
    assert category_of("2271", " > ", "Home") == ("Home",)
    assert category_of("") == ()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JavaScript\n:alert(1)", "data:text/html,x", "http://[x"])
def test_only_addresses_of_the_web_are_taken(address: str) -> None:
    with pytest.raises(InvalidRecordError, match="link: not an http or https address"):
        address_of(address, "link")


def test_texts_of_any_value() -> None:
    assert texts_of([" a ", 5, Decimal("1.50"), True, None, {"name": "b"}, {"@value": "c"}, [["d"]], "a"]) == (
        "a",
        "5",
        "1.50",
        "true",
        "b",
        "c",
    )
    assert (text_of(None), text_of({}), text_of([])) == ("", "", "")


def test_attributes_are_plain_and_prose_is_none() -> None:
    named = [("care", ["Wash&amp;wear", "x" * 201, ""]), ("", ["lost"]), ("care", ["Dry"]), ("empty", [""])]
    assert attributes_of(named) == {"care": ("Wash&wear", "Dry")}


@pytest.mark.parametrize(
    ("titles", "title"),
    [
        (["Linen shirt - Red, M", "Linen shirt - Blue, L"], "Linen shirt"),
        (["Red linen shirt", "Blue Linen shirt"], "linen shirt"),
        (["Mug (red)", "Mug (blue)"], "Mug"),
        (["Mug (red / large)", "Mug (blue / large)"], "Mug large"),
        (["Mug", "Mug"], "Mug"),
        (["Cup", "Mug"], "Cup"),
        (["Only - one"], "Only - one"),
    ],
)
def test_the_title_of_an_item_is_what_the_titles_of_its_variants_share(titles: list[str], title: str) -> None:
    assert common_title(titles) == title

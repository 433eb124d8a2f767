"""What a variant has from its product, and what a product may not be."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.catalog import Availability, Product, ProductRow

SHIRT: dict[str, Any] = {
    "item_id": "shirt",
    "title": "Shirt",
    "price": "9.50",
    "currency": "GBP",
    "quantity": 7,
    "image": "shirt.png",
    "attributes": {"fit": "loose", "fabric": ["cotton", "linen"]},
}


def test_a_product_without_variants_is_its_own_only_variant() -> None:
    (offer,) = Product.model_validate(SHIRT).offers()
    assert (offer.variant_id, offer.price, offer.quantity) == ("shirt", Decimal("9.50"), 7)
    assert offer.attributes == {"fit": ("loose",), "fabric": ("cotton", "linen")}


def test_a_variant_has_from_its_product_what_it_leaves_out_but_the_stock() -> None:
    variants = [{"variant_id": "red", "attributes": {"fit": "slim"}}, {"variant_id": "blue", "price": "8"}]
    red, blue = Product.model_validate(SHIRT | {"variants": variants}).offers()
    assert red.attributes == {"fit": ("slim",), "fabric": ("cotton", "linen")}
    assert (red.price, red.quantity, red.image, red.availability) == (Decimal("9.50"), None, "shirt.png", "in_stock")
    assert (blue.price, blue.currency) == (Decimal("8"), "GBP")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"variants": [{"variant_id": "a"}, {"variant_id": "a"}]}, "variant_id repeats"),
        ({"currency": None}, "needs a currency"),
        ({"currency": "gbp"}, "pattern"),
        ({"price": -1}, "greater than or equal to 0"),
        ({"price": "NaN"}, "finite"),
        ({"price": 9.5}, "a float cannot hold money"),
        ({"title": ""}, "at least 1 character"),
        ({"availability": "sold"}, "Input should be 'in_stock'"),
    ],
)
def test_a_broken_rule_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Product.model_validate(SHIRT | values)


@pytest.mark.parametrize(
    ("availability", "quantity", "in_stock"),
    [("in_stock", None, True), ("in_stock", 3, True), ("in_stock", 0, False), ("preorder", 3, False)],
)
def test_in_stock_means_available_and_not_down_to_none(availability: str, quantity: int | None, in_stock: bool) -> None:
    row = ProductRow(
        item_id="mug",
        variant_id="mug",
        title="Mug",
        availability=Availability(availability),
        quantity=quantity,
        as_of=datetime(2024, 1, 1, tzinfo=UTC),
    )
    assert row.in_stock is in_stock

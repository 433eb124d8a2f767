from decimal import Decimal

import numpy as np
import pytest

from recommender.catalog import CatalogColumns, offer_satisfies
from recommender.ids import IdMap
from schemas import Constraints, Money
from tests.recommender.catalogs import frame, variant

SHIRT = {"title": "Linen shirt", "category": ("Clothing", "Shirts"), "brand": "Otter"}
ROWS = [
    variant("shirt", "shirt-red-s", **SHIRT, attributes={"color": ("red",), "size": ("S",)}, price=Decimal(40)),
    variant("shirt", "shirt-red-l", **SHIRT, attributes={"color": ("red",), "size": ("L",)}, price=Decimal(60)),
    variant("shirt", "shirt-blue-l", **SHIRT, attributes={"color": ("Blue",), "size": ("L",)}, price=Decimal(50)),
    variant("mug", title="Red berry mugs", category=("Kitchen", "Mugs"), price=Decimal(8), quantity=0),
    variant("gift", title="Gift card", price=None, currency=None),
]
ITEMS = IdMap.from_ids(["shirt", "mug", "gift"])


@pytest.fixture
def columns():
    return CatalogColumns(frame(*ROWS), ITEMS)


def satisfying(columns, **constraints):
    mask = columns.satisfying(Constraints(**constraints))
    return {columns.variant_id(int(row)) for row in np.flatnonzero(mask)}


def pounds(amount):
    return Money(amount, "GBP")


def test_what_is_out_of_stock_or_has_none_left_is_left_out_by_default(columns):
    assert "mug" not in satisfying(columns)
    assert "mug" in satisfying(columns, in_stock=False)


def test_one_variant_must_satisfy_all_constraints_at_once(columns):
    assert satisfying(columns, attributes={"color": "red", "size": "L"}) == {"shirt-red-l"}
    assert satisfying(columns, attributes={"color": "red", "size": "L"}, max_price=pounds("50")) == set()


def test_price_limits_include_their_ends(columns):
    assert satisfying(columns, min_price=pounds("40"), max_price=pounds("50")) == {"shirt-red-s", "shirt-blue-l"}


def test_a_product_without_a_price_or_in_another_currency_breaks_a_price_limit(columns):
    assert "gift" not in satisfying(columns, max_price=pounds("100"))
    assert satisfying(columns, max_price=Money("100", "EUR")) == set()


def test_any_value_of_a_field_is_enough_and_case_does_not_matter(columns):
    assert satisfying(columns, attributes={"Color": ("BLUE", "green")}) == {"shirt-blue-l"}


def test_every_level_of_a_category_counts(columns):
    assert satisfying(columns, category=("clothing",)) == {"shirt-red-s", "shirt-red-l", "shirt-blue-l"}


def test_without_takes_out_values_of_attributes_categories_and_brands(columns):
    assert satisfying(columns, without={"color": "red"}) == {"shirt-blue-l", "gift"}
    assert satisfying(columns, without={"brand": "otter"}) == {"gift"}


def test_keywords_are_words_of_the_title_category_brand_or_attributes(columns):
    assert satisfying(columns, keywords=("linen", "blue")) == {"shirt-blue-l"}
    assert satisfying(columns, keywords=("mug", "berries"), in_stock=False) == {"mug"}
    assert satisfying(columns, keywords=("nowhere",)) == set()


def test_the_cheapest_satisfying_variant_is_quoted(columns):
    item = ITEMS.index("shirt")
    assert columns.variant_id(columns.quote(item, columns.satisfying(Constraints()))) == "shirt-red-s"
    large = columns.satisfying(Constraints(attributes={"size": "L"}))
    assert columns.variant_id(columns.quote(item, large)) == "shirt-blue-l"


def test_a_changed_item_takes_the_place_of_the_old_one(columns):
    changed = frame(variant("mug", title="Red berry mugs", category=("Kitchen", "Mugs"), price=Decimal(9)))
    new = columns.with_changes(changed, ITEMS)
    assert satisfying(new, category=("Mugs",)) == {"mug"}
    assert satisfying(columns, category=("Mugs",)) == set()


def test_a_product_that_training_did_not_know_is_not_ranked(columns):
    new = columns.with_changes(frame(variant("newcomer")), ITEMS)
    assert "newcomer" not in satisfying(new)


def test_the_quoted_row_carries_the_offer_read_last(columns):
    row = columns.quote(ITEMS.index("shirt"), columns.satisfying(Constraints()))
    offer = {"price": Decimal("44.5"), "currency": "GBP", "availability": "in_stock", "quantity": 3}
    quoted = columns.product_row(row, offer)
    assert quoted.price == pounds("44.5")
    assert offer_satisfies(quoted, Constraints(max_price=pounds("45")))
    assert not offer_satisfies(quoted, Constraints(max_price=pounds("44")))
    sold_out = columns.product_row(row, offer | {"quantity": 0})
    assert not offer_satisfies(sold_out, Constraints())
    assert offer_satisfies(sold_out, Constraints(in_stock=False))

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from recommender.catalog import CatalogColumns, cheapest_first, offer_satisfies
from recommender.ids import IdMap
from schemas import Availability, Constraints, Money
from signals.catalog_entries import Offer
from tests.recommender.catalogs import frame, variant

NOW = datetime(2026, 1, 1, tzinfo=UTC)
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


def test_a_keyword_is_found_in_titles_and_in_values_alike(columns):
    assert satisfying(columns, keywords=("red",), in_stock=False) == {"mug", "shirt-red-s", "shirt-red-l"}


@pytest.mark.parametrize("rows", [ROWS, [variant("gift"), variant("mug", quantity=0), variant("shirt")]])
def test_an_item_satisfies_what_one_of_its_variants_does(rows):
    columns = CatalogColumns(frame(*rows), ITEMS)
    variants = columns.satisfying(Constraints())
    before = variants.copy()
    items = columns.items_of(variants)
    assert items.tolist() == [True, False, True]
    items[:] = False
    np.testing.assert_array_equal(variants, before)


def test_keywords_are_words_of_the_title_category_brand_or_attributes(columns):
    assert satisfying(columns, keywords=("linen", "blue")) == {"shirt-blue-l"}
    assert satisfying(columns, keywords=("mug", "berries"), in_stock=False) == {"mug"}
    assert satisfying(columns, keywords=("nowhere",)) == set()


def test_the_rows_of_an_item_are_those_of_its_variants_that_satisfy(columns):
    large = columns.satisfying(Constraints(attributes={"size": "L"}))
    rows = columns.rows_of(ITEMS.index("shirt"), large)
    assert [columns.variant_id(row) for row in rows] == ["shirt-red-l", "shirt-blue-l"]


def test_a_changed_item_takes_the_place_of_the_old_one(columns):
    changed = frame(variant("mug", title="Red berry mugs", category=("Kitchen", "Mugs"), price=Decimal(9)))
    new = columns.with_changes(changed, ITEMS)
    assert satisfying(new, category=("Mugs",)) == {"mug"}
    assert satisfying(columns, category=("Mugs",)) == set()


def test_new_prices_and_stock_alone_leave_the_content_as_it_is(columns):
    sold_out = [row | {"price": Decimal(41), "quantity": 0} for row in ROWS[:1]]
    new = columns.with_changes(frame(*sold_out, *ROWS[1:3]), ITEMS)
    assert new.content is columns.content
    assert satisfying(new, attributes={"color": "red"}) == {"shirt-red-l"}
    assert satisfying(new, max_price=pounds("41"), in_stock=False) == {"shirt-red-s", "mug"}
    assert satisfying(columns, attributes={"color": "red"}) == {"shirt-red-s", "shirt-red-l"}


@pytest.mark.parametrize(
    "rows",
    [
        [ROWS[3] | {"title": "Blue berry mugs"}],
        [ROWS[3], variant("mug", "mug-large", title="Red berry mugs", category=("Kitchen", "Mugs"))],
        ROWS[:2],
    ],
    ids=["another title", "one variant more", "one variant less"],
)
def test_any_other_change_is_new_content(columns, rows):
    new = columns.with_changes(frame(*rows), ITEMS)
    assert new.content is not columns.content
    assert {new.variant_id(row) for row in new.rows_of(ITEMS.index(rows[0]["item_id"]), new.in_stock | True)} == {
        row["variant_id"] for row in rows
    }


def test_a_product_that_training_did_not_know_is_not_ranked(columns):
    new = columns.with_changes(frame(variant("newcomer")), ITEMS)
    assert "newcomer" not in satisfying(new)


OFFER = Offer("shirt-red-s", NOW, Decimal("44.5"), "GBP", Availability.IN_STOCK, 3)


def test_the_quoted_row_carries_the_offer_it_is_given(columns):
    (row,) = columns.rows_of(ITEMS.index("shirt"), columns.satisfying(Constraints(attributes={"size": "S"})))
    quoted = columns.product_row(row, OFFER, NOW)
    assert (quoted.price, quoted.quantity, quoted.as_of) == (pounds("44.5"), 3, NOW)
    assert quoted.attributes == {"color": ("red",), "size": ("S",)}


@pytest.mark.parametrize(
    ("offer", "wanted", "satisfied"),
    [
        (OFFER, {"max_price": pounds("44.5")}, True),
        (OFFER, {"max_price": pounds("44")}, False),
        (OFFER, {"min_price": pounds("45")}, False),
        (OFFER, {"max_price": Money("100", "EUR")}, False),
        (replace(OFFER, price=None, currency=None), {"max_price": pounds("100")}, False),
        (replace(OFFER, price=None, currency=None), {}, True),
        (replace(OFFER, quantity=0), {}, False),
        (replace(OFFER, quantity=0), {"in_stock": False}, True),
        (replace(OFFER, availability=Availability.PREORDER), {}, False),
    ],
)
def test_an_offer_is_held_against_price_and_stock(offer, wanted, satisfied):
    assert offer_satisfies(offer, Constraints(**wanted)) is satisfied


def test_offers_sort_by_price_and_those_without_come_last():
    assert cheapest_first(OFFER) < cheapest_first(replace(OFFER, price=None))


def test_brands_and_categories_are_numbers_that_differ_where_they_do():
    catalog = frame(
        variant("a", brand="Loom", category=("Home", "Mugs")),
        variant("b", "b-1", brand="LOOM", category=("Sale", "Mugs")),
        variant("b", "b-2", brand="LOOM", category=("Sale", "Mugs")),
        variant("c", category=("home", "mugs")),
        variant("d", brand="Other"),
    )
    columns = CatalogColumns(catalog, IdMap.from_ids(["a", "b", "c", "d", "newer"]))
    assert columns.brands.tolist() == [0, 0, -1, 1, -1]
    assert columns.categories.tolist() == [0, 1, 0, -1, -1]


def test_kinds_overlap_by_the_levels_and_brands_that_two_items_share():
    catalog = frame(
        variant("a", brand="Loom", category=("Home", "Mugs")),
        variant("b", brand="loom", category=("Home", "Mugs")),
        variant("c", brand="Other", category=("Home", "Lamps")),
        variant("d"),
    )
    columns = CatalogColumns(catalog, IdMap.from_ids("abcd"))
    vectors = columns.kinds(np.array([0, 1, 2, 3], dtype=np.int32))
    np.testing.assert_allclose((vectors @ vectors.T)[0], [1, 1, 1 / 3, 0], rtol=1e-6)
    assert vectors[3].tolist() == [0.0] * vectors.shape[1]

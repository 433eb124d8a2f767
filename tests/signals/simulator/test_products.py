import re
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

from schemas import Availability, Product
from signals.simulator import SimulatedShop
from signals.simulator.assortment import ASSORTMENT, BRANDS, BY_CODE
from signals.simulator.products import make_products


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return make_products(1_500, "GBP", np.random.default_rng(3))


def test_the_default_shop_has_at_least_400_products_in_exactly_8_categories(default_shop: SimulatedShop) -> None:
    assert len(default_shop.products) >= 400
    assert len({product.category[0] for product in default_shop.products}) == 8


def test_every_category_path_has_two_levels_and_every_category_at_least_two_sub_categories(
    products: list[Product],
) -> None:
    paths = {product.category for product in products}
    assert {len(path) for path in paths} == {2}
    assert min(Counter(path[0] for path in paths).values()) >= 2


def test_no_title_and_no_id_occurs_twice(products: list[Product]) -> None:
    assert len({product.title for product in products}) == len(products)
    assert len({product.item_id for product in products}) == len(products)
    variant_ids = [variant.variant_id for product in products for variant in product.variants]
    assert len(set(variant_ids)) == len(variant_ids)


def test_titles_have_no_gaps_and_no_unfilled_words(products: list[Product]) -> None:
    for product in products:
        assert not re.search(r"[{}]|  |^ | $", product.title), product.title


def test_descriptions_are_two_to_four_sentences_with_every_word_filled(products: list[Product]) -> None:
    for product in products:
        assert 2 <= len(re.findall(r"\.(?: |$)", product.description)) <= 4, product.description
        assert not re.search(r"[{}]|  |\b[Aa] [aeiou]", product.description), product.description


def test_a_title_names_a_colour_only_where_every_variant_has_it(products: list[Product]) -> None:
    colors = {color for spec in ASSORTMENT for color in spec.colors}
    for product in products:
        offered = {offer.attributes.get("color") for offer in product.offers()}
        named = colors & set(product.title.split()) if len(offered) > 1 else set()
        assert not named, product.title


def test_prices_are_whole_pence_in_the_currency_and_end_as_shops_end_them(products: list[Product]) -> None:
    for offer in (offer for product in products for offer in product.offers()):
        assert offer.currency == "GBP"
        assert offer.price is not None
        assert offer.price >= 1
        assert offer.price % 1 in {Decimal(ending) for ending in ("0.99", "0.95", "0.50", "0.00")}


def test_prices_of_a_sub_category_lie_about_its_median(products: list[Product]) -> None:
    boots = [float(product.price or 0) for product in products if product.category[1] == "Boots"]
    assert np.median(boots) == pytest.approx(BY_CODE["boots"].price, rel=0.25)
    assert np.std(np.log(boots)) == pytest.approx(0.35, abs=0.12)


def test_larger_sizes_that_cost_more_have_their_own_price(products: list[Product]) -> None:
    coffee = next(product for product in products if product.category[1] == "Coffee" and len(product.variants) == 3)
    prices = [offer.price for offer in coffee.offers() if offer.price is not None]
    assert prices == sorted(prices)
    assert prices[0] < prices[-1]


def test_some_products_and_some_variants_of_others_are_out_of_stock(products: list[Product]) -> None:
    sold_out = [product for product in products if product.availability is Availability.OUT_OF_STOCK]
    assert 0.01 < len(sold_out) / len(products) < 0.1
    assert all(not offer.quantity for product in sold_out for offer in product.offers())
    mixed = [product for product in products if len({offer.availability for offer in product.offers()}) == 2]
    assert mixed


def test_a_brand_sells_in_its_own_categories(products: list[Product]) -> None:
    assert all(product.brand in BRANDS[product.category[0]] for product in products)


def test_every_complement_is_a_sub_category_of_the_shop() -> None:
    assert {code for spec in ASSORTMENT for code in spec.complements} <= set(BY_CODE)

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from schemas import Event, Product
from signals.simulator import SimulatedShop, SimulatorConfig, simulate
from signals.simulator.assortment import ASSORTMENT

LINE = ["order_id", "item_id", "variant_id", "unit_price", "quantity"]


def _events(frame: pd.DataFrame) -> list[Event]:
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [Event.model_validate(record) for record in records]


def _by_id(shop: SimulatedShop) -> dict[str, Product]:
    return {product.item_id: product for product in shop.products}


def test_the_default_shop_has_100_000_events_of_3_000_shoppers_over_90_days(default_shop: SimulatedShop) -> None:
    events = default_shop.events
    assert len(events) >= 100_000
    assert events["user_id"].nunique() == 3_000
    assert events["occurred_at"].max() - events["occurred_at"].min() > timedelta(days=89)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_there_are_at_least_the_events_asked_for_and_hardly_more(small_config: SimulatorConfig, seed: int) -> None:
    n_events = simulate(small_config.model_copy(update={"seed": seed})).n_events
    assert small_config.n_events <= n_events <= 1.02 * small_config.n_events


@pytest.mark.parametrize(("n_shoppers", "days"), [(1, 7), (1, 400), (3, 90), (200, 7), (200, 400)])
def test_the_fewest_events_allowed_still_show_every_shopper(n_shoppers: int, days: int) -> None:
    config = SimulatorConfig(n_products=50, n_shoppers=n_shoppers, n_events=12 * n_shoppers, days=days)
    events = simulate(config).events
    assert events["user_id"].nunique() == n_shoppers
    assert len(events) >= config.n_events


def test_every_event_validates(events: pd.DataFrame) -> None:
    assert len(_events(events.sample(2_000, random_state=0))) == 2_000
    aliases = _events(events[events["kind"] == "alias"])
    assert aliases


def test_the_events_are_in_order_of_time_inside_the_range(events: pd.DataFrame, small_config: SimulatorConfig) -> None:
    assert events["occurred_at"].is_monotonic_increasing
    assert events["occurred_at"].min() >= small_config.end - timedelta(days=small_config.days)
    assert events["occurred_at"].max() < small_config.end
    assert events["event_id"].is_unique


def test_every_item_and_variant_of_an_event_is_in_the_catalogue(
    small_shop: SimulatedShop, events: pd.DataFrame
) -> None:
    products = _by_id(small_shop)
    for item_id, variant_id in events[["item_id", "variant_id"]].dropna().drop_duplicates().itertuples(index=False):
        assert variant_id in {variant.variant_id for variant in products[item_id].variants}
    assert set(events["item_id"].dropna()) <= set(products)


def test_purchases_are_of_offers_in_stock_at_the_offered_price(small_shop: SimulatedShop, events: pd.DataFrame) -> None:
    products = _by_id(small_shop)
    purchases = _events(events[events["kind"] == "purchase"])
    for purchase in purchases:
        product = products[str(purchase.item_id)]
        offers = {offer.variant_id: offer for offer in product.offers()}
        offer = offers[purchase.variant_id or product.item_id]
        assert (purchase.unit_price, purchase.currency) == (offer.price, offer.currency)
        assert offer.availability == "in_stock"
    assert len(purchases) > 200


def test_only_order_lines_carry_a_price(events: pd.DataFrame) -> None:
    priced = events["unit_price"].notna()
    assert set(events.loc[priced, "kind"]) == {"purchase", "refund"}
    assert events.loc[events["kind"].isin(["purchase", "refund"]), "order_id"].notna().all()


def test_every_refund_gives_back_a_line_bought_two_to_twelve_days_before(events: pd.DataFrame) -> None:
    refunds = events[events["kind"] == "refund"].merge(
        events[events["kind"] == "purchase"], on=LINE, suffixes=("", "_bought"), how="left"
    )
    after = refunds["occurred_at"] - refunds["occurred_at_bought"]
    assert len(refunds) > 3
    assert after.between(timedelta(days=2), timedelta(days=12)).all()
    assert (refunds["user_id"].fillna("") == refunds["user_id_bought"].fillna("")).all()


def test_two_to_four_percent_of_the_purchases_are_refunded(default_shop: SimulatedShop) -> None:
    counts = default_shop.events["kind"].value_counts()
    assert 0.02 <= counts["refund"] / counts["purchase"] <= 0.04


def test_a_purchase_follows_the_view_and_the_cart_of_its_session(events: pd.DataFrame) -> None:
    first = events.pivot_table("occurred_at", ["session_id", "item_id"], "kind", aggfunc="min").dropna(
        subset="purchase"
    )
    assert (first["view"] < first["add_to_cart"]).all()
    assert (first["add_to_cart"] < first["purchase"]).all()


def test_what_was_taken_out_of_the_cart_is_not_bought_then(events: pd.DataFrame) -> None:
    lines = events[events["kind"].isin(["add_to_cart", "remove_from_cart", "purchase"])]
    counts = lines.pivot_table("event_id", ["session_id", "item_id"], "kind", aggfunc="count", fill_value=0)
    assert counts["remove_from_cart"].sum() > 0
    assert (counts["remove_from_cart"] + counts["purchase"] <= counts["add_to_cart"]).all()


def test_an_alias_names_an_anonymous_visitor_seen_before(events: pd.DataFrame) -> None:
    aliases = events[events["kind"] == "alias"]
    anonymous = events[(events["kind"] != "alias") & events["anonymous_id"].notna()]
    assert anonymous["user_id"].isna().all()
    first_seen = anonymous.groupby("anonymous_id")["occurred_at"].min()
    assert (aliases["anonymous_id"].map(first_seen) < aliases["occurred_at"]).all()
    assert 0 < len(aliases) < anonymous["anonymous_id"].nunique()


def test_durable_products_are_not_bought_twice_and_consumables_are(
    small_shop: SimulatedShop, events: pd.DataFrame
) -> None:
    bought = events[events["kind"] == "purchase"].dropna(subset="user_id")
    kinds = bought["item_id"].map({product.item_id: product.category[1] for product in small_shop.products})
    consumable = kinds.isin(["Coffee", "Tea", "Chocolate", "Candles", "Socks"])
    orders = bought.groupby(["user_id", "item_id"])["order_id"].nunique()
    durable = bought[~consumable].groupby(["user_id", "item_id"])["order_id"].nunique()
    assert durable.max() == 1
    assert (orders >= 3).sum() > 20


def test_evenings_are_busier_than_nights(events: pd.DataFrame) -> None:
    hours = events["occurred_at"].dt.hour
    assert hours.between(18, 21).sum() > 5 * hours.between(1, 4).sum()


def test_popularity_has_a_long_tail(default_shop: SimulatedShop) -> None:
    seen = default_shop.events["item_id"].value_counts().to_numpy()
    slope, _ = np.polyfit(np.log(np.arange(1, len(seen) + 1)), np.log(seen), 1)
    assert -1.1 < slope < -0.6


def test_activity_is_heavy_tailed(default_shop: SimulatedShop) -> None:
    counts = default_shop.events["user_id"].value_counts().to_numpy()
    assert np.quantile(counts, 0.99) > 5 * np.median(counts)


def test_complements_are_bought_together_more_than_chance_has_it(default_shop: SimulatedShop) -> None:
    bought = default_shop.events.query("kind == 'purchase'")
    in_order = pd.crosstab(bought["order_id"], bought["item_id"].str.rpartition("-")[0]) > 0
    several = in_order[in_order.sum(axis=1) > 1]
    pairs = [(spec.code, other) for spec in ASSORTMENT for other in spec.complements if other != spec.code]
    together = sum((several[one] & several[other]).mean() for one, other in pairs)
    by_chance = sum(several[one].mean() * several[other].mean() for one, other in pairs)
    assert together > 1.2 * by_chance

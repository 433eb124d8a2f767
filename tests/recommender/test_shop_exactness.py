"""Shop.recommend against brute force: every product row of the catalogue, judged one by one."""

import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.artifacts import ArtifactStore
from recommender.dataset import Histories
from recommender.shop import Shop
from schemas import Constraints, Money
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.events import EventStore

PRICES = st.one_of(st.none(), st.integers(3, 120).map(lambda pounds: Money(str(pounds), "GBP")))
USERS = st.sampled_from(["shopper-00001", "shopper-00007", "shopper-00042", "nobody", None])


@pytest.fixture(scope="module")
def opened(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("photos"), dirs_exist_ok=True)
    url = f"sqlite:///{folder / 'shop.db'}"
    with Shop.open(url, folder / "artifacts") as shop:
        yield shop, open_database(url), ArtifactStore(folder / "artifacts").load()


@pytest.fixture(scope="module")
def rows(opened):
    return CatalogStore(opened[1]).rows().to_dict("records")


@st.composite
def constraints(draw, rows):
    row = draw(st.sampled_from(rows))
    low, high = sorted((draw(PRICES), draw(PRICES)), key=lambda money: 0 if money is None else money.amount)
    name, values = draw(st.sampled_from(sorted(row["attributes"].items()) or [("color", ("red",))]))
    return Constraints(
        min_price=low,
        max_price=high,
        in_stock=draw(st.booleans()),
        category=draw(st.sampled_from([(), row["category"][:1], row["category"][-1:]])),
        brand=draw(st.sampled_from([(), (row["brand"] or "none",)])),
        attributes=draw(st.sampled_from([{}, {name: values}])),
        without=draw(st.sampled_from([{}, {name: values}, {"category": row["category"][-1:]}])),
        exclude=draw(st.sampled_from([(), (row["item_id"],)])),
        include_bought=draw(st.booleans()),
    )


def allowed(row, wanted: Constraints) -> bool:
    def has(name, values):
        own = {"category": row["category"], "brand": (row["brand"] or "",)}.get(name) or row["attributes"].get(name, ())
        return bool({value.casefold() for value in values} & {value.casefold() for value in own})

    stocked = row["availability"] == "in_stock" and not (row["quantity"] == row["quantity"] and row["quantity"] == 0)
    price = row["price"]
    return (
        (stocked or not wanted.in_stock)
        and (wanted.min_price is None or (price is not None and price >= wanted.min_price.amount))
        and (wanted.max_price is None or (price is not None and price <= wanted.max_price.amount))
        and (not wanted.category or has("category", wanted.category))
        and (not wanted.brand or has("brand", wanted.brand))
        and all(has(name, values) for name, values in wanted.attributes.items())
        and not any(has(name, values) for name, values in wanted.without.items())
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), user=USERS, k=st.integers(1, 130))
def test_every_answer_equals_brute_force_over_the_catalogue(opened, rows, data, user, k):
    shop, engine, artifacts = opened
    wanted = data.draw(constraints(rows))
    answer = shop.recommend(user, k=k, constraints=wanted)

    events = EventStore(engine).recent(user, limit=1_000) if user else []
    bought = {event.item_id for event in events if event.kind == "purchase"}
    eligible = {row["item_id"] for row in rows if allowed(row, wanted)} - set(wanted.exclude)
    eligible -= set() if wanted.include_bought else bought
    scores = shop.recommend(user, k=len(artifacts.items), constraints=Constraints(in_stock=False, include_bought=True))
    order = [item.item_id for item in scores.items]
    assert len(order) == len(artifacts.items)
    assert [item.item_id for item in answer.items] == [item for item in order if item in eligible][:k]
    assert answer.shortfall == max(0, k - len(eligible))
    by_variant = {row["variant_id"]: row for row in rows}
    assert all(allowed(by_variant[item.row.variant_id], wanted) for item in answer.items)


def test_the_whole_order_is_that_of_the_blends_scores(opened):
    shop, _, artifacts = opened
    answer = shop.recommend(None, k=len(artifacts.items), constraints=Constraints(in_stock=False))
    popularity = artifacts.models["popularity"].scores(Histories.from_lists([[]]))[0]
    expected = np.lexsort((np.arange(len(popularity)), -popularity))
    assert [item.item_id for item in answer.items] == artifacts.items.ids(expected)

"""What a batch prepared, as a storefront may show it: items still to be had, copy that still holds."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from recommender.errors import BadRequestError
from recommender.jobs.batch.local import run_local
from recommender.jobs.batch.publishing import publish
from recommender.jobs.batch.run import BatchRequest, run_batch
from recommender.shop import Shop
from recommender.shop.replay import replay
from schemas import Availability, Constraints, Event, Money, Prepared
from signals.connections import writing
from signals.tables import offers

USER = "shopper-00003"


@pytest.fixture
def request_of(shop_folder: Path) -> BatchRequest:
    whom = shop_folder / "whom.txt"
    whom.write_text(f"{USER}\nstranger\n")
    url = f"sqlite:///{shop_folder / 'shop.db'}"
    return BatchRequest(url, shop_folder / "artifacts", shop_folder / "batch", str(whom), k=6, writer="none")


def published(request: BatchRequest, engine: Engine) -> None:
    run_batch(request, partial(run_local, workers=1))
    publish(engine, request.out)


def items(found: Prepared | None) -> list[str]:
    assert found is not None
    return [item.item_id for item in found.recommendations.items]


def test_a_storefront_gets_what_was_prepared_and_none_for_others(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    assert shop.recommendations_of(USER) is None
    published(request_of, shop_engine)
    assert items(shop.recommendations_of(USER)) == [item.item_id for item in shop.recommend(USER, k=6).items]
    found = shop.recommendations_of("stranger")
    assert found is not None
    assert found.recommendations.cold_start
    assert found.copy_text
    assert shop.recommendations_of("shopper-00004") is None


def test_what_is_gone_is_left_out_and_with_it_the_copy(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    published(request_of, shop_engine)
    before = items(shop.recommendations_of(USER))
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=before[5])
    found = shop.recommendations_of(USER)
    assert items(found) == before[:5]
    assert found is not None
    assert found.recommendations.shortfall == 1
    assert found.copy_text is not None
    shop.set_availability(Availability.OUT_OF_STOCK, item_id=before[0])
    found = shop.recommendations_of(USER)
    assert items(found) == before[1:5]
    assert found is not None
    assert found.copy_text is None


def test_a_copy_that_quotes_another_price_is_not_shown(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    published(request_of, shop_engine)
    found = shop.recommendations_of(USER)
    assert found is not None
    row = found.recommendations.items[0].row
    assert row.price is not None
    with writing(shop_engine) as connection:
        connection.execute(update(offers).where(offers.c.variant_id == row.variant_id).values(price=Decimal("0.01")))
    shop._serving.refresh()
    found = shop.recommendations_of(USER)
    assert found is not None
    assert row.item_id in items(found)
    assert found.copy_text is None


def test_what_was_bought_since_is_left_out(request_of: BatchRequest, shop: Shop, shop_engine: Engine) -> None:
    published(request_of, shop_engine)
    before = items(shop.recommendations_of(USER))
    bought = {"event_id": "now", "kind": "purchase", "user_id": USER, "item_id": before[1]}
    shop.record([Event.model_validate({**bought, "occurred_at": "2026-01-01T00:00:00Z"})])
    assert items(shop.recommendations_of(USER)) == [before[0], *before[2:]]


def test_the_runs_own_constraints_hold_when_it_is_served(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    limit = Constraints(max_price=Money("20", "GBP"))
    published(replace(request_of, constraints=limit), shop_engine)
    found = shop.recommendations_of(USER)
    assert found is not None
    prices = [item.row.price for item in found.recommendations.items]
    assert prices
    assert all(price is not None and price.amount <= 20 for price in prices)


def test_a_served_list_is_logged_and_no_request_to_replay(
    request_of: BatchRequest, shop: Shop, shop_engine: Engine
) -> None:
    published(request_of, shop_engine)
    found = shop.recommendations_of(USER)
    assert found is not None
    shop._impressions.flush()
    with pytest.raises(BadRequestError, match="showed what a batch had prepared"):
        replay(shop_engine, request_of.artifacts, found.recommendations.request_id)

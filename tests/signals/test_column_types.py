"""Times and money come back from SQL exactly as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import StatementError

from schemas.money import MAX_AMOUNT
from signals.column_types import from_amount_units, from_microseconds, to_amount_units, to_microseconds
from signals.connections import writing
from signals.tables import offers, products, variants

MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

times = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - the zone comes from hypothesis
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=11))]),
)  # fmt: skip
amounts = st.decimals(min_value=0, max_value=MAX_AMOUNT, places=4)


@given(times)
def test_a_time_is_kept_to_the_microsecond(time: datetime) -> None:
    assert from_microseconds(to_microseconds(time)) == time


@given(amounts)
def test_an_amount_is_kept_exactly_and_shown_with_at_least_two_decimals(amount: Decimal) -> None:
    kept = from_amount_units(to_amount_units(amount))
    assert kept == amount
    assert kept.as_tuple().exponent in {-2, -4}


def test_an_amount_finer_than_the_unit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at most 4 decimals, got 0\.00001"):
        to_amount_units(Decimal("0.00001"))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a UTC offset"):
        to_microseconds(datetime(2024, 1, 1))  # noqa: DTZ001 - that it is naive is the point


@MANY
@given(time=times, amount=st.none() | amounts)
def test_both_survive_the_database(engine: Engine, time: datetime, amount: Decimal | None) -> None:
    with writing(engine) as connection:
        for table in (offers, variants, products):
            connection.execute(delete(table))
        product = {
            "item_id": "i",
            "title": "t",
            "description": "",
            "category": [],
            "attributes": {},
            "updated_at": time,
        }
        connection.execute(insert(products).values(product))
        connection.execute(insert(variants).values(variant_id="i", item_id="i", attributes={}, position=0))
        connection.execute(
            insert(offers).values(variant_id="i", valid_from=time, price=amount, availability="in_stock")
        )
        row = connection.execute(select(offers.c.valid_from, offers.c.price)).one()
    assert (row.valid_from, row.price) == (time, amount)
    assert row.valid_from.tzinfo is UTC


def test_a_float_never_becomes_money(engine: Engine) -> None:
    with pytest.raises(StatementError, match=r"is a Decimal, got 9\.99"), writing(engine) as connection:
        connection.execute(select(offers).where(offers.c.price == 9.99))

import pandas as pd
import pytest

from signals.simulator import SimulatedShop, statistics
from signals.simulator.statistics import gini, repeat_rate


def events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "kind", "occurred_at"])
    return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], utc=True))


FEW = events(
    ("ann", "mug", "view", "2026-01-01 10:00"),
    ("ann", "mug", "purchase", "2026-01-01 10:05"),
    ("ann", "pan", "view", "2026-01-01 10:20"),
    ("ann", "mug", "purchase", "2026-01-03 10:00"),
    ("bob", "mug", "impression", "2026-01-01 10:00"),
    ("bob", "mug", "view", "2026-01-01 10:01"),
)


def test_a_few_events_by_hand() -> None:
    found = statistics(FEW)
    assert (found.events, found.shoppers, found.items) == (5, 2, 2)
    assert found.session_events == pytest.approx((3 + 1 + 1) / 3)
    assert found.session_items == pytest.approx((2 + 1 + 1) / 3)
    assert found.one_event_sessions == pytest.approx(2 / 3)
    assert found.returning == 0.5
    assert found.repeat_rate == 0.5
    assert found.top_1 == pytest.approx(4 / 5)
    assert found.gini == pytest.approx(0.3)


def test_a_session_is_what_the_client_says_where_it_says_anything() -> None:
    assert statistics(FEW.assign(session_id="one")).session_events == pytest.approx((4 + 1) / 2)


def test_two_lines_on_one_day_are_no_repeat() -> None:
    assert repeat_rate(FEW.iloc[[1, 1]]) == 0.0
    assert repeat_rate(FEW.iloc[[0]]) == 0.0


def test_equal_counts_have_no_gini_and_one_product_alone_nearly_all_of_it() -> None:
    assert gini(pd.Series([3.0] * 10).to_numpy()) == pytest.approx(0)
    assert gini(pd.Series([0.0] * 99 + [5.0]).to_numpy()) == pytest.approx(0.99)


def test_the_simulated_shop_lies_among_the_real_ones(default_shop: SimulatedShop) -> None:
    """Online Retail and RetailRocket: see the table in tests/benchmarks/RESULTS.md."""
    found = statistics(default_shop.events)
    assert 5 < found.session_events < 19
    assert 0.6 < found.returning < 0.9
    assert 0.25 < found.repeat_rate < 0.45
    assert 0.3 < found.top_10 < 0.5
    assert 0.4 < found.gini < 0.7

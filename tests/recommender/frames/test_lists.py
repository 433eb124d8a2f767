import numpy as np
import pandas as pd
import pytest

from recommender import frames, off_policy
from recommender.frames.lists import PROBE, wilson
from signals.database import open_database
from signals.impressions import ImpressionLog
from tests.signals.test_impressions import shown

LISTS = pd.DataFrame(
    {
        "request_id": ["a", "a", "b", "b", "c"],
        "user_id": ["ann", "ann", "bob", "bob", "bob"],
        "item_id": ["mug", "pan", "mug", "cup", "mug"],
        "position": [1, 2, 1, 2, 1],
        "propensity": [0.8, 0.2, 0.8, 0.8, 1.0],
        "endpoint": ["recommend"] * 4 + ["chat"],
        "clicked": [True, False, False, True, False],
        "bought": [True, False, False, False, False],
    }
)


def test_rates_are_clicks_and_purchases_for_each_product_shown() -> None:
    rates = frames.rates(LISTS, ["endpoint"]).set_index("endpoint")
    assert rates.loc["recommend", ["shown", "clicked", "bought", "ctr", "cvr"]].tolist() == [4, 2, 1, 0.5, 0.25]
    assert rates.loc["chat", "ctr"] == 0.0
    assert (rates["ctr_low"] <= rates["ctr"]).all()
    assert (rates["ctr_high"] > rates["ctr"]).all()


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(np.array([10]), np.array([50]))
    assert (low[0], high[0]) == (pytest.approx(0.1124, abs=1e-4), pytest.approx(0.3304, abs=1e-4))


def test_exposure_counts_what_was_never_shown_too() -> None:
    catalog = pd.DataFrame({"item_id": ["cup", "jug", "mug", "pan"], "title": ["Cup", "Jug", "Mug", "Pan"]})
    exposure = frames.exposure(LISTS, catalog)
    assert exposure["item_id"].tolist() == ["mug", "cup", "pan", "jug"]
    assert exposure["n_lists"].tolist() == [3, 1, 1, 0]
    assert exposure["cumulative"].iloc[-1] == pytest.approx(1.0)


def test_a_log_has_one_row_a_list_of_the_usual_length_and_knows_whose_it_is() -> None:
    log = frames.logged(LISTS, LISTS["propensity"])
    assert log.rewards.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert log.propensities.tolist() == [[0.8, 0.2], [0.8, 0.8]]
    assert log.shoppers is not None
    assert len(set(log.shoppers.tolist())) == 2
    assert off_policy.ips(log).value == pytest.approx(1.0)


def test_what_a_report_asked_itself_is_no_list_of_a_shoppers(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    log = ImpressionLog(engine)
    log.log(shown("own", "mug"), endpoint="recommend", session_id=PROBE)
    log.log(shown("hers", "mug"), endpoint="recommend", session_id="s1")
    log.log(shown("without", "mug"), endpoint="recommend")
    log.close()
    assert sorted(frames.lists(engine)["request_id"]) == ["hers", "without"]

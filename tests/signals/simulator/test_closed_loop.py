from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from schemas import Event
from signals.simulator import ClosedLoop, Ranking, SimulatedShop, SimulatorConfig
from signals.simulator.reactions import NEVER, Minds
from signals.simulator.world import open_world

CONFIG = SimulatorConfig(n_products=100, n_shoppers=300, n_events=9_000, days=60, end=datetime(2026, 5, 1, tzinfo=UTC))
ONE = np.array([0])


@dataclass(frozen=True)
class Fixed:
    """A generator that draws the same number every time."""

    value: float

    def random(self, size: object) -> np.ndarray:
        return np.full(size, self.value)


@pytest.fixture
def minds() -> Minds:
    return Minds(open_world(CONFIG))


@pytest.fixture(scope="module")
def popularity() -> Ranking:
    return Ranking(open_world(CONFIG).market.log_popularity, 10, epsilon=0.2)


def kinds_of(consumable: bool) -> np.ndarray:
    market = open_world(CONFIG).market
    return np.flatnonzero((market.consumable == consumable) & market.in_stock)


def events_of(loop: ClosedLoop, policy: Ranking, days: int) -> pd.DataFrame:
    return pd.concat([table.to_pandas() for table in loop.tables(policy, days)], ignore_index=True)


def test_a_lower_place_is_clicked_less(minds: Minds) -> None:
    same = np.full((1, 5), 7)
    chances = minds.click_chances(ONE, same)[0]
    np.testing.assert_allclose(chances / chances[0], np.arange(1, 6) ** -0.8)


def test_what_is_passed_over_again_and_again_is_clicked_less_until_it_is_forgotten(minds: Minds) -> None:
    items = np.array([[3]])
    fresh = minds.click_chances(ONE, items)
    for _ in range(4):
        minds.react(ONE, items, Fixed(1.0))
    np.testing.assert_allclose(minds.click_chances(ONE, items) / fresh, 0.8**4, rtol=1e-5)
    for _ in range(60):
        minds.sleep()
    np.testing.assert_allclose(minds.click_chances(ONE, items) / fresh, 1.0, rtol=1e-3)


def test_a_durable_that_is_owned_is_hardly_wanted_again(minds: Minds) -> None:
    durable = kinds_of(consumable=False)[:1]
    fresh = minds.click_chances(ONE, durable[None])
    minds.remember(ONE, durable, np.array([-200]))
    np.testing.assert_allclose(minds.click_chances(ONE, durable[None]) / fresh, 0.05)


def test_a_consumable_is_wanted_again_once_it_has_run_out(minds: Minds) -> None:
    consumable = kinds_of(consumable=True)[:1]
    fresh = minds.click_chances(ONE, consumable[None])
    minds.remember(ONE, consumable, np.array([0]))
    just_bought = minds.click_chances(ONE, consumable[None])
    for _ in range(22):
        minds.sleep()
    np.testing.assert_allclose(just_bought / fresh, 0.1)
    assert (minds.click_chances(ONE, consumable[None]) > fresh).all()


def test_nobody_spends_more_than_they_have() -> None:
    world = open_world(CONFIG)
    minds = Minds(world)
    everyone = np.arange(CONFIG.n_shoppers)
    dear = np.argsort(-np.where(world.market.in_stock, world.market.relative_price, -np.inf))[:20]
    lists = np.tile(dear, (CONFIG.n_shoppers, 1))
    done = minds.react(everyone, lists, Fixed(0.0))
    spent = np.where(done.bought, world.market.prices[done.offer], 0).sum(axis=1)
    assert (spent <= 90 * np.exp(0.5 * world.shoppers.budget) + 1e-9).all()
    assert (done.clicked & ~done.bought).any()
    assert not (done.bought & ~done.clicked).any()


def test_a_ranking_shows_each_alternative_as_often_as_its_propensity_says() -> None:
    ranking = Ranking(np.arange(20, 0, -1.0), 4, epsilon=0.3, hand=3)
    shown = ranking(np.zeros(20_000, dtype=np.int64), np.random.default_rng(0))
    for place in range(4):
        hand = [place, place + 4, place + 8, place + 12]
        shares = [(shown.items[:, place] == item).mean() for item in hand]
        np.testing.assert_allclose(shares, [0.7, 0.1, 0.1, 0.1], atol=0.01)
    np.testing.assert_allclose(shown.propensities, ranking.propensities(np.zeros(20_000, dtype=np.int64), shown.items))
    assert all(len(set(row)) == 4 for row in shown.items[:500].tolist())


def test_the_exact_value_of_a_policy_is_what_its_visits_come_to(popularity: Ranking) -> None:
    loop = ClosedLoop(CONFIG)
    rng = np.random.default_rng(0)
    shoppers = loop.visitors(60_000, rng)
    chances = loop.minds.click_chances(shoppers, popularity(shoppers, rng).items).sum(axis=1)
    assert loop.clicks(popularity) == pytest.approx(chances.mean(), rel=0.01)


def test_shoppers_tire_of_a_ranking_that_never_changes(popularity: Ranking) -> None:
    loop = ClosedLoop(CONFIG, visits_a_day=0.8)
    before = loop.clicks(popularity)
    for _ in loop.days(popularity, 14):
        pass
    assert loop.clicks(popularity) < 0.8 * before


def test_a_ranking_by_taste_earns_more_than_one_by_popularity_and_that_more_than_chance(popularity: Ranking) -> None:
    loop = ClosedLoop(CONFIG)
    everyone = np.arange(CONFIG.n_shoppers)
    every_item = np.tile(np.arange(CONFIG.n_products), (CONFIG.n_shoppers, 1))
    attraction = loop.minds.click_chances(everyone, every_item) * np.arange(1, CONFIG.n_products + 1) ** 0.8
    by_chance = Ranking(np.random.default_rng(0).random(CONFIG.n_products))
    assert loop.clicks(Ranking(attraction)) > 1.5 * loop.clicks(popularity) > 1.5 * loop.clicks(by_chance)


def test_the_same_seed_gives_the_same_days_and_the_same_visits_under_any_policy(popularity: Ranking) -> None:
    first, again = (list(ClosedLoop(CONFIG, seed=4).days(popularity, 5)) for _ in range(2))
    other = list(ClosedLoop(CONFIG, seed=4).days(Ranking(np.random.default_rng(0).random(100)), 5))
    for one, two, three in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(one.reaction.clicked, two.reaction.clicked)
        np.testing.assert_array_equal(one.shoppers, three.shoppers)
        np.testing.assert_array_equal(one.at, three.at)
        assert len(set(one.shoppers.tolist())) == len(one)
    assert not np.array_equal(next(ClosedLoop(CONFIG, seed=5).days(popularity, 1)).at, first[0].at)


def test_its_events_are_canonical_and_in_order_and_every_deed_belongs_to_what_was_shown(popularity: Ranking) -> None:
    events = events_of(ClosedLoop(CONFIG, visits_a_day=0.5), popularity, 3)
    records = events.astype(object).where(events.notna(), None).to_dict("records")
    assert len([Event.model_validate(record) for record in records]) == len(events)
    assert events["event_id"].is_unique
    assert events["occurred_at"].min() >= CONFIG.end
    shown = events[events["kind"] == "impression"].set_index(["request_id", "position"])["item_id"]
    deeds = events[events["kind"] != "impression"]
    on_list = shown.loc[pd.MultiIndex.from_frame(deeds[["request_id", "position"]])]
    assert (on_list.to_numpy() == deeds["item_id"].to_numpy()).all()
    assert (shown.groupby("request_id").size() == 10).all()
    assert {"click", "purchase"} <= set(deeds["kind"])
    assert (
        events.groupby(events["occurred_at"].dt.date)["occurred_at"].apply(lambda at: at.is_monotonic_increasing).all()
    )


def test_what_was_bought_before_is_remembered(small_shop: SimulatedShop, small_config: SimulatorConfig) -> None:
    loop = ClosedLoop(small_config, history=small_shop.events)
    bought = small_shop.events.query("kind == 'purchase'").dropna(subset="user_id")
    pairs = bought.groupby(["user_id", "item_id"]).size()
    assert (loop.minds._bought_on > NEVER).sum() == len(pairs)
    assert loop.minds._bought_on.max() == -1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 60, "hand": 1}, "60 places with hands of 1 need 120 items, there are 100"),
        ({"k": 0}, "pass k and hand of at least 1"),
        ({"epsilon": 1.5}, "epsilon is a probability, from 0 to 1; got 1.5"),
    ],
)
def test_a_ranking_that_cannot_be_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ranking(np.arange(100.0), **arguments)


def test_a_shop_too_large_to_remember_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(ValueError, match="250,000,000 pairs to remember; at most 200,000,000"):
        ClosedLoop(SimulatorConfig(n_products=5_000, n_shoppers=50_000, n_events=600_000))

"""Off-policy estimates: by hand, against the published implementation, and against a simulated truth."""

import numpy as np
import pytest
from obp.ope import (
    DoublyRobust,
    InverseProbabilityWeighting,
    SelfNormalizedInverseProbabilityWeighting,
    SlateIndependentIPS,
)

from recommender.errors import BadRequestError
from recommender.evaluation.off_policy import LoggedLists, doubly_robust, estimates, ips, snips
from signals.simulator import ClosedLoop, Ranking, SimulatorConfig

CONFIG = SimulatorConfig(n_products=100, n_shoppers=400, n_events=5_000, days=30, seed=3)
K, HAND = 5, 2


def logged(n: int, k: int, rng: np.random.Generator, actions: int = 4) -> tuple[LoggedLists, dict[str, np.ndarray]]:
    """A log of contextual bandits, one a place, and its parts as the published implementation wants them."""
    behind, judged = (rng.dirichlet(np.ones(actions), size=(n, k)) for _ in range(2))
    behind = 0.8 * behind + 0.2 / actions
    action = np.array([[rng.choice(actions, p=place) for place in row] for row in behind])
    guess = rng.random((n, k, actions))
    taken = action[:, :, None]
    shown, wanted, expected = (np.take_along_axis(one, taken, axis=2)[:, :, 0] for one in (behind, judged, guess))
    reward = (rng.random((n, k)) < 0.2 + 0.2 * action).astype(np.float64)
    lists = LoggedLists(reward, shown, wanted, expected, (judged * guess).sum(axis=2))
    return lists, {"action": action, "judged": judged, "guess": guess}


def test_two_lists_by_hand() -> None:
    lists = LoggedLists(
        rewards=np.array([[1.0], [0.0]]), propensities=np.array([[0.5], [0.25]]), targets=np.array([[1.0], [0.5]])
    )
    assert ips(lists).value == pytest.approx((1 * 1 / 0.5 + 0) / 2)
    assert snips(lists).value == pytest.approx(2 / (2 + 2))
    assert ips(lists, clip=1.5).value == pytest.approx(1.5 / 2)
    assert ips(lists).mean_weight == 2.0
    assert ips(lists).effective_lists == pytest.approx(2.0)


def test_the_policy_that_logged_is_worth_what_it_earned() -> None:
    rewards = np.random.default_rng(0).random((50, 3))
    chances = np.full((50, 3), 0.3)
    lists = LoggedLists(rewards, chances, chances)
    assert ips(lists).value == pytest.approx(rewards.sum(axis=1).mean())
    assert snips(lists).value == pytest.approx(rewards.sum(axis=1).mean())


@pytest.mark.parametrize("seed", range(3))
def test_lists_of_one_item_are_valued_as_the_open_bandit_pipeline_values_them(seed: int) -> None:
    lists, parts = logged(500, 1, np.random.default_rng(seed))
    theirs = {
        "reward": lists.rewards[:, 0],
        "action": parts["action"][:, 0],
        "pscore": lists.propensities[:, 0],
        "action_dist": parts["judged"].transpose(0, 2, 1),
    }
    found = estimates(lists)
    assert found["IPS"].value == pytest.approx(InverseProbabilityWeighting().estimate_policy_value(**theirs))
    their_snips = SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**theirs)
    assert found["SNIPS"].value == pytest.approx(their_snips)
    guesses = parts["guess"].transpose(0, 2, 1)
    their_dr = DoublyRobust().estimate_policy_value(**theirs, estimated_rewards_by_reg_model=guesses)
    assert found["DR"].value == pytest.approx(their_dr)


def test_longer_lists_are_valued_as_the_open_bandit_pipeline_values_slates() -> None:
    lists, _ = logged(300, 4, np.random.default_rng(0))
    n, k = lists.rewards.shape
    theirs = SlateIndependentIPS(len_list=k).estimate_policy_value(
        slate_id=np.repeat(np.arange(n), k),
        reward=lists.rewards.ravel(),
        position=np.tile(np.arange(k), n),
        pscore_item_position=lists.propensities.ravel(),
        evaluation_policy_pscore_item_position=lists.targets.ravel(),
    )
    assert ips(lists).value == pytest.approx(theirs)


def test_doubly_robust_is_right_where_either_the_propensities_or_the_model_are() -> None:
    rng = np.random.default_rng(0)
    lists, parts = logged(60_000, 1, rng)
    truth = float((parts["judged"] * (0.2 + 0.2 * np.arange(4))).sum(axis=2).mean())
    assert doubly_robust(lists).value == pytest.approx(truth, abs=0.02)
    chances = 0.2 + 0.2 * np.arange(4)
    right = LoggedLists(
        lists.rewards,
        np.full_like(lists.propensities, 0.9),
        lists.targets,
        chances[parts["action"]],
        (parts["judged"] * chances).sum(axis=2),
    )
    assert doubly_robust(right).value == pytest.approx(truth, abs=0.02)
    assert abs(ips(right).value - truth) > 0.1


def test_lists_of_one_shopper_say_less_than_as_many_of_different_ones() -> None:
    rng = np.random.default_rng(0)
    rewards = np.repeat(rng.random(40), 10)[:, None]
    ones = np.ones_like(rewards)
    alone = ips(LoggedLists(rewards, ones, ones)).interval
    by_shopper = ips(LoggedLists(rewards, ones, ones, shoppers=np.repeat(np.arange(40), 10))).interval
    assert by_shopper[1] - by_shopper[0] > 2 * (alone[1] - alone[0])


def test_a_model_that_explains_the_rewards_narrows_the_interval() -> None:
    lists = logged_in_loop(2_000, np.random.default_rng(0), *world())[0]
    found = estimates(lists)
    widths = {name: one.interval[1] - one.interval[0] for name, one in found.items()}
    assert widths["DR"] < widths["IPS"]


def test_a_log_that_never_shows_what_is_judged_says_so_by_its_mean_weight() -> None:
    loop, logging, _ = world()
    elsewhere = Ranking(-loop.world.market.log_popularity, K)
    shoppers = loop.visitors(500, np.random.default_rng(0))
    shown = logging(shoppers, np.random.default_rng(0))
    targets = elsewhere.propensities(shoppers, shown.items)
    assert ips(LoggedLists(np.ones(shown.items.shape), shown.propensities, targets)).mean_weight == 0.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"propensities": np.array([[0.0]])}, "propensities are above 0 and at most 1; got 0.0 in list 0"),
        ({"propensities": np.array([[np.nan]])}, "propensities are above 0 and at most 1; got nan in list 0"),
        ({"targets": np.array([[1.5]])}, "targets are from 0 to 1; got 1.5 in list 0"),
        ({"targets": np.ones((1, 2))}, r"targets have the shape \(1, 2\); \(1, 1\) goes with the rewards"),
        ({"rewards": np.empty((0, 1))}, r"rewards have the shape \(lists, places\), neither of them 0; got \(0, 1\)"),
    ],
)
def test_a_log_that_cannot_be_is_refused(change: dict[str, np.ndarray], message: str) -> None:
    ones = {name: np.ones((1, 1)) for name in ("rewards", "propensities", "targets")}
    with pytest.raises(BadRequestError, match=message):
        LoggedLists(**ones | change)


def test_what_an_estimator_lacks_is_named() -> None:
    ones = np.ones((2, 1))
    with pytest.raises(BadRequestError, match="pass both expected and expected_target"):
        doubly_robust(LoggedLists(ones, ones, ones))
    with pytest.raises(BadRequestError, match="no list shows at place 1 what the judged policy could show there"):
        snips(LoggedLists(ones, ones, np.zeros((2, 1))))
    with pytest.raises(BadRequestError, match="clip is above 0"):
        ips(LoggedLists(ones, ones, ones), clip=0)


def world() -> tuple[ClosedLoop, Ranking, Ranking]:
    """A shop in which a popularity ranking has explored for ten days, and a personal choice among its alternatives.

    The judged policy shows at each place mostly what this shopper is likeliest to click of what the place may show.
    """
    loop = ClosedLoop(CONFIG)
    logging = Ranking(loop.world.market.log_popularity, K, epsilon=0.5, hand=HAND)
    for _ in loop.days(logging, 10):
        pass
    everyone = np.arange(CONFIG.n_shoppers)
    hands = logging.hands(everyone)
    likely = [loop.minds.click_chances(everyone, hands[:, :, turn]) for turn in range(1 + HAND)]
    liked = np.take_along_axis(hands, np.argsort(-np.stack(likely, axis=2), axis=2), axis=2)
    scores = np.full((CONFIG.n_shoppers, CONFIG.n_products), -np.inf)
    np.put_along_axis(scores, liked.transpose(0, 2, 1).reshape(len(everyone), -1), -np.arange(K * (1 + HAND)), axis=1)
    return loop, logging, Ranking(scores, K, epsilon=0.1, hand=HAND)


def logged_in_loop(
    n: int, rng: np.random.Generator, loop: ClosedLoop, logging: Ranking, judged: Ranking
) -> tuple[LoggedLists, float]:
    """What ``n`` visits under the logging policy log, and what the judged one would truly be clicked a visit."""
    shoppers = loop.visitors(n, rng)
    shown = logging(shoppers, rng)
    chances = loop.minds.click_chances(shoppers, shown.items)
    wanted = judged.hands(shoppers)
    of_wanted = np.stack([loop.minds.click_chances(shoppers, wanted[:, :, turn]) for turn in range(1 + HAND)], axis=2)
    lists = LoggedLists(
        rewards=(rng.random(shown.items.shape) < chances).astype(np.float64),
        propensities=shown.propensities,
        targets=judged.propensities(shoppers, shown.items),
        expected=0.7 * chances,
        expected_target=0.7 * of_wanted @ judged.chances,
    )
    return lists, loop.clicks(judged)


def covered(logs: int, visits: int) -> dict[str, float]:
    """In which share of the logs the 95 % interval of each estimator holds the truth."""
    made = world()
    hits = {"IPS": 0, "SNIPS": 0, "DR": 0}
    for seed in range(logs):
        lists, truth = logged_in_loop(visits, np.random.default_rng([7, seed]), *made)
        for name, found in estimates(lists).items():
            hits[name] += found.interval[0] <= truth <= found.interval[1]
    return {name: count / logs for name, count in hits.items()}


def test_the_intervals_of_a_sample_of_logs_cover_the_truth_95_times_in_100() -> None:
    for name, share in covered(logs=400, visits=1_000).items():
        assert 0.92 <= share <= 0.98, name


@pytest.mark.full
def test_the_intervals_of_four_thousand_logs_cover_the_truth_95_times_in_100(record_property) -> None:
    for name, share in covered(logs=4_000, visits=2_000).items():
        record_property(name, share)
        assert 0.94 <= share <= 0.96, name

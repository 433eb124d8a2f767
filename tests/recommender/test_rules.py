"""The rules on arrays, each against what it promises, told again in the plainest way."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.ranking import Ranked
from recommender.rules import Choice, Limit, Terms, asked_of, boosted, choose, deviation, explore
from schemas import Filter, Promotion

N_ITEMS = 12
ANY = Filter(brand=("any",))
MASKS = st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS).map(np.array)
SCORES = st.lists(st.integers(-6, 6), min_size=N_ITEMS, max_size=N_ITEMS).map(
    lambda values: np.array(values, dtype=np.float32)
)
GROUPS = st.lists(st.integers(-1, 2), min_size=N_ITEMS, max_size=N_ITEMS).map(
    lambda values: np.array(values, dtype=np.int32)
)
LIMITS = st.lists(st.builds(Limit, GROUPS, st.integers(1, 3)), max_size=2).map(tuple)
VECTORS = st.integers(0, 50).map(
    lambda seed: np.eye(3, dtype=np.float32)[np.random.default_rng(seed).integers(0, 3, N_ITEMS)]
)
BALANCES = st.sampled_from([0.0, 0.3, 0.7, 1.0])


PROMOTIONS = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
    lambda shares: Promotion(of=ANY, at_least_percent=min(shares), at_most_percent=max(shares))
)


def ranked(scores, items) -> Ranked:
    """The items, by hand: score descending, then index ascending."""
    order = sorted((int(item) for item in items), key=lambda item: (-scores[item], item))
    return Ranked(np.array(order, dtype=np.int32), scores[order])


def best(scores, eligible, n=N_ITEMS) -> Ranked:
    whole = ranked(scores, np.flatnonzero(eligible))
    return Ranked(whole.items[:n], whole.scores[:n])


def chosen(scores, k, terms, vectors=None, spare=0) -> tuple[list[int], list[int]]:
    """The items that are chosen and those to spare, from a pool that is filled up by whatever it is said to lack."""
    pool = best(scores, terms.eligible, k + terms.tail)
    while True:
        own = None if vectors is None else vectors[pool.items]
        choice = choose(pool, k, terms, own, spare=spare)
        if not len(choice.lacking):
            return pool.items[choice.places].tolist(), pool.items[choice.spare].tolist()
        assert terms.eligible[choice.lacking].all()
        assert not np.isin(choice.lacking, pool.items).any()
        pool = ranked(scores, [*pool.items, ranked(scores, choice.lacking).items[0]])


@given(scores=SCORES, eligible=MASKS, k=st.integers(1, N_ITEMS + 3), tail=st.integers(0, 4))
def test_without_rules_the_best_are_chosen_in_their_order(scores, eligible, k, tail):
    plain = best(scores, eligible, k).items.tolist()
    terms = Terms(eligible, np.zeros(N_ITEMS, dtype=np.bool_), tail=tail)
    assert chosen(scores, k, terms)[0] == plain
    rules_that_change_nothing = Terms(
        eligible, terms.promoted, Promotion(of=ANY), (Limit(np.arange(N_ITEMS, dtype=np.int32), 1),), tail=tail
    )
    assert chosen(scores, k, rules_that_change_nothing, np.eye(N_ITEMS, dtype=np.float32))[0] == plain


@settings(max_examples=300)
@given(
    scores=SCORES,
    eligible=MASKS,
    promoted=MASKS,
    promotion=st.none() | PROMOTIONS,
    limits=LIMITS,
    balance=BALANCES,
    vectors=VECTORS,
    k=st.integers(1, N_ITEMS + 3),
    tail=st.integers(0, 4),
    spare=st.integers(0, 4),
)
def test_no_rule_lets_in_an_ineligible_item_or_makes_a_list_shorter(
    scores, eligible, promoted, promotion, limits, balance, vectors, k, tail, spare
):
    terms = Terms(eligible, promoted, promotion, limits, balance, tail)
    items, more = chosen(scores, k, terms, vectors, spare)
    assert len(items) == min(k, eligible.sum())
    assert len({*items, *more}) == len(items) + len(more)
    assert eligible[[*items, *more]].all()
    assert len(more) <= spare


@settings(max_examples=300)
@given(scores=SCORES, eligible=MASKS, promoted=MASKS, promotion=PROMOTIONS, k=st.integers(1, N_ITEMS + 3))
def test_a_promotion_takes_the_best_list_that_keeps_its_share(scores, eligible, promoted, promotion, k):
    items, _ = chosen(scores, k, Terms(eligible, promoted, promotion))
    candidates = np.flatnonzero(eligible)
    lists = [list(one) for one in combinations(candidates, min(k, len(candidates)))]
    n_promoted = [int(promoted[one].sum()) for one in lists]
    least = min(-(-promotion.at_least_percent * k // 100), max(n_promoted))
    most = max(promotion.at_most_percent * k // 100, least, min(n_promoted))
    fitting = [one for one, n in zip(lists, n_promoted, strict=True) if least <= n <= most]
    assert scores[items].sum() == max(scores[one].sum() for one in fitting)
    assert least <= promoted[items].sum() <= most
    assert items == ranked(scores, items).items.tolist()


@pytest.mark.parametrize(
    ("percent", "k", "places"), [(0, 10, 0), (1, 10, 1), (25, 10, 3), (30, 10, 3), (7, 100, 7), (100, 3, 3)]
)
def test_the_share_of_a_promotion_is_rounded_up_to_whole_places(percent, k, places):
    assert asked_of(Promotion(of=ANY, at_least_percent=percent), k) == places


def test_where_no_whole_number_lies_between_the_shares_the_lower_one_counts():
    promotion = Promotion(of=ANY, at_least_percent=25, at_most_percent=25)
    promoted = np.arange(N_ITEMS) % 2 == 0
    assert Terms(np.ones(N_ITEMS, dtype=np.bool_), promoted, promotion).shares(10)[0] == 3
    assert Terms(np.ones(N_ITEMS, dtype=np.bool_), promoted, promotion).shares(4) == (1, 1)


@settings(max_examples=300)
@given(
    scores=SCORES,
    eligible=MASKS,
    promoted=MASKS,
    promotion=st.none() | PROMOTIONS,
    limits=LIMITS,
    balance=BALANCES,
    vectors=VECTORS,
    k=st.integers(1, N_ITEMS),
)
def test_a_limit_gives_way_only_at_a_place_where_no_item_keeps_it(
    scores, eligible, promoted, promotion, limits, balance, vectors, k
):
    terms = Terms(eligible, promoted, promotion, limits, balance, tail=2)
    items, _ = chosen(scores, k, terms, vectors)
    least, most = terms.shares(k)

    def keeps(item, above):
        return all(
            limit.group[item] < 0 or Counter(limit.group[above])[limit.group[item]] < limit.at_most for limit in limits
        )

    def fits_share(item, above):
        n, left = int(promoted[above].sum()), len(items) - len(above)
        return (promoted[item] or least - n < left) and (not promoted[item] or n < most)

    for place, item in enumerate(items):
        above = items[:place]
        if not keeps(item, above):
            rest = set(np.flatnonzero(eligible).tolist()) - set(above)
            assert not [other for other in rest if fits_share(other, above) and keeps(other, above)]


@settings(max_examples=300)
@given(scores=SCORES, balance=BALANCES, vectors=VECTORS, k=st.integers(1, N_ITEMS), tail=st.integers(0, 4))
def test_each_place_has_what_carbonell_and_goldstein_would_put_there(scores, balance, vectors, k, tail):
    everything = np.ones(N_ITEMS, dtype=np.bool_)
    items, _ = chosen(scores, k, Terms(everything, ~everything, balance=balance, tail=tail), vectors)
    pool = best(scores, everything, k + tail)
    spread = float(pool.scores[0] - pool.scores[-1])
    relevance = {
        int(item): (float(score - pool.scores[-1]) / spread if spread else 0.0)
        for item, score in zip(pool.items, pool.scores, strict=True)
    }
    above: list[int] = []
    for item in items:

        def worth(one, above=above):
            similarity = max((float(vectors[one] @ vectors[other]) for other in above), default=0.0)
            return balance * relevance[one] - (1 - balance) * similarity

        assert worth(item) == max(worth(one) for one in relevance if one not in above)
        above.append(item)


@given(scores=SCORES, eligible=MASKS, limits=LIMITS, k=st.integers(1, N_ITEMS))
def test_a_limit_of_one_kind_takes_the_best_list_that_keeps_it(scores, eligible, limits, k):
    limit = Limit(np.arange(N_ITEMS, dtype=np.int32) % 3, 2)
    items, _ = chosen(scores, k, Terms(eligible, ~eligible, limits=(limit,)))
    kept = [item for item in items if Counter(limit.group[items])[limit.group[item]] <= limit.at_most]
    by_group = [ranked(scores, np.flatnonzero(eligible & (limit.group == group))).items[:2] for group in range(3)]
    within = ranked(scores, np.concatenate(by_group)).items[:k].tolist()
    assert items[: len(within)] == within
    assert len(kept) == len(items) or len(within) < len(items)


@given(by=st.lists(st.floats(-5, 5, width=32), max_size=3), masks=st.lists(MASKS, min_size=3, max_size=3))
def test_boosts_of_the_same_item_add_up(by, masks):
    added = boosted(zip(by, masks, strict=False), N_ITEMS)
    for item in range(N_ITEMS):
        own = [np.float32(one) for one, mask in zip(by, masks, strict=False) if mask[item]]
        assert added[item] == np.sum(own, dtype=np.float32) or added[item] == pytest.approx(sum(own), abs=1e-5)


def test_a_boost_of_one_is_a_standard_deviation_and_something_where_there_is_none():
    assert deviation(np.array([1, 3], dtype=np.float32)) == 1
    assert deviation(np.array([7, 7], dtype=np.float32)) == 1
    assert deviation(np.empty(0, dtype=np.float32)) == 1
    assert deviation(np.array([0, 4], dtype=np.float32)) == 2


PLACES = Choice(np.array([0, 1, 4, 2]), np.array([3, 5, 6, 7, 8, 9]), np.empty(0, dtype=np.int32))
PROMOTED = np.array([0, 1, 0, 1, 0, 0, 1, 0, 0, 0], dtype=np.bool_)


@settings(max_examples=100)
@given(seed=st.integers(0, 2**63 - 1), epsilon=st.floats(0, 1))
def test_exploring_shows_no_candidate_twice_and_keeps_the_share_of_the_promoted(seed, epsilon):
    drawn = explore(PLACES, PROMOTED, epsilon, np.random.default_rng(seed))
    assert len(set(drawn.places)) == len(PLACES.places)
    assert PROMOTED[drawn.places].tolist() == PROMOTED[PLACES.places].tolist()
    assert ((drawn.propensities > 0) & (drawn.propensities <= 1)).all()
    again = explore(PLACES, PROMOTED, epsilon, np.random.default_rng(seed))
    assert again.places.tolist() == drawn.places.tolist()


@pytest.mark.parametrize("epsilon", [0.0, 0.15, 0.6, 1.0])
def test_over_many_seeds_each_candidate_is_shown_as_often_as_its_propensity_says(epsilon):
    seeds = 20_000
    logged: dict[tuple[int, int], float] = {}
    shown: Counter[tuple[int, int]] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    for seed in range(seeds):
        drawn = explore(PLACES, PROMOTED, epsilon, np.random.default_rng(seed))
        for place, (candidate, propensity) in enumerate(zip(drawn.places, drawn.propensities, strict=True)):
            assert logged.setdefault((place, candidate), propensity) == propensity
            shown[place, candidate] += 1
        pairs[drawn.places[0], drawn.places[2]] += 1
    for place in range(len(PLACES.places)):
        assert sum(propensity for (at, _), propensity in logged.items() if at == place) == pytest.approx(1)
    for key, propensity in logged.items():
        assert shown[key] / seeds == pytest.approx(propensity, abs=4 * np.sqrt(0.25 / seeds))
    for (first, third), count in pairs.items():
        both = logged[0, first] * logged[2, third]
        assert count / seeds == pytest.approx(both, abs=4 * np.sqrt(0.25 / seeds))


def test_a_place_that_nothing_can_replace_is_certain():
    alone = Choice(np.array([0, 1]), np.array([2]), np.empty(0, dtype=np.int32))
    drawn = explore(alone, np.zeros(3, dtype=np.bool_), 1.0, np.random.default_rng(0))
    assert drawn.places.tolist() == [2, 1]
    assert drawn.propensities.tolist() == [1.0, 1.0]

"""Business rules as a storefront sees them: what they do to a list, and what they never do."""

import json
import shutil
from collections import Counter, defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.errors import BadRequestError, UnknownIdError
from recommender.shop import Shop
from schemas import (
    Availability,
    Boost,
    Constraints,
    Diversity,
    Event,
    Exploration,
    Filter,
    FrequencyCap,
    Money,
    Promotion,
    Rules,
)
from signals.catalog import CatalogStore
from signals.database import open_database
from signals.impressions import ImpressionLog
from tests.recommender.fake_encoder import FakeEncoder
from tests.recommender.test_replay import move_on, replayed
from tests.recommender.test_shop import buyer, query, url

__all__ = ["buyer"]

EVERYTHING = 500
ANY_STOCK = Constraints(in_stock=False, include_bought=True)


def ids(answer) -> list[str]:
    return [item.item_id for item in answer.items]


def scores(answer) -> dict[str, float]:
    return {item.item_id: item.score for item in answer.items}


@pytest.fixture
def rare(shop, buyer) -> Filter:
    """The brand of whatever comes last among everything eligible."""
    return Filter(brand=(shop.recommend(buyer, EVERYTHING).items[-1].row.brand,))


def has_brand(item, wanted: Filter) -> bool:
    return (item.row.brand or "").casefold() in {brand.casefold() for brand in wanted.brand}


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(tail=7),
        Rules(promotion=Promotion(of=Filter(category=("Kitchen",)))),
        Rules(diversity=Diversity()),
        Rules(diversity=Diversity(per_brand=EVERYTHING, per_category=EVERYTHING)),
        Rules(cap=FrequencyCap(shown=1_000, days=7)),
        Rules(exploration=Exploration(epsilon=0)),
    ],
    ids=repr,
)
def test_rules_that_ask_for_nothing_change_nothing(shop, buyer, rules):
    for user in (buyer, None):
        plain, ruled = shop.recommend(user, 8), shop.recommend(user, 8, rules=rules)
        told = {"promoted"} if rules.promotion else set()
        assert [item.model_dump(exclude={"row", *told}) for item in ruled.items] == [
            item.model_dump(exclude={"row", *told}) for item in plain.items
        ]
        assert (plain.effects, ruled.effects is None) == (None, rules == Rules())


def test_a_boost_adds_to_scores_of_which_one_is_a_standard_deviation(shop, buyer, rare):
    plain = shop.recommend(buyer, EVERYTHING, ANY_STOCK)
    spread = np.std([item.score for item in plain.items])
    boosts = (Boost(of=rare, by=1.5), Boost(of=Filter(items=ids(plain)[:2]), by=-1))
    ruled = shop.recommend(buyer, EVERYTHING, ANY_STOCK, rules=Rules(boosts=boosts))
    expected = {
        item.item_id: item.score + spread * (1.5 * has_brand(item, rare) - (item.rank <= 2)) for item in plain.items
    }
    assert scores(ruled) == pytest.approx(expected, abs=1e-4)
    assert [item.score for item in ruled.items] == sorted((item.score for item in ruled.items), reverse=True)


def test_a_large_boost_comes_first_among_what_is_eligible_and_from_anywhere_in_the_catalogue(shop, buyer, rare):
    matching = [item.item_id for item in shop.recommend(buyer, EVERYTHING).items if has_brand(item, rare)]
    ruled = shop.recommend(buyer, 10, rules=Rules(boosts=(Boost(of=rare, by=50),)))
    assert ids(ruled)[: len(matching)] == matching[:10]
    assert all(0 <= reason.contribution <= 1 for item in ruled.items for reason in item.reasons)


@pytest.mark.parametrize("percent", [10, 25, 50, 100])
def test_a_promotion_has_its_share_of_the_places_from_anywhere_in_the_catalogue(shop, buyer, rare, percent):
    whole = shop.recommend(buyer, EVERYTHING)
    rules = Rules(promotion=Promotion(of=rare, at_least_percent=percent))
    ruled = shop.recommend(buyer, 8, rules=rules)
    matching = [item.item_id for item in whole.items if has_brand(item, rare)]
    asked = -(-percent * 8 // 100)
    promoted = [item.item_id for item in ruled.items if item.promoted]
    assert promoted == [item.item_id for item in ruled.items if has_brand(item, rare)]
    assert promoted == matching[: len(promoted)]
    assert len(promoted) >= min(asked, len(matching))
    assert ruled.effects.promoted == len(promoted)
    assert ruled.effects.promoted_shortfall == max(0, asked - len(promoted))
    order = [item for item in ids(whole) if item in set(ids(ruled))]
    assert ids(ruled) == order
    assert len(ruled.items) == 8


def test_a_promotion_has_no_more_than_its_share(shop, buyer):
    whole = shop.recommend(buyer, EVERYTHING)
    first = Filter(items=ids(whole)[:20])
    ruled = shop.recommend(buyer, 10, rules=Rules(promotion=Promotion(of=first, at_most_percent=25)))
    assert ids(ruled) == [*ids(whole)[:2], *ids(whole)[20:28]]
    everything = Filter(items=ids(whole))
    assert (
        ids(shop.recommend(buyer, 10, rules=Rules(promotion=Promotion(of=everything, at_most_percent=0))))
        == (ids(whole)[:10])
    )


def test_an_item_is_of_a_filter_only_by_a_variant_that_keeps_to_the_constraints(shop, shop_folder):
    rows = CatalogStore(open_database(url(shop_folder))).rows().to_dict("records")
    colours = defaultdict(list)
    for row in rows:
        colours[row["item_id"]] += [(colour, row) for colour in row["attributes"].get("color", ())]
    item, variants = next((item, found) for item, found in colours.items() if len({one for one, _ in found}) > 1)
    colour = variants[0][0]
    rest = [row for one, row in variants if one != colour]
    for row in (row for one, row in variants if one == colour):
        shop.set_availability(Availability.OUT_OF_STOCK, variant_id=row["variant_id"])
    for row in rest:
        shop.set_availability(Availability.IN_STOCK, 5, variant_id=row["variant_id"])
    rules = Rules(promotion=Promotion(of=Filter(items=(item,), attributes={"color": (colour,)})))
    for constraints, expected in ((Constraints(), False), (Constraints(in_stock=False), True)):
        found = {one.item_id: one for one in shop.recommend(None, EVERYTHING, constraints, rules=rules).items}
        assert found[item].promoted is expected


def test_diversity_has_a_price_and_it_is_told(shop, buyer):
    plain = shop.recommend(buyer, 10)
    costs = []
    for balance in (1.0, 0.7, 0.3, 0.0):
        ruled = shop.recommend(buyer, 10, rules=Rules(diversity=Diversity(balance=balance)))
        given_up = sum(scores(plain).values()) - sum(scores(ruled).values())
        assert ruled.effects.diversity_cost == pytest.approx(given_up, abs=1e-4)
        costs.append(ruled.effects.diversity_cost)
    assert costs[0] == 0
    assert costs[-1] > 0
    assert ids(ruled)[0] == ids(plain)[0]


def alike(shop, answer) -> float:
    """The mean cosine of the texts of the items of a list."""
    artifacts = shop._serving.view().artifacts
    vectors = artifacts.embeddings.text[artifacts.items.indexes(ids(answer))]
    return float((vectors @ vectors.T)[np.triu_indices(len(vectors), 1)].mean())


def test_diverse_items_are_less_alike(shop, buyer):
    lists = [shop.recommend(buyer, 10, rules=Rules(diversity=Diversity(balance=one))) for one in (1.0, 0.5, 0.0)]
    cosines = [alike(shop, one) for one in lists]
    assert cosines[0] > cosines[1] > cosines[2]


def test_no_more_than_so_many_items_of_a_brand_or_category_as_long_as_there_are_others(shop, buyer):
    for diversity in (Diversity(per_brand=1), Diversity(per_category=1), Diversity(per_brand=2, per_category=2)):
        ruled = shop.recommend(buyer, 8, rules=Rules(diversity=diversity, tail=1))
        brands = Counter(item.row.brand for item in ruled.items if item.row.brand)
        categories = Counter(item.row.category for item in ruled.items)
        assert max(brands.values()) <= (diversity.per_brand or 8)
        assert max(categories.values()) <= (diversity.per_category or 8)
        assert ruled.effects.diversity_cost > 0


def test_a_limit_gives_way_where_the_constraints_leave_one_brand(shop, buyer, rare):
    one_brand = Constraints(brand=rare.brand)
    ruled = shop.recommend(buyer, 3, one_brand, rules=Rules(diversity=Diversity(per_brand=1)))
    assert ids(ruled) == ids(shop.recommend(buyer, 3, one_brand))
    assert ruled.effects.diversity_cost == 0


def show(shop, user, times: int, rules: Rules, k: int = 5):
    answers = [shop.recommend(user, k, rules=rules) for _ in range(times)]
    shop._impressions.flush()
    return answers


def test_what_was_shown_often_is_left_out_until_the_shopper_looks_at_it(shop, buyer):
    rules = Rules(cap=FrequencyCap(shown=3, days=7))
    first, *_, third = show(shop, buyer, 3, rules)
    assert ids(first) == ids(third)
    capped = shop.recommend(buyer, 5, rules=rules)
    assert ids(capped) == ids(shop.recommend(buyer, 10, rules=Rules()))[5:]
    assert capped.effects.capped == 5
    assert ids(shop.recommend(buyer, 5)) == ids(first)
    now = datetime.now(UTC)
    shop.record([Event(event_id="c", kind="click", user_id=buyer, item_id=ids(first)[0], occurred_at=now)])
    assert ids(first)[0] in ids(shop.recommend(buyer, EVERYTHING, rules=rules))
    assert ids(first)[1] not in ids(shop.recommend(buyer, EVERYTHING, rules=rules))


def test_a_cap_is_of_the_shopper_and_counts_for_nobody_else(shop, buyer):
    rules = Rules(cap=FrequencyCap(shown=1, days=7))
    show(shop, buyer, 1, rules)
    for answer in (
        shop.recommend(None, 5, rules=rules),
        shop.recommend("stranger", 5, rules=rules),
        shop.recommend(buyer, 5, rules=rules, personalize=False),
    ):
        assert answer.effects.capped == 0


def test_a_list_that_a_cap_makes_shorter_says_so(shop, buyer):
    rules = Rules(cap=FrequencyCap(shown=1, days=7))
    (first,) = show(shop, buyer, 1, rules, k=EVERYTHING)
    capped = shop.recommend(buyer, 3, rules=rules)
    n = len(first.items)
    assert (capped.items, capped.shortfall) == ((), 3)
    assert capped.shortfall_reason == (
        f"only 0 items satisfy every constraint; the frequency cap leaves out {n:,} more"
    )


def test_the_propensity_of_each_item_at_its_place_is_kept(shop, shop_folder, buyer):
    rules = Rules(exploration=Exploration(epsilon=0.5), tail=20)
    answer = shop.recommend(buyer, 10, rules=rules)
    assert {item.propensity for item in answer.items} == {0.5, 0.25}
    shop.close()
    kept = ImpressionLog(open_database(url(shop_folder))).read(answer.request_id)
    assert kept["item_id"].tolist() == ids(answer)
    assert kept["propensity"].tolist() == [item.propensity for item in answer.items]


def test_over_many_requests_items_are_shown_as_often_as_their_propensities_say(shop, buyer):
    times = 500
    rules = Rules(exploration=Exploration(epsilon=0.3), diversity=Diversity(balance=0.8), tail=6)
    shown, logged = Counter(), {}
    for _ in range(times):
        for item in shop.recommend(buyer, 4, rules=rules).items:
            shown[item.rank, item.item_id] += 1
            assert logged.setdefault((item.rank, item.item_id), item.propensity) == item.propensity
    for rank in range(1, 5):
        assert sum(propensity for (at, _), propensity in logged.items() if at == rank) == pytest.approx(1)
    for key, propensity in logged.items():
        assert shown[key] / times == pytest.approx(propensity, abs=4.5 * np.sqrt(propensity * (1 - propensity) / times))


def test_a_seed_makes_the_same_draw_and_no_seed_another_one_each_time(shop, buyer):
    def shown(seed):
        rules = Rules(exploration=Exploration(epsilon=0.5, seed=seed))
        return [tuple(ids(shop.recommend(buyer, 10, rules=rules))) for _ in range(3)]

    assert len(set(shown(5))) == 1
    assert len(set(shown(None))) == 3


@pytest.fixture
def common(shop, buyer) -> Filter:
    """The department of whatever comes last among everything eligible."""
    return Filter(category=(shop.recommend(buyer, EVERYTHING).items[-1].row.category[0],))


def everything_at_once(common: Filter) -> Rules:
    return Rules(
        boosts=(Boost(of=common, by=0.5),),
        promotion=Promotion(of=common, at_least_percent=20, at_most_percent=40),
        diversity=Diversity(balance=0.7, per_brand=3, per_category=2),
        cap=FrequencyCap(shown=2, days=30),
        exploration=Exploration(epsilon=0.4),
        tail=25,
    )


def test_all_rules_together_keep_what_each_promises(shop, buyer, common):
    rules = everything_at_once(common)
    for _ in range(4):
        answer = show(shop, buyer, 1, rules, k=8)[0]
        assert len(answer.items) == 8
        assert 2 <= answer.effects.promoted <= 3
        assert max(Counter(item.row.brand for item in answer.items if item.row.brand).values()) <= 3
        assert max(Counter(item.row.category for item in answer.items).values()) <= 2
    assert answer.effects.capped > 0


def test_a_replay_follows_the_rules_of_then_with_their_seed(shop, shop_folder, buyer, common):
    rules = everything_at_once(common)
    answer = [show(shop, buyer, 1, rules, k=8)[0] for _ in range(4)][-1]
    assert answer.effects.capped > 0
    assert any(item.propensity < 0.5 for item in answer.items)
    move_on(shop, buyer, answer)
    shop.close()
    again = replayed(shop_folder, answer.request_id)
    assert again.is_same
    assert again.again.effects == answer.effects
    assert [(item.score, item.propensity, item.promoted) for item in again.again.items] == [
        (item.score, item.propensity, item.promoted) for item in answer.items
    ]


def test_what_another_process_sold_out_is_replaced_by_the_rules_next_choice(shop, shop_folder, buyer, common):
    rules = everything_at_once(common).model_copy(update={"exploration": Exploration(epsilon=0.4, seed=3)})
    elsewhere = CatalogStore(open_database(url(shop_folder)))
    before = shop.recommend(buyer, 8, rules=rules)
    for item in before.items:
        elsewhere.set_availability(Availability.OUT_OF_STOCK, item_id=item.item_id)
    after = shop.recommend(buyer, 8, rules=rules)
    assert set(ids(after)).isdisjoint(ids(before))
    assert all(item.row.in_stock for item in after.items)
    assert len(after.items) == 8


@pytest.fixture(scope="module")
def opened(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened") / "shop"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("photos"))
    with Shop.open(url(folder), folder / "artifacts", "none", encoder=FakeEncoder()) as shop:
        yield shop, shop.recommend(None, EVERYTHING, ANY_STOCK).items


@st.composite
def filters(draw, items):
    item = draw(st.sampled_from(items))
    wanted = [
        Filter(category=item.row.category[-1:]),
        Filter(items=(item.item_id,)),
        *([Filter(brand=(item.row.brand,))] if item.row.brand else []),
    ]
    return draw(st.sampled_from(wanted))


@st.composite
def rules_of_any_kind(draw, items):
    least, most = sorted((draw(st.integers(0, 100)), draw(st.integers(0, 100))))
    limit = st.none() | st.integers(1, 3)
    boost = st.builds(Boost, of=filters(items), by=st.floats(-3, 3))
    promotion = st.builds(Promotion, of=filters(items), at_least_percent=st.just(least), at_most_percent=st.just(most))
    diversity = st.builds(Diversity, balance=st.floats(0, 1), per_brand=limit, per_category=limit)
    return Rules(
        boosts=tuple(draw(st.lists(boost, max_size=2))),
        promotion=draw(st.none() | promotion),
        diversity=draw(st.none() | diversity),
        exploration=draw(st.none() | st.builds(Exploration, epsilon=st.floats(0, 1))),
        tail=draw(st.integers(1, 60)),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    user=st.sampled_from(["shopper-00001", "shopper-00042", "nobody", None]),
    k=st.integers(1, 130),
    highest=st.none() | st.integers(5, 90),
)
def test_no_rule_lets_in_what_is_not_eligible_or_makes_a_list_shorter(opened, data, user, k, highest):
    shop, items = opened
    constraints = Constraints(max_price=None if highest is None else Money(str(highest), "GBP"))
    eligible = ids(shop.recommend(user, EVERYTHING, constraints))
    ruled = shop.recommend(user, k, constraints, rules=data.draw(rules_of_any_kind(items)))
    assert len(ruled.items) == min(k, len(eligible))
    assert set(ids(ruled)) <= set(eligible)
    assert len(set(ids(ruled))) == len(ruled.items)
    assert ruled.shortfall == max(0, k - len(eligible))


def test_an_unknown_item_in_a_rule_is_an_error(shop):
    rules = Rules(boosts=(Boost(of=Filter(items=("nothing",)), by=1),))
    with pytest.raises(UnknownIdError, match="unknown item of a rule 'nothing'; the catalogue does not have it"):
        shop.recommend(None, 3, rules=rules)


def test_diversity_of_a_list_too_long_for_it_is_refused(shop):
    with pytest.raises(BadRequestError, match="diversity is for at most 1,000 items, got k=1,001; ask for fewer"):
        shop.recommend(None, 1_001, rules=Rules(diversity=Diversity()))


def test_rules_of_another_kind_are_refused(shop, shop_folder):
    with pytest.raises(BadRequestError, match=r"rules must be schemas\.Rules, got {'boosts'"):
        shop.recommend(None, 3, rules={"boosts": []})
    with pytest.raises(BadRequestError, match=r"rules must be schemas\.Rules"):
        Shop.open(url(shop_folder), shop_folder / "artifacts", "none", rules=[])


def test_rules_of_the_shop_count_for_recommendations_without_their_own_and_for_nothing_else(shop_folder, buyer, rare):
    rules = Rules(promotion=Promotion(of=rare, at_least_percent=100))
    artifacts = shop_folder / "artifacts"
    with Shop.open(url(shop_folder), artifacts, "none", encoder=FakeEncoder(), rules=rules) as ruled:
        assert ruled.recommend(buyer, 3).effects.promoted == 3
        assert ruled.recommend(buyer, 3, rules=Rules()).effects is None
        assert ruled.similar(ruled.recommend(None, 1).items[0].item_id, 3).effects is None
        assert ruled.search("a mug", user_id=buyer).effects is None
        reply = ruled.chat([{"role": "user", "content": "a mug"}], user_id=buyer)
    asked = query(shop_folder, f"SELECT asked FROM requests WHERE request_id = '{reply.request_id}'")
    assert "rules" not in json.loads(asked[0][0])


def test_a_request_keeps_no_more_than_before_where_there_are_no_rules(shop, shop_folder, buyer):
    answer = shop.recommend(buyer, 3)
    shop.close()
    assert query(shop_folder, f"SELECT asked FROM requests WHERE request_id = '{answer.request_id}'") == [("{}",)]

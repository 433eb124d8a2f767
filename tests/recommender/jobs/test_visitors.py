import pytest

from recommender import Shop, frames, visit
from recommender.errors import NotEnoughDataError
from schemas import Exploration, Rules
from signals.simulator import ClosedLoop
from tests.shops import CONFIG

RULES = Rules(exploration=Exploration(epsilon=0.3))


@pytest.fixture
def engine(shop_folder):
    return frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")


def loop(**more: object) -> ClosedLoop:
    return ClosedLoop(CONFIG, visits_a_day=0.2, **more)


def test_what_visitors_do_belongs_to_the_list_they_were_shown(shop: Shop, engine) -> None:
    before = len(frames.events(engine))
    n = visit(shop, loop(history=frames.events(engine)), 2, k=5, rules=RULES)
    shop.close()
    lists = frames.lists(engine)
    assert lists["request_id"].nunique() == n > 20
    assert (lists.groupby("request_id").size() == 5).all()
    assert lists["clicked"].sum() > 0
    deeds = frames.events(engine).iloc[before:]
    assert (deeds["kind"] == "click").sum() == lists["clicked"].sum()
    assert deeds["request_id"].isin(set(lists["request_id"])).all()
    assert (lists["propensity"] < 1).any()


def test_a_list_too_long_for_the_shop_is_refused(shop: Shop) -> None:
    with pytest.raises(NotEnoughDataError, match="fewer products than 119; pass a smaller k"):
        visit(shop, loop(), 1, k=119)

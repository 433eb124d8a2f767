import pandas as pd
import pytest

from recommender import frames
from schemas import Columns
from signals.database import open_database

COLUMNS = ["user_id", "session_id", "item_id", "kind", "occurred_at"]
FEW = (
    ("ann", "s1", "mug", "view", "2026-01-05 10:00"),
    ("ann", "s1", "mug", "add_to_cart", "2026-01-05 10:10"),
    ("ann", "s1", "mug", "purchase", "2026-01-05 10:30"),
    ("ann", None, "mug", "refund", "2026-01-06 10:30"),
    ("bob", "s2", "pan", "view", "2026-01-06 10:00"),
    ("bob", "s3", "pan", "view", "2026-01-13 10:00"),
    ("cid", "s4", None, "search", "2026-01-13 11:00"),
)


@pytest.fixture
def events() -> pd.DataFrame:
    frame = pd.DataFrame(FEW, columns=COLUMNS)
    return frame.assign(
        occurred_at=pd.to_datetime(frame["occurred_at"], utc=True), query=frame["kind"].map({"search": " A Mug "})
    )


def test_events_and_shoppers_are_counted_by_day_and_kind(events: pd.DataFrame) -> None:
    daily = frames.daily(events)
    assert daily.columns.tolist() == [Columns.DAY, Columns.KIND, Columns.EVENTS, Columns.SHOPPERS]
    assert daily[Columns.EVENTS].sum() == len(events)
    views = daily[daily["kind"] == "view"].set_index("day")["n_events"]
    assert views.tolist() == [1, 1, 1]


def test_a_visit_is_a_session_and_a_refund_is_none(events: pd.DataFrame) -> None:
    visits = frames.sessions(events).set_index("session_id")
    assert visits.index.tolist() == ["s1", "s2", "s3", "s4"]
    assert visits.loc["s1", ["n_events", "n_items", "bought", "minutes"]].tolist() == [3, 1, True, 30.0]
    assert not visits.loc["s2", "bought"]


def test_events_without_a_session_are_one_visit_a_day(events: pd.DataFrame) -> None:
    assert len(frames.sessions(events.assign(session_id=None))) == 4


def test_the_funnel_counts_the_visits_that_came_as_far(events: pd.DataFrame) -> None:
    funnel = frames.funnel(events)
    assert funnel["n_sessions"].tolist() == [4, 3, 1, 1]
    assert funnel["share"].tolist() == [1.0, 0.75, 0.25, 0.25]
    assert funnel["of_before"].tolist() == pytest.approx([1.0, 0.75, 1 / 3, 1.0])


def test_a_cohort_is_who_came_first_in_a_week_and_shrinks_or_not(events: pd.DataFrame) -> None:
    cohorts = frames.cohorts(events)
    rows = [(f"{one.cohort:%m-%d}", one.week, one.n_shoppers, one.share) for one in cohorts.itertuples()]
    assert rows == [("01-05", 0, 2, 1.0), ("01-05", 1, 1, 0.5), ("01-12", 0, 1, 1.0)]


def test_the_most_popular_product_comes_first(events: pd.DataFrame) -> None:
    popularity = frames.popularity(events)
    assert popularity["item_id"].tolist() == ["mug", "pan"]
    assert popularity["n_events"].tolist() == [4, 2]
    assert popularity["share"].sum() == pytest.approx(1.0)


def test_questions_are_counted_whatever_their_case(events: pd.DataFrame) -> None:
    assert frames.questions(events).to_dict("list") == {"query": ["a mug"], "n_events": [1], "n_shoppers": [1]}


def test_the_events_of_a_shop_are_its_own_and_as_of_a_time_only_older_ones(shop_folder) -> None:
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    events = frames.events(engine)
    middle = events[Columns.OCCURRED_AT].median().to_pydatetime()
    earlier = frames.events(engine, until=middle)
    assert 0 < len(earlier) < len(events)
    assert earlier[Columns.OCCURRED_AT].max() < middle
    assert events[Columns.USER].notna().all()
    known = frames.as_of(engine, [middle, events[Columns.OCCURRED_AT].max().to_pydatetime()])
    assert known["pairs"].is_monotonic_increasing
    assert known["n_shoppers"].iloc[0] == earlier.loc[earlier["item_id"].notna(), "user_id"].nunique() - _aliased(
        earlier
    )
    checks = frames.quality(engine, events, frames.catalog(engine)).set_index("check")
    assert checks.loc["events on products outside the catalogue", "n"] == 0
    assert checks.loc["products not in stock", "n"] > 0
    assert checks["share"].between(0, 1).all()


def _aliased(events: pd.DataFrame) -> int:
    """How many anonymous ids count for a user who is there under a name as well."""
    aliases = events[events["kind"] == "alias"]
    anonymous = "anonymous:" + aliases["anonymous_id"]
    seen = set(events.loc[events["item_id"].notna(), "user_id"])
    return sum(name in seen and user in seen for name, user in zip(anonymous, aliases["user_id"], strict=True))


def test_a_shop_without_events_has_empty_frames(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    events = frames.events(engine)
    assert events.empty
    assert frames.daily(events).empty
    assert frames.funnel(events)["n_sessions"].tolist() == [0, 0, 0, 0]

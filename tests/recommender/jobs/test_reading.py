"""What is read as of a moment knows nothing of what came later."""

from datetime import UTC, datetime, timedelta

import pytest

from recommender.errors import NotEnoughDataError
from recommender.jobs.comparison import LEAST_QUERIES
from recommender.jobs.reading import Source
from recommender.jobs.train import UNMEASURED, train
from schemas import Event, EventKind, Product
from signals.catalog import CatalogStore
from signals.database import open_database
from tests.signals.shops import store

START = datetime(2026, 1, 1, tzinfo=UTC)
SPLIT = START + timedelta(days=20)
END = START + timedelta(days=30)


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    CatalogStore(engine).upsert([Product(item_id=item, title=f"Thing {item}") for item in "abcde"])
    return engine


def told(user: str | None, item: str | None, day: float, kind: EventKind = EventKind.PURCHASE, **more) -> Event:
    at = START + timedelta(days=day)
    return Event(event_id=f"{user}-{item}-{day}-{kind}", kind=kind, user_id=user, item_id=item, occurred_at=at, **more)


def questions(engine):
    """What the split at SPLIT asks: shopper -> (history, truth, known)."""
    source = Source.of(engine)
    dataset = source.dataset(SPLIT)
    split = source.split(dataset, SPLIT, END)
    rows = {}
    for row in range(len(split)):
        parts = (split.queries, split.truth, split.known)
        rows[row] = tuple(sorted(source.items.ids(part.items[part.of(row)])) for part in parts)
    return rows


def test_a_refund_in_the_test_window_changes_nothing_that_was_known_before(engine):
    store(engine, told("u", "a", 1), told("u", "b", 2), told("u", "c", 25))
    before = questions(engine)
    store(engine, told("u", "a", 26, EventKind.REFUND))
    assert questions(engine) == before == {0: (["a", "b"], ["c"], ["a", "b"])}


def test_what_was_bought_and_sent_back_before_is_known_but_no_history(engine):
    store(engine, told("u", "a", 1), told("u", "b", 2), told("u", "a", 3, EventKind.REFUND))
    store(engine, told("u", "a", 24), told("u", "c", 25))
    assert questions(engine) == {0: (["b"], ["c"], ["a", "b"])}


def test_an_alias_in_the_test_window_joins_nothing_before_it(engine):
    store(engine, told("u", "a", 1), told(None, "b", 2, anonymous_id="x"), told("u", "c", 25))
    before = questions(engine)
    store(engine, told("u", None, 26, EventKind.ALIAS, anonymous_id="x"))
    assert questions(engine) == before


def test_only_purchases_are_the_truth(engine):
    store(engine, told("u", "a", 1), told("u", "b", 22, EventKind.VIEW), told("u", "c", 25))
    assert questions(engine) == {0: (["a"], ["c"], ["a"])}


def test_the_window_is_a_sixth_of_the_time_range_in_whole_days_up_to_30(engine):
    store(engine, told("u", "a", 0), told("u", "b", 90.4))
    source = Source.of(engine)
    assert source.window == timedelta(days=15)
    assert source.split_at == START + timedelta(days=75)
    store(engine, told("u", "c", -400))
    assert Source.of(engine).window == timedelta(days=30)


def test_a_few_late_events_do_not_move_the_windows(engine):
    store(engine, *(told(f"u{number}", "a", number / 100) for number in range(4_000)))
    before = Source.of(engine)
    store(engine, told("late", "a", 200), told("late", "b", 201))
    after = Source.of(engine)
    assert after.split_at == before.split_at
    assert after.end > before.end


def test_too_few_shoppers_to_choose_by_give_the_defaults_and_say_so(engine, tmp_path):
    shoppers = range(LEAST_QUERIES - 1)
    store(engine, *(told(f"u{number}", item, day) for number in shoppers for item, day in (("a", 1), ("b", 29))))
    manifest = train(engine, tmp_path / "artifacts", encoder=None).manifest
    assert manifest.validation_ndcg is None
    assert manifest.validation_queries == LEAST_QUERIES - 1
    assert {name: member.weight for name, member in manifest.members.items()} == UNMEASURED


def test_nothing_bought_in_the_window_is_said(engine):
    store(engine, told("u", "a", 1))
    source = Source.of(engine)
    with pytest.raises(NotEnoughDataError, match="pass an earlier --split-at"):
        source.split(source.dataset(SPLIT), SPLIT, END)

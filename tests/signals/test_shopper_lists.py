"""Whom a batch is for: read, checked and put in order."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from signals.aggregation import update_interactions
from signals.errors import InvalidShoppersError, UnreadableFileError
from signals.events import EventStore
from signals.shopper_lists import all_shoppers, is_query, shoppers_of_file, shoppers_of_query
from tests.signals.shops import event, store


def test_a_file_has_one_id_a_line(tmp_path: Path) -> None:
    path = tmp_path / "whom.txt"
    path.write_text("bob\n\n ann \nbob\n")
    assert shoppers_of_file(path) == ["ann", "bob"]
    path.write_text("ann\n" + "x" * 300)
    with pytest.raises(InvalidShoppersError, match=r"line 2 of .* is no user id: 'xxx.* 1 to 256 characters"):
        shoppers_of_file(path)
    path.write_text("\n")
    with pytest.raises(InvalidShoppersError, match="no shopper is named"):
        shoppers_of_file(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableFileError):
        shoppers_of_file(path)


def test_everybody_with_behaviour_comes_in_order(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store(engine, *(event(n, "view", f"user-{n}") for n in range(5)), event("t", "view", None, anonymous_id="tab"))
    update_interactions(engine)
    monkeypatch.setattr("signals.shopper_lists.PAGE", 2)
    pages = list(all_shoppers(engine))
    assert [user for page in pages for user in page] == ["anonymous:tab", *(f"user-{n}" for n in range(5))]
    assert len(pages) == 3


def test_a_query_gives_ids_and_cannot_write(engine: Engine) -> None:
    store(engine, event(1, "view", "ann"), event(2, "view", "bob"))
    assert shoppers_of_query(engine, "select user_id from events where user_id like '%n%';") == ["ann"]
    for wrong in ("with a as (select 1) insert into progress values ('x', 1, 1)", "select 1, 2", "select ''", "select"):
        with pytest.raises(InvalidShoppersError):
            shoppers_of_query(engine, wrong)
    with pytest.raises(InvalidShoppersError, match="one statement"):
        shoppers_of_query(engine, "select 1; delete from events")
    assert EventStore(engine).count() == 2
    store(engine, event(3, "view", "cleo"))
    assert EventStore(engine).count() == 3


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ("SELECT user_id FROM events", True),
        ("with x as (select 1) select 1", True),
        ("selected.txt", False),
        ("", False),
    ],
)
def test_a_query_is_told_from_a_file(given: str, query: bool) -> None:
    assert is_query(given) == query

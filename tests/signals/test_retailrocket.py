"""RetailRocket: what each row means, on rows made up to show it and on the real ones."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from signals.catalog import CatalogStore
from signals.database import migrate, open_database
from signals.datasets.retailrocket import read_events, read_products
from signals.errors import UnreadableFileError
from signals.events import EventStore
from signals.ingest import ingest_events, load_catalog
from tests.signals.adapters.calls import understood

ROWS = 97_381
ITEMS = 29_905
KINDS = {"view": 75_374, "add_to_cart": 12_456, "purchase": 9_551}


def table(folder: Path, *rows: str, header: str = "user,item,event,ts") -> Path:
    path = folder / "events.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *rows]).encode()))
    return path


@pytest.mark.parametrize(("event", "kind"), [("view", "view"), ("cart", "add_to_cart"), ("buy", "purchase")])
def test_a_row_is_an_event_of_a_user(tmp_path: Path, event: str, kind: str) -> None:
    (found,) = understood(read_events(table(tmp_path, f"7,42,{event},1430623510"))).events
    assert len(found.pop("event_id")) == 64
    assert found == {
        "source": "retailrocket",
        "kind": kind,
        "user_id": "7",
        "item_id": "42",
        "occurred_at": datetime(2015, 5, 3, 3, 25, 10, tzinfo=UTC),
        "quantity": 1,
        "line": 2,
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7,42,stare,1430623510", "event: an unknown one, which is no shopping event"),
        ("7,42,,1430623510", "event: missing"),
        (",42,view,1430623510", "user_id or anonymous_id is needed"),
        ("7,,view,1430623510", "a view needs an item_id"),
        ("7,42,view,", "occurred_at: Field required"),
        ("7,42,view,99999999999999", "ts: outside the years 1 to 9999 in UTC"),
        ("7,42,view", "the number of fields differs from the header's"),
    ],
)
def test_a_broken_row_is_one_reject(tmp_path: Path, row: str, reason: str) -> None:
    found = understood(read_events(table(tmp_path, row, "7,42,view,1430623510")))
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(2, reason)]
    assert len(found.events) == 1


def test_equal_rows_are_separate_events_with_the_same_ids_in_every_load(tmp_path: Path) -> None:
    path = table(tmp_path, *["7,42,view,1430623510"] * 3)
    ids = understood(read_events(path)).column("event_id")
    assert len(set(ids)) == 3
    assert understood(read_events(path)).column("event_id") == ids


def test_a_product_is_called_by_its_id_and_comes_once(tmp_path: Path) -> None:
    path = table(tmp_path, "7,42,view,1", "8,42,buy,2", "7,9,view,3", "7,,view,4")
    (chunk,) = read_products(path)
    assert [(entry.line, entry.product.item_id, entry.product.title) for entry in chunk.entries] == [
        (2, "42", "Item 42"),
        (4, "9", "Item 9"),
    ]
    assert [reject.line for reject in chunk.rejects] == [5]


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, header="timestamp,visitorid,event,itemid")
    for read in (read_events, read_products):
        with pytest.raises(UnreadableFileError, match="unknown column 'timestamp'; allowed: user, item, event, ts"):
            list(read(path))


def _load_twice(engine: Engine, path: Path, rejected: Path) -> None:
    for accepted in (ITEMS, 0):
        assert load_catalog(engine, path, "retailrocket", rejected=rejected).accepted == accepted
    for accepted in (ROWS, 0):
        report = ingest_events(engine, path, "retailrocket", rejected=rejected)
        assert (report.accepted, report.duplicated, report.rejected) == (accepted, ROWS - accepted, 0)
    assert CatalogStore(engine).count() == ITEMS
    assert EventStore(engine).count_by_kind() == KINDS


@pytest.mark.realdata
@pytest.mark.full
def test_every_real_row_is_accounted_for_and_a_second_load_is_all_duplicates(
    data_dir: Path, sqlite_url: str, tmp_path: Path
) -> None:
    migrate(sqlite_url)
    engine = open_database(sqlite_url)
    _load_twice(engine, data_dir / "retailrocket_events" / "events.csv.gz", tmp_path / "rejected.jsonl")
    engine.dispose()

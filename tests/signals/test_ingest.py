"""Loads: every row accounted for, twice is once, nothing dropped silently."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from signals import ingest
from signals.ahead import ITEMS_AHEAD
from signals.catalog import CatalogStore
from signals.errors import (
    DatabaseError,
    EmptyCatalogError,
    UnknownFormatError,
    UnreadableFileError,
)
from signals.event_load import UNKNOWN_ITEM
from signals.events import EventStore
from signals.formats import EVENT_FORMATS
from signals.ingest import ingest_events, load_catalog
from signals.report import IngestReport
from tests.signals.shops import product, stock

GOOD = {"kind": "view", "user_id": "ann", "item_id": "mug", "occurred_at": "2024-01-01T00:00:00Z"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def lines_file(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def rejected_rows(report: IngestReport) -> list[dict[str, Any]]:
    assert report.rejected_file is not None
    return [json.loads(line) for line in report.rejected_file.read_text().splitlines()]


def mixed_file(folder: Path) -> Path:
    return lines_file(
        folder / "events.jsonl",
        {"event_id": "1", **GOOD},
        "{broken",
        {"event_id": "2", **GOOD, "quantity": -1},
        {"event_id": "1", **GOOD},
        {"event_id": "3", **GOOD, "item_id": "teapot"},
        {"event_id": "4", **GOOD, "kind": "search", "item_id": None, "query": "mug"},
        {"event_id": "5", **GOOD, "colour": "red"},
    )


def test_every_row_is_accepted_duplicated_or_rejected_with_its_line_and_reason(engine: Engine, tmp_path: Path) -> None:
    stock(engine, product("mug"))
    report = ingest_events(engine, mixed_file(tmp_path), "canonical")
    assert (report.accepted, report.duplicated, report.rejected, report.rows) == (2, 1, 4, 7)
    found = {row["line"]: row["reason"] for row in rejected_rows(report)}
    assert found == {
        2: "not JSON",
        3: "quantity: Input should be greater than or equal to 1",
        5: UNKNOWN_ITEM,
        7: "an unknown field",
    }
    assert report.reasons == dict.fromkeys(found.values(), 1)


def test_a_rejected_row_is_kept_as_it_was(engine: Engine, tmp_path: Path) -> None:
    stock(engine, product("mug"))
    rows = {row["line"]: row["row"] for row in rejected_rows(ingest_events(engine, mixed_file(tmp_path), "canonical"))}
    assert rows[2] == "{broken"
    assert rows[3] == {"event_id": "2", **GOOD, "quantity": -1}
    assert rows[5]["item_id"] == "teapot"


def test_the_second_load_is_all_duplicates(engine: Engine, tmp_path: Path) -> None:
    stock(engine, product("mug"))
    path = mixed_file(tmp_path)
    first = ingest_events(engine, path, "canonical")
    second = ingest_events(engine, path, "canonical")
    assert (second.accepted, second.duplicated, second.rejected) == (0, first.accepted + first.duplicated, 4)


def test_unknown_items_are_stored_where_that_is_allowed(engine: Engine, tmp_path: Path) -> None:
    report = ingest_events(engine, mixed_file(tmp_path), "canonical", allow_unknown_items=True)
    assert (report.accepted, report.duplicated, report.rejected) == (3, 1, 3)


def test_rejects_go_to_the_current_folder_so_that_the_source_may_be_read_only(
    engine: Engine, tmp_path: Path, here: Path
) -> None:
    stock(engine, product("mug"))
    assert (
        ingest_events(engine, mixed_file(tmp_path), "canonical").rejected_file == here / "events.jsonl.rejected.jsonl"
    )
    chosen = tmp_path / "elsewhere.jsonl"
    assert ingest_events(engine, mixed_file(tmp_path), "canonical", rejected=chosen).rejected_file == chosen


def test_rejects_of_another_file_of_the_same_name_are_kept(engine: Engine, tmp_path: Path, here: Path) -> None:
    stock(engine, product("mug"))
    (here / "events.jsonl.2.rejected.jsonl").write_text("a note of someone's own")
    reports = []
    for name in ("a", "b", "a", "b"):
        (tmp_path / name).mkdir(exist_ok=True)
        reports.append(ingest_events(engine, mixed_file(tmp_path / name), "canonical"))
    names = [report.rejected_file.name for report in reports if report.rejected_file is not None]
    assert names == ["events.jsonl.rejected.jsonl", "events.jsonl.3.rejected.jsonl"] * 2
    for report, name in zip(reports, "abab", strict=True):
        assert {row["file"] for row in rejected_rows(report)} == {str(tmp_path / name / "events.jsonl")}
        assert len(rejected_rows(report)) == 4
    assert (here / "events.jsonl.2.rejected.jsonl").read_text() == "a note of someone's own"


def test_without_rejects_there_is_no_file(engine: Engine, tmp_path: Path, here: Path) -> None:
    stock(engine, product("mug"))
    path = lines_file(tmp_path / "events.jsonl", {"event_id": "1", **GOOD})
    assert ingest_events(engine, path, "canonical") == IngestReport(accepted=1)
    assert list(here.iterdir()) == []


def test_rejects_never_overwrite_the_file_they_come_from(engine: Engine, tmp_path: Path) -> None:
    path = mixed_file(tmp_path)
    before = path.read_text()
    with pytest.raises(UnreadableFileError, match="would overwrite"):
        ingest_events(engine, path, "canonical", rejected=path)
    assert path.read_text() == before


def test_a_place_rejects_cannot_be_written_to_is_an_error_and_stores_nothing(engine: Engine, tmp_path: Path) -> None:
    stock(engine, product("mug"))
    with pytest.raises(UnreadableFileError, match="cannot write rejected rows"):
        ingest_events(engine, mixed_file(tmp_path), "canonical", rejected=tmp_path / "nowhere" / "rejected.jsonl")
    assert EventStore(engine).count() == 0


def test_an_empty_catalogue_says_to_load_the_products_first(engine: Engine, tmp_path: Path, here: Path) -> None:
    with pytest.raises(EmptyCatalogError, match="load the products first") as refused:
        ingest_events(engine, lines_file(tmp_path / "events.jsonl", {"event_id": "1", **GOOD}), "canonical")
    assert "--allow-unknown-items" in str(refused.value)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("quantity", [1, "1.0"])
def test_an_event_of_a_clock_far_ahead_is_kept_and_counted_as_flagged(
    engine: Engine, tmp_path: Path, quantity: Any
) -> None:
    stock(engine, product("mug"))
    now = datetime.now(UTC)
    times = [now + timedelta(hours=23), now + timedelta(hours=25), datetime(2099, 1, 1, tzinfo=UTC)]
    rows = [
        {**GOOD, "event_id": str(number), "occurred_at": time.isoformat(), "quantity": quantity}
        for number, time in enumerate(times)
    ]
    report = ingest_events(engine, lines_file(tmp_path / "events.jsonl", *rows), "canonical")
    assert (report.accepted, report.rejected, report.flagged) == (3, 0, {"clock_ahead": 2})
    assert EventStore(engine).count_flagged() == {"clock_ahead": 2}


def test_searches_need_no_catalogue(engine: Engine, tmp_path: Path) -> None:
    search = {"event_id": "1", **GOOD, "kind": "search", "item_id": None, "query": "mug"}
    assert ingest_events(engine, lines_file(tmp_path / "events.jsonl", search), "canonical").accepted == 1


@pytest.mark.parametrize("load", [ingest_events, load_catalog])
def test_an_unknown_format_lists_the_allowed_ones(engine: Engine, load: Any) -> None:
    with pytest.raises(UnknownFormatError, match=r"unknown format 'csv'; allowed: .*canonical.*online-retail"):
        load(engine, Path("events.csv"), "csv")


def test_progress_counts_the_rows_done(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stock(engine, product("mug"))
    monkeypatch.setattr("signals.rows.in_chunks.__defaults__", (3,))
    seen: list[int] = []
    ingest_events(engine, mixed_file(tmp_path), "canonical", progress=seen.append)
    assert seen == [3, 6, 7]


def test_a_load_cut_off_between_chunks_loses_nothing_when_run_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(engine, product("mug"))
    monkeypatch.setattr("signals.rows.in_chunks.__defaults__", (3,))
    path = mixed_file(tmp_path)

    def stop(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_events(engine, path, "canonical", progress=stop)
    assert EventStore(engine).count() == 1
    again = ingest_events(engine, path, "canonical")
    assert (again.accepted, again.duplicated, again.rejected) == (1, 2, 4)
    assert [row["line"] for row in rejected_rows(again)] == [2, 3, 5, 7]


def test_rejects_are_on_disk_before_the_rest_of_their_chunk_is_stored(
    engine: Engine, tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(engine, product("mug"))

    def fail(*_: object) -> None:
        raise DatabaseError("stopped")

    monkeypatch.setattr(EventStore, "append", fail)
    with pytest.raises(DatabaseError):
        ingest_events(engine, mixed_file(tmp_path), "canonical")
    assert len((here / "events.jsonl.rejected.jsonl").read_text().splitlines()) == 4


def test_memory_stays_flat_because_only_a_few_chunks_are_read_before_they_are_stored(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    read = EVENT_FORMATS["canonical"]

    def counted(path: Path) -> Iterator[Any]:
        for chunk in read(path):
            stored.append(EventStore(engine).count())
            yield chunk

    monkeypatch.setattr(ingest, "EVENT_FORMATS", {"canonical": counted})
    monkeypatch.setattr("signals.rows.in_chunks.__defaults__", (2,))
    path = lines_file(Path("events.jsonl"), *({"event_id": str(number), **GOOD} for number in range(20)))
    ingest_events(engine, path, "canonical", allow_unknown_items=True)
    assert len(stored) == 10
    assert all(count >= 2 * (number - ITEMS_AHEAD) for number, count in enumerate(stored))


def test_products_are_loaded_once_and_broken_ones_rejected(engine: Engine, tmp_path: Path) -> None:
    path = lines_file(
        tmp_path / "products.jsonl",
        {"item_id": "mug", "title": "Mug", "price": 9.99, "currency": "GBP"},
        {"item_id": "cup", "title": ""},
        {"item_id": "jug", "title": "Jug", "price": "5"},
    )
    report = load_catalog(engine, path, "canonical")
    assert (report.accepted, report.duplicated, report.rejected) == (1, 0, 2)
    assert [row["line"] for row in rejected_rows(report)] == [2, 3]
    assert load_catalog(engine, path, "canonical").duplicated == 1
    assert str(CatalogStore(engine).rows()["price"].iloc[0]) == "9.99"

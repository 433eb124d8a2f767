"""Our own format in its three files, and what a broken file or line becomes."""

import gzip
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.catalog import Product
from schemas.events import Event
from signals.adapters import files
from signals.adapters.canonical import EVENT_FIELDS, read_events, read_products
from signals.errors import UnreadableFileError
from signals.event_table import event_values
from signals.rows import LINE, Reject
from signals.validation import check_events

EVENTS: list[dict[str, Any]] = [
    {
        "event_id": "1",
        "kind": "purchase",
        "user_id": "ann",
        "item_id": "mug",
        "occurred_at": "2024-01-01T10:00:00+01:00",
        "quantity": 2,
        "unit_price": 2.55,
        "currency": "GBP",
        "properties": {"gift": True},
    },
    {
        "event_id": "2",
        "kind": "search",
        "anonymous_id": "tab",
        "query": 'a "red", mug\n',
        "occurred_at": "2024-01-01T00:00:00Z",
    },
]
PRODUCT: dict[str, Any] = {
    "item_id": "shirt",
    "title": "Shirt",
    "category": ["Clothes", "Shirts"],
    "price": 9.1,
    "currency": "GBP",
    "attributes": {"fit": ["loose"]},
    "variants": [{"variant_id": "red", "attributes": {"color": ["red"]}, "price": 10.25, "currency": "GBP"}],
}


def as_text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def written(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    if ".jsonl" in name:
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    elif ".csv" in name:
        frame = pd.DataFrame([{key: as_text(value) for key, value in row.items()} for row in rows], dtype=object)
        content = frame.to_csv(index=False).encode()
    else:
        pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(_schema(rows))), path)
        return path
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def _schema(rows: list[dict[str, Any]]) -> list[tuple[str, pa.DataType]]:
    columns: dict[str, Any] = {}
    for row in rows:
        columns |= {key: value for key, value in row.items() if key not in columns}
    return [(key, pa.infer_type([value])) for key, value in columns.items()]


def rejects_of(path: Path) -> list[Reject]:
    return [reject for chunk in read_events(path) for reject in chunk.rejects]


def events_of(path: Path) -> list[Event]:
    (chunk,) = read_events(path)
    checked = check_events(chunk.frame)
    assert checked.rejects == ()
    return [Event.model_validate(row) for row in event_values(checked.events.drop_columns(LINE))]


FILES = ["f.jsonl", "f.jsonl.gz", "f.csv", "f.csv.gz", "f.parquet"]


@pytest.mark.parametrize("name", FILES)
def test_events_mean_the_same_in_every_file(tmp_path: Path, name: str) -> None:
    expected = [Event.model_validate({**row, "unit_price": "2.55"} if "unit_price" in row else row) for row in EVENTS]
    assert events_of(written(tmp_path, name, EVENTS)) == expected


@pytest.mark.parametrize("name", FILES)
def test_products_mean_the_same_in_every_file(tmp_path: Path, name: str) -> None:
    (chunk,) = read_products(written(tmp_path, name, [PRODUCT]))
    assert chunk.rejects == ()
    expected = {**PRODUCT, "price": "9.1", "variants": [{**PRODUCT["variants"][0], "price": "10.25"}]}
    assert [entry.product for entry in chunk.entries] == [Product.model_validate(expected)]


def test_a_float_becomes_the_decimal_that_its_text_shows(tmp_path: Path) -> None:
    rows = [{**EVENTS[0], "event_id": str(number), "unit_price": number / 100} for number in range(1, 300)]
    amounts = [event.unit_price for event in events_of(written(tmp_path, "f.jsonl", rows))]
    assert amounts == [Decimal(number) / 100 for number in range(1, 300)]


def test_times_with_a_zone_in_parquet_are_taken_and_naive_ones_refused(tmp_path: Path) -> None:
    for zone, rejected in [("Europe/London", 0), (None, 1)]:
        table = pa.Table.from_pylist([{**EVENTS[0], "properties": None}])
        times = pa.array([1_700_000_000_000_000], type=pa.timestamp("us", tz=zone))
        path = tmp_path / "f.parquet"
        pq.write_table(table.set_column(table.schema.get_field_index("occurred_at"), "occurred_at", times), path)
        (chunk,) = read_events(path)
        assert len(check_events(chunk.frame).rejects) == rejected


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('event_id,kind,occurred_at,query\n1,search,x,"two\nlines"\n\n2,search,x\n3,search,x,q\n')
    (chunk,) = read_events(path)
    assert chunk.frame[LINE].tolist() == [2, 6]
    assert [(reject.line, reject.row) for reject in chunk.rejects] == [(5, ["2", "search", "x"])]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"event_id": NaN}', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"event_id": "\xff"}', "not UTF-8"),
        (b'{"evnt_id": "1"}', "an unknown field"),
        (b"[" * 100_000, "not JSON"),
        (b'{"properties": "{"}', "properties: not JSON"),
    ],
)
def test_a_broken_json_line_is_a_reject_and_the_next_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(line + b"\n\n" + json.dumps(EVENTS[0]).encode())
    (chunk,) = read_events(path)
    assert [(reject.line, reject.reason) for reject in chunk.rejects] == [(1, reason)]
    assert chunk.frame[LINE].tolist() == [3]


def test_a_line_too_long_to_hold_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 500)
    path = tmp_path / "f.jsonl"
    path.write_text("x" * 1_700 + "\n" + json.dumps(EVENTS[0]) + "\n")
    (chunk,) = read_events(path)
    assert [(reject.line, reject.reason) for reject in chunk.rejects] == [(1, "the line is longer than 500 bytes")]
    assert chunk.frame[LINE].tolist() == [2]


def test_a_csv_row_that_is_not_utf_8_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"event_id,kind,occurred_at\n\xa3,view,x\n")
    assert [(reject.line, reject.reason) for reject in rejects_of(path)] == [(2, "not UTF-8")]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"\xef\xbb\xbfevent_id,kind,occurred_at\n1,view,x\n")
    (chunk,) = read_events(path)
    assert chunk.frame["event_id"].tolist() == ["1"]


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.touch()
    assert list(read_events(path)) == []


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("event_id,kind,occured_at", "unknown column 'occured_at'; allowed: event_id, source"),
        ("event_id,kind", "lacks the column 'occurred_at'"),
        ("event_id,kind,kind,occurred_at", "has a column twice"),
        ("", "lacks the column 'event_id'; it has: none"),
    ],
)
def test_a_wrong_header_is_an_error_of_the_file(tmp_path: Path, header: str, message: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(header + "\n")
    with pytest.raises(UnreadableFileError, match=message):
        list(read_events(path))


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    whole = written(tmp_path, "f.jsonl.gz", EVENTS * 200)
    cases = {
        "missing.jsonl": (None, "no such file"),
        "f.xlsx": (b"", r"no reader for this extension; allowed: \.jsonl"),
        "f.parquet": (b"not parquet", "is damaged"),
        "cut.jsonl.gz": (whole.read_bytes()[:-40], "is damaged: .*rows stored so far are not doubled"),
        "plain.jsonl.gz": (b"{}", "is damaged"),
    }
    for name, (content, message) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(UnreadableFileError, match=message):
            list(read_events(tmp_path / name))
    with pytest.raises(UnreadableFileError, match="cannot read"):
        list(read_events(_folder(tmp_path / "folder.jsonl")))


def _folder(path: Path) -> Path:
    os.mkdir(path)
    return path


def test_a_plain_category_in_csv_is_one_name(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("item_id,title,category\nmug,Mug,Kitchen\n")
    (chunk,) = read_products(path)
    assert chunk.entries[0].product.category == ("Kitchen",)


def test_the_fields_are_those_of_the_contract() -> None:
    assert set(EVENT_FIELDS) == set(Event.model_fields)

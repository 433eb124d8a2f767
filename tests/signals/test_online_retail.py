"""Online Retail: what each line means, on lines made up to show it and on the real ones."""

import gc
import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from schemas.columns import Columns
from signals.catalog import CatalogStore
from signals.catalog_entries import CatalogEntry
from signals.database import open_database
from signals.datasets.online_retail import read_events, read_products
from signals.datasets.online_retail_catalog import SalesBook, colors_in
from signals.datasets.online_retail_lines import read_lines
from signals.datasets.ordinals import Ordinals
from signals.datasets.tally import MAX_PARTS
from signals.errors import UnreadableFileError
from signals.events import EventStore
from signals.ingest import ingest_events, load_catalog
from signals.interactions import interactions

ROWS_IN_ALL = 541_909
ROWS_IN_MAKE_TEST = 60_000


def line(**values: Any) -> dict[str, Any]:
    return {
        "InvoiceNo": "536365",
        "StockCode": "85123A",
        "Description": "WHITE HANGING HEART",
        "Quantity": 6.0,
        "InvoiceDate": pd.Timestamp("2010-12-01 08:26:00"),
        "UnitPrice": 2.55,
        "CustomerID": 17850.0,
        "Country": "United Kingdom",
    } | values


def parquet(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "retail.parquet"
    pd.DataFrame(list(lines)).astype({"InvoiceDate": "datetime64[us]", "CustomerID": "float64"}).to_parquet(path)
    return path


def events_of(path: Path) -> pd.DataFrame:
    return pd.concat([chunk.frame for chunk in read_events(path)], ignore_index=True)


def reasons_of(path: Path) -> list[str]:
    return [reject.reason for chunk in read_events(path) for reject in chunk.rejects]


def products_of(path: Path) -> dict[str, CatalogEntry]:
    return {entry.product.item_id: entry for chunk in read_products(path) for entry in chunk.entries}


def test_a_sale_is_a_purchase_of_an_item_by_a_customer(tmp_path: Path) -> None:
    (event,) = events_of(parquet(tmp_path, line(StockCode="85123a"))).to_dict("records")
    assert len(event.pop("event_id")) == 64
    assert event == {
        "source": "online-retail",
        "kind": "purchase",
        "user_id": "17850",
        "anonymous_id": None,
        "session_id": "536365",
        "order_id": "536365",
        "item_id": "85123A",
        "occurred_at": pd.Timestamp("2010-12-01 08:26", tz="UTC"),
        "quantity": 6,
        "unit_price": Decimal("2.55"),
        "currency": "GBP",
        "line": 1,
    }


def test_a_line_without_a_customer_is_an_anonymous_shopper_known_by_the_invoice(tmp_path: Path) -> None:
    (event,) = events_of(parquet(tmp_path, line(CustomerID=math.nan))).to_dict("records")
    assert (event["user_id"], event["anonymous_id"]) == (None, "536365")


def test_a_cancelled_line_is_a_refund_of_a_positive_quantity(tmp_path: Path) -> None:
    (event,) = events_of(parquet(tmp_path, line(InvoiceNo="C536379", Quantity=-1.0))).to_dict("records")
    assert (event["kind"], event["quantity"], event["order_id"]) == ("refund", 1, "C536379")


def test_summer_times_are_an_hour_earlier_in_utc(tmp_path: Path) -> None:
    times = ["2011-07-01 12:00", "2011-10-30 01:30", "2011-03-27 01:30"]
    events = events_of(parquet(tmp_path, *(line(InvoiceDate=pd.Timestamp(time)) for time in times)))
    found = events["occurred_at"].dt.strftime("%m-%d %H:%M").tolist()
    assert found == ["07-01 11:00", "10-30 00:30", "03-27 01:00"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"StockCode": "POST"}, "no product: postage"),
        ({"StockCode": "m"}, "no product: a manual entry"),
        ({"StockCode": "BANK CHARGES"}, "no product: bank charges"),
        ({"StockCode": "gift_0001_20"}, "no product: a gift voucher"),
        ({"StockCode": "1234"}, "StockCode: not the code of a product"),
        ({"StockCode": None}, "StockCode: missing"),
        ({"InvoiceNo": None}, "InvoiceNo: missing"),
        ({"InvoiceNo": "A563185"}, "no sale: a bad-debt adjustment"),
        ({"Quantity": -10.0, "UnitPrice": 0.0}, "no sale: a stock adjustment"),
        ({"Quantity": 0.0}, "no sale: the quantity is 0"),
        ({"Quantity": 1.5}, "Quantity: not a whole number"),
        ({"Quantity": 2e6}, "Quantity: above 1000000"),
        ({"Quantity": math.nan}, "Quantity: not a whole number"),
        ({"UnitPrice": 0.0}, "no sale: the price is not above 0"),
        ({"UnitPrice": -11062.06}, "no sale: the price is not above 0"),
        ({"UnitPrice": math.nan}, "UnitPrice: not a number"),
        ({"UnitPrice": math.inf}, "UnitPrice: not a number"),
        ({"InvoiceDate": pd.NaT}, "InvoiceDate: not a time"),
        ({"InvoiceNo": "C536379"}, "a refund with a positive quantity"),
    ],
)
def test_what_is_no_sale_is_rejected_by_name(tmp_path: Path, values: dict[str, Any], reason: str) -> None:
    assert reasons_of(parquet(tmp_path, line(), line(**values))) == [reason]


def test_gift_sets_with_dotcom_codes_are_products(tmp_path: Path) -> None:
    assert events_of(parquet(tmp_path, line(StockCode="DCGS0066P")))["item_id"].tolist() == ["DCGS0066P"]


def test_equal_lines_are_separate_events_with_the_same_ids_in_every_load(tmp_path: Path) -> None:
    path = parquet(tmp_path, line(), line(), line(Quantity=5.0), line())
    ids = events_of(path)["event_id"].tolist()
    assert len(set(ids)) == 4
    assert events_of(path)["event_id"].tolist() == ids


@pytest.mark.parametrize("time", ["2010-12-01 08:26:00", "12/1/2010 8:26"])
def test_a_csv_of_the_same_lines_is_the_same_events(tmp_path: Path, time: str) -> None:
    path = parquet(tmp_path, line(), line(CustomerID=math.nan, Description=None, UnitPrice=0.001))
    csv = tmp_path / "retail.csv"
    pd.read_parquet(path).assign(InvoiceDate=time).to_csv(csv, index=False)
    from_csv, from_parquet = events_of(csv), events_of(path)
    assert from_csv["line"].tolist() == [2, 3]
    pd.testing.assert_frame_equal(from_csv.drop(columns="line"), from_parquet.drop(columns="line"))


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "retail.csv"
    path.write_text("InvoiceNo,StockCode\n")
    with pytest.raises(UnreadableFileError, match="lacks the column 'Description'"):
        list(read_events(path))


def test_the_title_is_the_commonest_and_of_equals_the_first_in_the_alphabet(tmp_path: Path) -> None:
    titles = ["RED MUG", "RED  MUG ", "BLUE MUG", "damaged", "damaged", "damaged"]
    lines = [line(Description=title, UnitPrice=0.0 if title == "damaged" else 1.0) for title in titles]
    tied = [line(StockCode="22222", Description=title) for title in ("B", "A")]
    found = {item: entry.product.title for item, entry in products_of(parquet(tmp_path, *lines, *tied)).items()}
    assert found == {"85123A": "RED MUG", "22222": "A"}


def test_the_price_path_has_one_offer_per_change_from_the_first_sale_of_its_day(tmp_path: Path) -> None:
    sold = [
        ("2010-12-01 09:00", 2.5), ("2010-12-01 10:00", 3.0), ("2010-12-01 11:00", 3.0),
        ("2010-12-02 09:00", 3.0),
        ("2010-12-03 15:00", 4.0), ("2010-12-03 09:30", 2.0),
    ]  # fmt: skip
    lines = [line(InvoiceDate=pd.Timestamp(time), UnitPrice=price) for time, price in sold]
    offers = products_of(parquet(tmp_path, *lines))["85123A"].offers
    assert [(offer.valid_from, offer.price, offer.currency) for offer in offers] == [
        (datetime(2010, 12, 1, 9, tzinfo=UTC), Decimal("3"), "GBP"),
        (datetime(2010, 12, 3, 9, 30, tzinfo=UTC), Decimal("2"), "GBP"),
    ]


def test_a_longer_file_of_the_same_products_takes_no_more_memory(tmp_path: Path) -> None:
    lines = pd.concat([lines for lines, _ in read_lines(parquet(tmp_path, line(), line(StockCode="POST")))])
    book, short = SalesBook("GBP"), SalesBook("GBP")
    short.add(lines)
    before = _frames()
    for number in range(100):
        book.add(lines.assign(line=lines["line"] + number))
    assert _frames() - before <= 3 * MAX_PARTS
    assert book.entries() == short.entries()
    assert list(book.rejects()) == list(short.rejects())


def _frames() -> int:
    gc.collect()
    return sum(type(found) is pd.DataFrame for found in gc.get_objects())


def test_a_line_of_a_year_to_come_is_kept_and_flagged(engine: Engine, tmp_path: Path) -> None:
    path = parquet(tmp_path, line(), line(InvoiceDate=pd.Timestamp("2099-01-01 09:00")))
    report = ingest_events(
        engine, path, "online-retail", allow_unknown_items=True, rejected=tmp_path / "rejected.jsonl"
    )
    assert (report.accepted, report.flagged) == (2, {"clock_ahead": 1})


def test_control_characters_are_no_part_of_a_title(tmp_path: Path) -> None:
    lines = [line(Description="RED\x1b MUG"), line(StockCode="22222", Description="\x1b")]
    assert [entry.product.title for entry in products_of(parquet(tmp_path, *lines)).values()] == ["RED MUG"]


def test_codes_that_are_no_products_are_one_reject_each(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        line(),
        line(StockCode="POST"),
        line(StockCode="POST"),
        line(StockCode="11111", InvoiceNo="C1", Quantity=-1.0),
        line(StockCode="22222", Description=None),
    )
    rejects = [reject for chunk in read_products(path) for reject in chunk.rejects]
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (2, "no product: postage"),
        (4, "no product: never sold at a price"),
        (5, "Description: missing on every sale"),
    ]


@pytest.mark.parametrize(
    ("title", "colors"),
    [
        ("RED WHITE AND BLUE BUNTING", ("red", "white", "blue")),
        ("GRAY MUG, GREY SAUCER", ("grey",)),
        ("HUNDRED FLOWERS", ()),
        ("ICE CREAM BOWLS", ()),
        ("CREAM CUPID HEARTS", ("cream",)),
    ],
)
def test_colours_are_the_whole_words_of_the_title(title: str, colors: tuple[str, ...]) -> None:
    assert colors_in(title) == colors


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(min_value=0, max_value=4), min_size=1, max_size=6), max_size=5))
def test_ordinals_do_not_depend_on_where_a_file_is_cut(chunks: list[list[int]]) -> None:
    rows = [value for chunk in chunks for value in chunk]
    ordinals = Ordinals()
    found = [int(number) for chunk in chunks for number in ordinals.of(pd.DataFrame({"value": chunk}))]
    assert found == [rows[:place].count(value) for place, value in enumerate(rows)]


def test_refunds_subtract_and_the_second_load_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        line(),
        line(StockCode="22222", Quantity=4.0),
        line(StockCode="22222", Quantity=-3.0, InvoiceNo="C1"),
        line(Quantity=-6.0, InvoiceNo="C2"),
    )
    for accepted in (4, 0):
        load_catalog(engine, path, "online-retail", rejected=tmp_path / "rejected.jsonl")
        report = ingest_events(engine, path, "online-retail", rejected=tmp_path / "rejected.jsonl")
        assert (report.accepted, report.duplicated, report.rejected) == (accepted, 4 - accepted, 0)
    found = interactions(engine, datetime(2012, 1, 1, tzinfo=UTC))
    assert found[[Columns.ITEM, Columns.WEIGHT]].to_numpy().tolist() == [["22222", 0.25]]


def _load_twice(engine: Engine, path: Path, rejected: Path, rows: int) -> None:
    catalog = load_catalog(engine, path, "online-retail", rejected=rejected)
    assert catalog.accepted == CatalogStore(engine).count()
    assert load_catalog(engine, path, "online-retail", rejected=rejected).duplicated == catalog.accepted
    first = ingest_events(engine, path, "online-retail", rejected=rejected)
    assert first.rows == rows
    assert first.accepted + first.rejected == rows
    assert len(rejected.read_text().splitlines()) == first.rejected == sum(first.reasons.values())
    second = ingest_events(engine, path, "online-retail", rejected=rejected)
    assert (second.accepted, second.duplicated, second.rejected) == (0, first.accepted, first.rejected)
    assert EventStore(engine).count() == first.accepted


@pytest.mark.realdata
def test_real_lines_are_all_accounted_for_and_a_second_load_is_all_duplicates(
    data_dir: Path, sqlite_url: str, tmp_path: Path
) -> None:
    part = tmp_path / "part.parquet"
    whole = pd.read_parquet(data_dir / "online_retail" / "online_retail.parquet")
    whole.head(ROWS_IN_MAKE_TEST).to_parquet(part)
    engine = open_database(sqlite_url)
    _load_twice(engine, part, tmp_path / "rejected.jsonl", ROWS_IN_MAKE_TEST)
    engine.dispose()


@pytest.mark.realdata
@pytest.mark.full
def test_every_real_line_is_accounted_for_on_both_databases(data_dir: Path, engine: Engine, tmp_path: Path) -> None:
    path = data_dir / "online_retail" / "online_retail.parquet"
    _load_twice(engine, path, tmp_path / "rejected.jsonl", ROWS_IN_ALL)

"""Products out of rows: grouped wherever the rows stand, every row accounted for, prices over time."""

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from schemas.columns import Columns
from schemas.money import Money
from signals.adapters import feeds
from signals.adapters.feed_items import Listing
from signals.adapters.feed_sales import Sale
from signals.adapters.feeds import NO_VARIANT, NOT_UNICODE, SEEN_BEFORE, FeedFormat
from signals.adapters.google_merchant import read_products
from signals.catalog import CatalogStore
from signals.catalog_entries import CatalogEntry
from signals.errors import InvalidRecordError, UnreadableFileError
from signals.formats import CATALOG_FORMATS
from signals.ingest import load_catalog
from signals.rows import Record, Reject
from tests.signals.adapters.reading import read, reasons, written

DAY = timedelta(days=1)
HERE = Path("rows")


def form(*rows: dict[str, Any] | Reject) -> FeedFormat:
    """A feed of rows ``{id, group, title, ...}``; "head" is what the variants of its group share, "bad" unusable."""

    def listing(values: Any) -> Listing:
        if "bad" in values:
            raise InvalidRecordError("bad: so it is")
        fields = {"title": values.get("title", "Mug"), "attributes": values.get("attributes", {})}
        variant = None if "head" in values else values["id"]
        return Listing(item_id(values), variant, fields, Money("5", "GBP"), values.get("sale"))  # type: ignore[arg-type]

    def item_id(values: Any) -> str:
        return str(values.get("group") or values.get("id") or "")

    def records(_: Path) -> Iterator[Record | Reject]:
        for line, row in enumerate(rows, start=1):
            yield row if isinstance(row, Reject) else Record(line, row)

    return FeedFormat(records, item_id, listing)


def outcome(*rows: dict[str, Any] | Reject) -> tuple[dict[str, list[str]], list[tuple[int, str]]]:
    """The variants of each item, and line and reason of each reject."""
    entries, rejects = read(form(*rows).read, HERE)
    items = {item: [variant.variant_id for variant in entry.product.variants] for item, entry in entries.items()}
    return items, [(reject.line, reject.reason) for reject in rejects]


def test_rows_of_a_group_are_one_product_wherever_they_stand() -> None:
    rows = [{"id": "a1", "group": "a"}, {"id": "b"}, {"id": "a2", "group": "a"}, {"id": "c1", "group": "c"}]
    assert outcome(*rows) == ({"a": ["a1", "a2"], "b": [], "c": ["c1"]}, [])


def test_a_product_comes_as_soon_as_its_last_row_was_read() -> None:
    rows = [{"id": "a1", "group": "a"}, {"id": "b"}, {"id": "a2", "group": "a"}]
    (chunk,) = form(*rows).read(HERE)
    assert [(entry.product.item_id, entry.line) for entry in chunk.entries] == [("b", 2), ("a", 1)]


def test_a_row_with_the_id_of_a_group_is_one_of_its_variants() -> None:
    assert outcome({"id": "a"}, {"id": "a1", "group": "a"}) == ({"a": ["a", "a1"]}, [])


def test_a_bad_row_leaves_its_siblings_alone() -> None:
    rows = [{"id": "a1", "group": "a"}, {"id": "a2", "group": "a", "bad": 1}, {"id": "a3", "group": "a", "title": ""}]
    no_title = "title: String should have at least 1 character"
    assert outcome(*rows) == ({"a": ["a1"]}, [(2, "bad: so it is"), (3, no_title)])


def test_an_id_given_twice_counts_once() -> None:
    rows = [
        {"id": "a1", "group": "a"},
        {"id": "a1", "group": "a"},
        {"id": "b"},
        {"id": "b"},
        {"id": "a1", "group": "c"},
    ]
    assert outcome(*rows) == ({"a": ["a1"], "b": []}, [(2, SEEN_BEFORE), (4, SEEN_BEFORE), (5, SEEN_BEFORE)])


def test_a_head_says_what_its_variants_share() -> None:
    head = {"id": "a", "head": 1, "title": "The mug", "attributes": {"material": ("clay",)}}
    red = {"id": "a1", "group": "a", "title": "Mug, red", "attributes": {"color": ("red",), "material": ("clay",)}}
    blue = {"id": "a2", "group": "a", "attributes": {"color": ("blue",), "material": ("stone",)}}
    entries, rejects = read(form(red, head, blue, head).read, HERE)
    product = entries["a"].product
    assert (product.title, product.attributes) == ("The mug", {"material": ("clay",)})
    assert [variant.attributes for variant in product.variants] == [
        {"color": ("red",)},
        {"color": ("blue",), "material": ("stone",)},
    ]
    assert [(reject.line, reject.reason) for reject in rejects] == [(4, SEEN_BEFORE)]


def test_a_head_without_a_variant_is_rejected_with_it() -> None:
    rows = [{"id": "a", "head": 1}, {"id": "a1", "group": "a", "bad": 1}]
    assert outcome(*rows) == ({}, [(2, "bad: so it is"), (1, NO_VARIANT)])


def test_half_a_surrogate_pair_is_a_reject(tmp_path: Path) -> None:
    row = {"item_id": "a", "title": "<b>\ud800</b>", "price": "1 USD"}
    path = written(tmp_path / "f.jsonl", json.dumps(row))
    assert reasons(feeds_of("acp"), path) == [(1, NOT_UNICODE)]


def feeds_of(name: str) -> Any:
    return CATALOG_FORMATS[name]


GROUPS = st.sampled_from(["", "a", "b", "c"])
ROWS = st.lists(st.tuples(st.sampled_from("uvwxyzabc"), GROUPS, st.sampled_from(["", "", "bad", "head"])), max_size=30)


@given(ROWS)
def test_every_row_is_in_one_product_or_rejected(rows: list[tuple[str, str, str]]) -> None:
    given_rows = [{"id": row[0], "group": row[1], **({row[2]: 1} if row[2] else {})} for row in rows]
    items, rejects = outcome(*given_rows)
    heads = {row["group"] or row["id"] for row in given_rows if "head" in row and "bad" not in row}
    used = sum(max(1, len(variants)) for variants in items.values()) + len(heads & items.keys())
    assert used + len(rejects) == len(rows)
    assert len({line for line, _ in rejects}) == len(rejects)


def test_rejects_of_the_file_itself_pass_through() -> None:
    assert outcome(Reject(1, "not JSON", "{"), {"id": "a"}) == ({"a": []}, [(1, "not JSON")])


def test_chunks_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PRODUCTS_PER_CHUNK", 2)
    chunks = list(form(*({"id": str(number), **({"bad": 1} if number == 2 else {})} for number in range(5))).read(HERE))
    assert [(len(chunk.entries), len(chunk.rejects)) for chunk in chunks] == [(2, 0), (1, 1), (1, 0)]


def test_rows_that_a_file_gets_between_the_two_readings_are_read() -> None:
    readings = iter([[{"id": "a"}], [{"id": "a"}, {"id": "b"}, {"id": "c"}]])
    whole = form()
    changing = FeedFormat(lambda path: form(*next(readings)).rows(path), whole.item_id, whole.listing)
    assert list(read(changing.read, HERE)[0]) == ["a", "b", "c"]


def test_memory_grows_with_ids_and_not_with_texts(tmp_path: Path) -> None:
    row = "id{0}\tTitle {0}\t" + "words " * 1_000 + "\t5 GBP\n"
    path = tmp_path / "f.tsv"
    with path.open("w") as file:
        file.write("id\ttitle\tdescription\tprice\n")
        file.writelines(row.format(number) for number in range(4_000))
    tracemalloc.start()
    count = sum(len(chunk.entries) for chunk in read_products(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, peak < path.stat().st_size) == (4_000, True)


# --- prices over time


def dated(**days: float | None) -> tuple[CatalogEntry, datetime]:
    """A mug of 5 pounds on sale at 3, from and until so many days from now, and about now."""
    now = datetime.now(UTC)
    start, end = (None if days[name] is None else now + DAY * days[name] for name in ("start", "end"))  # type: ignore[operator]
    sale = Sale(Money("3", "GBP"), start, end)  # type: ignore[arg-type]
    entries, _ = read(form({"id": "mug", "sale": sale}).read, HERE)
    return entries["mug"], now


@pytest.mark.parametrize(
    ("start", "end", "now", "prices"),
    [
        (1, 2, 5, [5, 3, 5]),
        (-1, 1, 3, [3, 3, 5]),
        (-2, -1, 5, [3, 5, 5]),
        (None, 1, 3, [3, 5]),
        (None, -1, 5, [5, 5]),
        (1, None, 5, [5, 3]),
        (-1, None, 3, [3, 3]),
        (None, None, 3, []),
    ],
)
def test_a_sale_becomes_offers(start: float | None, end: float | None, now: int, prices: list[int]) -> None:
    entry, _ = dated(start=start, end=end)
    assert entry.product.price == Decimal(now)
    assert [offer.price for offer in entry.offers] == [Decimal(price) for price in prices]
    assert [offer.valid_from for offer in entry.offers] == sorted(offer.valid_from for offer in entry.offers)


def test_variants_without_a_sale_have_offers_where_a_sibling_is_on_sale() -> None:
    sale = Sale(Money("3", "GBP"), None, datetime.now(UTC) + DAY)  # type: ignore[arg-type]
    entries, _ = read(form({"id": "a1", "group": "a", "sale": sale}, {"id": "a2", "group": "a"}).read, HERE)
    offers = [(offer.variant_id, offer.price) for offer in entries["a"].offers]
    assert offers == [("a1", Decimal(3)), ("a1", Decimal(5)), ("a2", Decimal(5))]


def test_a_sale_is_the_price_as_of_its_time_on_every_database(engine: Engine) -> None:
    for start, end in [(1, 2), (-1, 1), (-2, -1)]:
        entry, now = dated(start=start, end=end)
        CatalogStore(engine).write([entry])
        for moment, price in [(start, 3), (end, 5), (0, 3 if start < 0 < end else 5), (10, 5)]:
            rows = CatalogStore(engine).rows(as_of=now + DAY * moment + timedelta(minutes=1))
            assert rows[Columns.PRICE].tolist() == [Decimal(price)], (start, end, moment)


FEED = """id\ttitle\titem_group_id\tprice\tavailability
m1\tMug red\tmug\t5.00 GBP\tin stock
cup\tCup\t\t4 GBP\tin stock
m2\tMug blue\tmug\t5,00 GBP\tin stock
m3\tMug green\tmug\t6.50 GBP\tout of stock
"""


def test_a_load_counts_products_and_rejected_rows(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "feed.tsv", FEED)
    rejected = tmp_path / "rejected.jsonl"
    first = load_catalog(engine, path, "google-merchant", rejected=rejected)
    assert (first.accepted, first.duplicated, first.rejected) == (2, 0, 1)
    (row,) = map(json.loads, rejected.read_text().splitlines())
    assert (row["line"], row["row"]["id"]) == (4, "m2")
    second = load_catalog(engine, path, "google-merchant", rejected=rejected)
    assert (second.accepted, second.duplicated, second.rejected) == (0, 2, 1)
    rows = CatalogStore(engine).rows()
    assert rows[[Columns.ITEM, Columns.VARIANT]].to_numpy().tolist() == [["cup", "cup"], ["mug", "m1"], ["mug", "m3"]]
    assert [str(price) for price in rows[Columns.PRICE]] == ["4.00", "5.00", "6.50"]


@pytest.mark.parametrize("name", ["google-merchant", "acp", "schema-org", "magento"])
def test_a_file_that_is_not_there_or_of_another_kind_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFileError, match="no reader for this extension; allowed: "):
        list(feeds_of(name)(tmp_path / "feed.xlsx"))
    allowed = {"google-merchant": "tsv", "acp": "jsonl", "schema-org": "jsonl", "magento": "csv"}[name]
    with pytest.raises(UnreadableFileError, match="no such file"):
        list(feeds_of(name)(tmp_path / f"feed.{allowed}"))

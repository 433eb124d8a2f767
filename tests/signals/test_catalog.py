"""The store of products: upserts, prices over time, and what changed since."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from schemas.catalog import Availability
from schemas.columns import Columns
from signals import catalog_writes, raw
from signals.catalog import CatalogStore, Changes
from signals.catalog_entries import CatalogEntry, Offer
from signals.connections import reading, writing
from signals.database import open_database
from signals.errors import InvalidRecordError, UnknownItemError
from signals.report import IngestReport
from signals.tables import offers, products
from tests.signals.shops import NOON, product, stock

HOUR = timedelta(hours=1)
ROW_COLUMNS = [
    Columns.ITEM,
    Columns.VARIANT,
    Columns.TITLE,
    Columns.DESCRIPTION,
    Columns.BRAND,
    Columns.CATEGORY,
    Columns.ATTRIBUTES,
    Columns.PRICE,
    Columns.CURRENCY,
    Columns.AVAILABILITY,
    Columns.QUANTITY,
    Columns.URL,
    Columns.IMAGE,
]


def shirt(**more: Any) -> Any:
    variants = [
        {"variant_id": "red", "attributes": {"color": "red"}, "quantity": 2},
        {"variant_id": "blue", "attributes": {"color": "blue", "fit": "slim"}, "price": "12", "image": "blue.png"},
    ]
    return product("shirt", **{"attributes": {"fit": "loose"}, "image": "shirt.png", "variants": variants, **more})


def offers_stored(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(offers)) or 0


def row(engine: Engine, variant_id: str, **more: Any) -> dict[str, Any]:
    frame = CatalogStore(engine).rows(**more).set_index(Columns.VARIANT)
    return {str(name): value for name, value in frame.loc[variant_id].items()}


def test_a_row_holds_everything_its_variant_has_and_inherits(engine: Engine) -> None:
    stock(engine, shirt(category=["Clothes", "Shirts"], brand="Loom", description="Soft.", url="https://shop/shirt"))
    frame = CatalogStore(engine).rows()
    assert list(frame.columns) == ROW_COLUMNS
    assert frame[Columns.VARIANT].tolist() == ["red", "blue"]
    red, blue = frame.to_dict("records")
    assert red == {
        Columns.ITEM: "shirt",
        Columns.VARIANT: "red",
        Columns.TITLE: "Shirt",
        Columns.DESCRIPTION: "Soft.",
        Columns.BRAND: "Loom",
        Columns.CATEGORY: ("Clothes", "Shirts"),
        Columns.ATTRIBUTES: {"fit": ("loose",), "color": ("red",)},
        Columns.PRICE: Decimal("9.50"),
        Columns.CURRENCY: "GBP",
        Columns.AVAILABILITY: "in_stock",
        Columns.QUANTITY: 2,
        Columns.URL: "https://shop/shirt",
        Columns.IMAGE: "shirt.png",
    }
    assert blue[Columns.ATTRIBUTES] == {"fit": ("slim",), "color": ("blue",)}
    assert (blue[Columns.PRICE], blue[Columns.IMAGE]) == (Decimal("12.00"), "blue.png")


def test_what_is_missing_is_none(engine: Engine) -> None:
    stock(engine, product("mug", price=None, currency=None))
    found = row(engine, "mug")
    names = (Columns.BRAND, Columns.URL, Columns.IMAGE, Columns.PRICE, Columns.CURRENCY)
    assert [found[name] for name in names] == [None] * 5
    assert CatalogStore(engine).rows()[Columns.QUANTITY].isna().all()


def test_an_empty_catalogue_is_an_empty_frame_with_its_columns(engine: Engine) -> None:
    assert list(CatalogStore(engine).rows().columns) == ROW_COLUMNS
    assert CatalogStore(engine).offers(["mug"]) == {}
    assert CatalogStore(engine).last_change() is None


def test_an_unchanged_product_counts_as_duplicated_and_writes_nothing(engine: Engine) -> None:
    store = CatalogStore(engine)
    assert store.upsert([shirt(), product("mug")]) == IngestReport(accepted=2)
    mark = store.last_change()
    assert store.upsert([shirt(), product("mug")]) == IngestReport(duplicated=2)
    assert store.last_change() == mark
    assert store.upsert([shirt(), product("mug", title="Big mug")]) == IngestReport(accepted=1, duplicated=1)
    assert row(engine, "mug")[Columns.TITLE] == "Big mug"


def test_a_product_given_twice_in_one_call_ends_as_the_last_one(engine: Engine) -> None:
    report = CatalogStore(engine).upsert([product("mug", title="Old"), product("mug", title="New")])
    assert report == IngestReport(accepted=2)
    assert row(engine, "mug")[Columns.TITLE] == "New"


def test_a_price_is_kept_as_of_every_time(engine: Engine) -> None:
    store = CatalogStore(engine)
    for hours, price in enumerate(["9.50", "9.50", "8.00"]):
        store.upsert([product("mug", price=price)], valid_from=NOON + hours * HOUR)
    assert offers_stored(engine) == 2
    prices = {hours: row(engine, "mug", as_of=NOON + hours * HOUR)[Columns.PRICE] for hours in (0, 1, 2)}
    assert prices == {0: Decimal("9.5"), 1: Decimal("9.5"), 2: Decimal("8")}
    assert store.rows(as_of=NOON - HOUR).empty
    assert row(engine, "mug")[Columns.PRICE] == Decimal("8")


def test_a_variant_no_longer_listed_is_discontinued_and_stays_so(engine: Engine) -> None:
    store = CatalogStore(engine)
    stock(engine, shirt())
    only_red = shirt(variants=[{"variant_id": "red", "attributes": {"color": "red"}, "quantity": 2}])
    assert store.upsert([only_red]) == IngestReport(accepted=1)
    assert row(engine, "blue")[Columns.AVAILABILITY] == "discontinued"
    assert row(engine, "red")[Columns.AVAILABILITY] == "in_stock"
    assert store.upsert([only_red]) == IngestReport(duplicated=1)
    stock(engine, shirt())
    assert row(engine, "blue")[Columns.AVAILABILITY] == "in_stock"


def test_a_product_that_gets_variants_is_no_longer_its_own(engine: Engine) -> None:
    stock(engine, product("shirt"))
    stock(engine, shirt())
    assert row(engine, "shirt")[Columns.AVAILABILITY] == "discontinued"


def test_a_variant_that_moves_to_another_item_changes_both(engine: Engine) -> None:
    store = CatalogStore(engine)
    stock(engine, shirt(), product("mug"))
    mark = store.last_change()
    stock(engine, product("vest", variants=[{"variant_id": "red"}]))
    changed = store.rows(changed_since=mark)
    assert set(changed[Columns.ITEM]) == {"shirt", "vest"}
    assert changed.set_index(Columns.VARIANT).loc["red", Columns.ITEM] == "vest"


def test_changes_since_a_mark_are_whole_products_and_only_those(engine: Engine) -> None:
    store = CatalogStore(engine)
    stock(engine, shirt(), product("mug"))
    mark = store.last_change()
    assert store.rows(changed_since=mark).empty
    store.set_availability(Availability.OUT_OF_STOCK, variant_id="blue")
    assert store.rows(changed_since=mark)[Columns.VARIANT].tolist() == ["red", "blue"]
    assert store.rows(changed_since=mark, item_ids=["mug"]).empty


def test_change_marks_grow_even_when_the_clock_goes_back(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    store = CatalogStore(engine)
    stock(engine, product("mug"))
    before = store.last_change()

    class Clock:
        @staticmethod
        def now(_: object) -> object:
            return NOON - 10_000 * HOUR

    monkeypatch.setattr(catalog_writes, "datetime", Clock)
    stock(engine, product("mug", title="Later"))
    after = store.last_change()
    assert before is not None
    assert after is not None
    assert after > before


def test_many_writers_at_once_get_different_marks_and_lose_nothing(engine: Engine) -> None:
    store = CatalogStore(engine)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.upsert([product(f"item{number}")]), range(12)))
    with reading(engine) as connection:
        marks = connection.scalars(select(products.c.updated_at)).all()
    assert len(set(marks)) == 12


def test_availability_of_an_item_is_that_of_all_its_variants(engine: Engine) -> None:
    stock(engine, shirt())
    CatalogStore(engine).set_availability(Availability.OUT_OF_STOCK, 0, item_id="shirt")
    current = CatalogStore(engine).offers(["shirt"]).values()
    assert [(offer.availability, offer.quantity) for offer in current] == [(Availability.OUT_OF_STOCK, 0)] * 2
    assert sorted(offer.price for offer in current if offer.price) == [Decimal("9.5"), Decimal("12")]


def test_the_same_availability_again_is_no_change(engine: Engine) -> None:
    store = CatalogStore(engine)
    stock(engine, product("mug"))
    before = (offers_stored(engine), store.last_change())
    store.set_availability(Availability.IN_STOCK, item_id="mug")
    assert (offers_stored(engine), store.last_change()) == before


def test_availability_of_what_is_not_there_is_an_error(engine: Engine) -> None:
    with pytest.raises(UnknownItemError, match="'teapot'"):
        CatalogStore(engine).set_availability(Availability.IN_STOCK, item_id="teapot")


@pytest.mark.parametrize("chosen", [{}, {"item_id": "a", "variant_id": "b"}])
def test_availability_needs_one_item_or_one_variant(engine: Engine, chosen: dict[str, Any]) -> None:
    with pytest.raises(InvalidRecordError, match="either item_id or variant_id"):
        CatalogStore(engine).set_availability(Availability.IN_STOCK, **chosen)


def test_a_negative_quantity_is_refused(engine: Engine) -> None:
    with pytest.raises(InvalidRecordError, match="got -1"):
        CatalogStore(engine).set_availability(Availability.IN_STOCK, -1, item_id="mug")


def test_an_invalid_product_stores_nothing_of_the_call(engine: Engine) -> None:
    with pytest.raises(InvalidRecordError, match="product 2: title"):
        CatalogStore(engine).upsert([product("mug"), {"item_id": "cup", "title": ""}])
    assert CatalogStore(engine).count() == 0


def test_some_rows_and_offers_by_item(engine: Engine) -> None:
    store = CatalogStore(engine)
    stock(engine, product("b"), product("a"), product("c"))
    assert store.rows(item_ids=["c", "a", "nowhere"])[Columns.ITEM].tolist() == ["a", "c"]
    assert list(store.offers(["b"])) == ["b"]
    assert store.rows(item_ids=[]).empty
    assert store.unknown(["a", "z", "y"]) == ["y", "z"]


def test_rows_are_ordered_by_code_point_on_every_database(engine: Engine) -> None:
    stock(engine, *(product(item_id) for item_id in ["é", "a", "B", "_", "10", "9"]))
    assert CatalogStore(engine).rows()[Columns.ITEM].tolist() == ["10", "9", "B", "_", "a", "é"]


def test_control_characters_in_texts_become_spaces(engine: Engine) -> None:
    mug = product(
        "mug",
        title="\x1b[2JMu\x00g\x9b",
        description="Two\nlines\x07",
        brand="Lo\x85om",
        attributes={"note": "a\x1bb"},
        category=["x\x00"],
        image="mug\x7f.png",
    )
    stock(engine, mug)
    found = row(engine, "mug")
    names = (Columns.TITLE, Columns.DESCRIPTION, Columns.BRAND, Columns.ATTRIBUTES, Columns.CATEGORY, Columns.IMAGE)
    texts = [" [2JMu g ", "Two\nlines ", "Lo om", {"note": ("a b",)}, ("x ",), "mug .png"]
    assert [found[name] for name in names] == texts
    assert CatalogStore(engine).upsert([mug]) == IngestReport(duplicated=1)


@pytest.mark.parametrize("title", ["\x1b\x00", "\x85", " "])
def test_a_title_of_which_nothing_can_be_seen_is_refused(engine: Engine, title: str) -> None:
    with pytest.raises(InvalidRecordError, match="product 1: title: blank"):
        CatalogStore(engine).upsert([{"item_id": "mug", "title": title}])


def test_a_product_of_more_variants_than_one_statement_takes_is_read_and_touched(engine: Engine) -> None:
    stock(engine, product("size0"), shirt())
    sizes = [f"size{size}" for size in range(66_000)]
    mug = CatalogEntry(1, product("mug", variants=[{"variant_id": size} for size in sizes]))
    mark = CatalogStore(engine).last_change()
    with writing(engine) as connection:
        assert catalog_writes.Stored(connection, [mug], datetime.now(UTC)).owner("size0") == "size0"
        catalog_writes.touch(connection, sizes, datetime.now(UTC) + HOUR)
    assert CatalogStore(engine).changes(mark, NOON, NOON).item_ids == {"size0"}


def test_a_transaction_holds_few_products_where_they_have_many_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_writes, "IDS_PER_WRITE", 7)
    variants = [2, 3, 0, 9, 1]
    entries = [
        CatalogEntry(1, product(f"p{place}", variants=[{"variant_id": f"{place}-{n}"} for n in range(count)]))
        for place, count in enumerate(variants)
    ]
    batches = [[entry.product.item_id for entry in batch] for batch in catalog_writes.in_writes(entries)]
    assert batches == [["p0", "p1"], ["p2"], ["p3"], ["p4"]]


def test_what_is_split_into_several_statements_is_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "IDS_PER_QUERY", 1)
    store = CatalogStore(engine)
    stock(engine, shirt(), product("mug"), product("cup"))
    assert store.upsert([shirt(), product("mug"), product("cup")]) == IngestReport(duplicated=3)
    mark = store.last_change()
    stock(engine, product("vest", variants=[{"variant_id": "red"}, {"variant_id": "mug"}]))
    assert set(store.rows(changed_since=mark)[Columns.ITEM]) == {"shirt", "vest"}
    assert store.changes(mark, NOON, NOON).item_ids == {"shirt", "mug", "vest"}


def on_sale(**more: Any) -> CatalogEntry:
    """A shirt in two colours whose red is cheaper for a week that has passed."""
    variants = [{"variant_id": color, "price": "20", "currency": "GBP"} for color in ("red", "blue")]
    shirt = product("shirt", **{"variants": variants, **more})
    prices = {NOON - timedelta(days=9): "20", NOON - timedelta(days=8): "15", NOON - timedelta(days=1): "20"}
    dated = [Offer("red", at, Decimal(price), "GBP", Availability.IN_STOCK) for at, price in prices.items()]
    return CatalogEntry(1, shirt, (*dated, Offer("blue", NOON, Decimal(20), "GBP", Availability.IN_STOCK)))


def test_a_product_with_dated_offers_that_is_stored_as_it_is_counts_as_duplicated(engine: Engine) -> None:
    assert CatalogStore(engine).write([on_sale()]).accepted == 1
    assert CatalogStore(engine).write([on_sale()]).duplicated == 1


def test_a_variant_that_a_product_with_dated_offers_no_longer_lists_is_discontinued(engine: Engine) -> None:
    CatalogStore(engine).write([on_sale()])
    red = on_sale(variants=[{"variant_id": "red", "price": "20", "currency": "GBP"}])
    CatalogStore(engine).write([replace(red, offers=red.offers[:3])])
    rows = CatalogStore(engine).rows()
    assert dict(zip(rows["variant_id"], rows["availability"], strict=True)) == {
        "red": "in_stock",
        "blue": "discontinued",
    }


def test_a_follower_sees_an_offer_dated_ahead_when_it_begins_to_hold(engine: Engine) -> None:
    store = CatalogStore(engine)
    now = datetime.now(UTC)
    store.upsert([product("mug"), product("cup")], valid_from=now)
    store.upsert([product("mug", price="7")], valid_from=now + HOUR)
    mark = store.last_change()
    assert store.changes(mark, now, now + HOUR / 2) == Changes(mark, frozenset())
    assert store.changes(mark, now + HOUR / 2, now + HOUR) == Changes(mark, frozenset({"mug"}))
    assert store.changes(mark, now + HOUR, now + 2 * HOUR) == Changes(mark, frozenset())
    assert row(engine, "mug", as_of=now + HOUR)[Columns.PRICE] == Decimal("7")


def test_a_follower_sees_every_change_and_its_mark(engine: Engine) -> None:
    store = CatalogStore(engine)
    assert store.changes(None, NOON, NOON) == Changes(None, frozenset())
    stock(engine, product("mug"), product("cup"))
    first = store.changes(None, NOON, NOON)
    assert first == Changes(store.last_change(), frozenset({"mug", "cup"}))
    store.set_availability(Availability.OUT_OF_STOCK, item_id="cup")
    assert store.changes(first.mark, NOON, NOON) == Changes(store.last_change(), frozenset({"cup"}))


def test_following_offers_that_begin_is_a_look_up_in_an_index(sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    CatalogStore(engine).changes(NOON, NOON, NOON)
    with reading(engine) as connection:
        asked = [sql.replace("?", "0") for sql in statements if sql.startswith("SELECT")]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all() for sql in asked]
    found = [str(plan) for plan in plans]
    assert len(found) == 2
    assert "ix_products_updated_at" in found[0]
    assert "ix_offers_valid_from" in found[1]
    engine.dispose()

"""The store of products: upserts, prices over time, and what changed since."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from schemas.catalog import Availability
from schemas.columns import Columns
from signals import catalog_writes
from signals.catalog import CatalogStore
from signals.connections import reading
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


def test_control_characters_in_texts_are_stored_or_dropped_but_break_nothing(engine: Engine) -> None:
    stock(engine, product("mug", title="Mu\x00g", attributes={"note": "a\x00b"}, category=["x\x00"]))
    assert row(engine, "mug")[Columns.TITLE] == "Mug"
    assert CatalogStore(engine).upsert(
        [product("mug", title="Mu\x00g", attributes={"note": "a\x00b"}, category=["x\x00"])]
    ) == IngestReport(duplicated=1)

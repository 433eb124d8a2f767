"""Magento's export: configurable products with their variants, and the real sample shop."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from schemas.catalog import Availability, Product
from schemas.columns import Columns
from signals.adapters.feeds import NO_VARIANT
from signals.adapters.magento import NO_PARENT, NO_ROW, TRANSLATION, read_products
from signals.catalog import CatalogStore
from signals.ingest import load_catalog
from tests.signals.adapters.reading import products, read, reasons, rows_of, written

COAT = {
    "sku": "coat",
    "product_type": "configurable",
    "categories": "All, of it/Women/Coats, Capes,All, of it/New,All, of it",
    "name": "Rain coat",
    "description": "<p>Dry &amp; light.</p>",
    "price": "80",
    "visibility": "Catalog, Search",
    "product_online": "1",
    "base_image": "/c/o/coat.jpg",
    "additional_attributes": "has_options=1,material=Nylon|Weavo&reg; knit,care=Wash cold, dry,eco=Yes,brand=Loom",
    "qty": "0",
    "is_in_stock": "1",
    "configurable_variations": "sku=coat-s,size=S,color=Red|sku=coat-m,size=M,color=Red",
}
SMALL = {
    "sku": "coat-s",
    "product_type": "simple",
    "categories": COAT["categories"],
    "name": "Rain coat-S-Red",
    "price": "80.0000",
    "visibility": "Not Visible Individually",
    "product_online": "1",
    "base_image": "/c/o/coat-red.jpg",
    "additional_attributes": "has_options=0,size=S,color=Red",
    "qty": "12.0000",
    "is_in_stock": "1",
    "allow_backorders": "0",
    "manage_stock": "1",
    "use_config_manage_stock": "1",
}
MEDIUM = {**SMALL, "sku": "coat-m", "name": "Rain coat-M-Red", "price": "85", "additional_attributes": ""}
CAP = {**SMALL, "sku": "cap", "name": "Cap", "visibility": "Catalog", "additional_attributes": "", "price": "9.5"}


def export(*rows: dict[str, str]) -> str:
    file = io.StringIO()
    names = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(file, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def exported(folder: Path, *rows: dict[str, str]) -> Path:
    return written(folder / "export.csv", export(*rows))


def the_coat() -> Product:
    return Product.model_validate(
        {
            "item_id": "coat",
            "title": "Rain coat",
            "description": "Dry & light.",
            "brand": "Loom",
            "category": ["Women", "Coats, Capes"],
            "image": "/c/o/coat.jpg",
            "attributes": {
                "color": "Red",
                "material": ["Nylon", "Weavo® knit"],
                "care": "Wash cold, dry",
            },
            "variants": [
                {
                    "variant_id": "coat-s",
                    "attributes": {"size": "S"},
                    "price": "80",
                    "currency": "USD",
                    "availability": "in_stock",
                    "quantity": 12,
                    "image": "/c/o/coat-red.jpg",
                },
                {
                    "variant_id": "coat-m",
                    "attributes": {"size": "M"},
                    "price": "85",
                    "currency": "USD",
                    "availability": "in_stock",
                    "quantity": 12,
                    "image": "/c/o/coat-red.jpg",
                },
            ],
        }
    )


@pytest.mark.parametrize("rows", [(COAT, CAP, SMALL, MEDIUM), (SMALL, MEDIUM, CAP, COAT), (SMALL, COAT, CAP, MEDIUM)])
def test_a_configurable_product_and_its_variants_are_one_wherever_they_stand(
    tmp_path: Path, rows: tuple[dict[str, str], ...]
) -> None:
    found = products(read_products, exported(tmp_path, *rows))
    assert set(found) == {"coat", "cap"}
    assert found["coat"] == the_coat()
    assert (found["cap"].price, found["cap"].variants) == (Decimal("9.5"), ())


def test_the_currency_is_that_of_the_shop(tmp_path: Path) -> None:
    (chunk,) = read_products(exported(tmp_path, CAP), "EUR")
    assert chunk.entries[0].product.currency == "EUR"


@pytest.mark.parametrize(
    ("change", "stock", "quantity"),
    [
        ({}, Availability.IN_STOCK, 12),
        ({"qty": "0"}, Availability.OUT_OF_STOCK, 0),
        ({"qty": "-3.5", "allow_backorders": "1"}, Availability.BACKORDER, 0),
        ({"is_in_stock": "0"}, Availability.OUT_OF_STOCK, 12),
        ({"product_online": "2"}, Availability.DISCONTINUED, 12),
        ({"qty": "0", "manage_stock": "0", "use_config_manage_stock": "0"}, Availability.IN_STOCK, None),
        ({"qty": "0", "product_type": "bundle"}, Availability.IN_STOCK, None),
        ({"qty": ""}, Availability.IN_STOCK, None),
    ],
)
def test_stock_is_what_the_shop_can_sell(
    tmp_path: Path, change: dict[str, str], stock: Availability, quantity: int | None
) -> None:
    cap = products(read_products, exported(tmp_path, {**CAP, **change}))["cap"]
    assert (cap.availability, cap.quantity) == (stock, quantity)


def test_the_variants_of_a_product_that_is_offline_are_discontinued(tmp_path: Path) -> None:
    path = exported(tmp_path, {**COAT, "product_online": "2"}, SMALL, MEDIUM)
    coat = products(read_products, path)["coat"]
    assert [variant.availability for variant in coat.variants] == [Availability.DISCONTINUED] * 2


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2001-03-01 00:00:00", "2199-03-08 00:00:00", [(2001, 3, 1), (2199, 3, 9)]),
        ("3/1/01", "3/8/2099", [(2001, 3, 1), (2099, 3, 9)]),
        ("", "2199-03-08", [(2199, 3, 9)]),
        ("2001-03-01", "", [(2001, 3, 1)]),
        ("", "", []),
    ],
)
def test_a_special_price_holds_from_its_first_day_to_its_last(
    tmp_path: Path, first: str, last: str, days: list[tuple[int, int, int]]
) -> None:
    dates = {"special_price_from_date": first, "special_price_to_date": last}
    entry = read(read_products, exported(tmp_path, {**CAP, "special_price": "7", **dates}))[0]["cap"]
    assert entry.product.price == Decimal(7)
    times = {offer.valid_from for offer in entry.offers}
    assert {datetime(*day, tzinfo=UTC) for day in days} <= times
    assert len(times) == (len(days) + 1 if days else 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sku": ""}, "sku: missing"),
        ({"name": ""}, "title: Field required"),
        ({"price": "free"}, "price: not an amount with a currency"),
        ({"qty": "many"}, "qty: not a number"),
        ({"qty": "Infinity"}, "qty: not a number"),
        ({"visibility": "Not Visible Individually"}, NO_PARENT),
        ({"special_price": "1", "special_price_from_date": "2026-02-02", "special_price_to_date": "2026-02-01"},
         "special_price_to_date: the end is not after the start"),
        ({"special_price": "1", "special_price_from_date": "13/13/26"},
         "special_price_from_date: not a date or time of ISO 8601"),
        ({"base_image": "javascript:alert(1)"}, "base_image: not an http or https address"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_a_reject(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    entries, rejects = read(read_products, exported(tmp_path, COAT, SMALL, MEDIUM, {**CAP, **change}))
    assert list(entries) == ["coat"]
    assert [(reject.line, reject.reason[: len(reason)]) for reject in rejects] == [(5, reason)]


def test_a_variant_without_a_row_is_a_reject_and_its_sibling_a_variant(tmp_path: Path) -> None:
    path = exported(tmp_path, COAT, SMALL)
    entries, (reject,) = read(read_products, path)
    assert [variant.variant_id for variant in entries["coat"].product.variants] == ["coat-s"]
    assert (reject.line, reject.reason, reject.row) == (2, NO_ROW, {"sku": "coat-m", "parent_sku": "coat"})
    assert reasons(read_products, exported(tmp_path, COAT)) == [(2, NO_VARIANT), (2, NO_ROW), (2, NO_ROW)]


def test_a_translation_is_a_reject_and_no_second_product(tmp_path: Path) -> None:
    path = exported(tmp_path, CAP, {**CAP, "store_view_code": "fr", "name": "Casquette", "product_online": "2"})
    entries, rejects = read(read_products, path)
    assert (entries["cap"].product.title, entries["cap"].product.availability) == ("Cap", Availability.IN_STOCK)
    assert [(reject.line, reject.reason) for reject in rejects] == [(3, TRANSLATION)]


def test_a_table_of_the_sample_data_has_a_column_for_each_attribute(tmp_path: Path) -> None:
    text = (
        "category,name,sku,price,qty,description,activity,material,new,special_price,visibility\n"
        '"Gear\nBags\nCollections\nOther","Day bag ",bag,34,100,"<p>Big.<p>","Gym\nTravel\n","\nNylon",1,32,1\n'
    )
    assert products(read_products, written(tmp_path / "f.csv", text))["bag"] == Product(
        item_id="bag",
        title="Day bag",
        description="Big.",
        category=("Gear", "Bags"),
        price=Decimal(32),
        currency="USD",
        quantity=100,
        attributes={"activity": ("Gym", "Travel"), "material": ("Nylon",)},
    )


# --- the sample shop itself

CLOTHES = "ConfigurableSampleData_fixtures_products.csv"


@pytest.fixture
def sample_shop(data_dir: Path) -> list[Path]:
    """Its clothes, as exported, and the five tables of its gear."""
    folder = data_dir / "magento"
    return [folder / CLOTHES, *sorted(folder.glob("CatalogSampleData_fixtures_SimpleProduct_products_*.csv"))]


def source_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.realdata
def test_every_row_of_the_sample_shop_is_a_product_or_a_variant(sample_shop: list[Path]) -> None:
    clothes = products(read_products, sample_shop[0])
    rows = list(source_rows(sample_shop[0]))
    assert (len(rows), len(clothes)) == (1_994, 147)
    variants = {variant.variant_id for product in clothes.values() for variant in product.variants}
    assert (len(variants), variants | clothes.keys()) == (1_847, {row["sku"] for row in rows})
    gear = [product for path in sample_shop[1:] for product in products(read_products, path).values()]
    assert {product.item_id for product in gear} == {
        row["sku"] for path in sample_shop[1:] for row in source_rows(path)
    }
    assert len(gear) == 44


@pytest.mark.realdata
def test_texts_prices_and_options_of_the_sample_shop_are_its_own(sample_shop: list[Path]) -> None:
    clothes, rows = products(read_products, sample_shop[0]), {row["sku"]: row for row in source_rows(sample_shop[0])}
    for product in clothes.values():
        row = rows[product.item_id]
        assert product.title == " ".join(row["name"].replace("&trade;", "™").replace("&reg;", "®").split())
        assert "<" not in product.description
        assert len(product.category) >= 2
        for variant in product.offers():
            own = rows[variant.variant_id]
            options = dict(pair.split("=") for pair in own["additional_attributes"].split(","))
            assert (variant.price, variant.currency) == (Decimal(own["price"]), "USD")
            assert variant.attributes["size"] == (options["size"],)
            assert variant.attributes["color"] == (options["color"],)
            assert variant.quantity == int(own["qty"])


@pytest.mark.realdata
def test_the_sample_shop_is_loaded_and_read_back(engine: Engine, sample_shop: list[Path]) -> None:
    reports = [load_catalog(engine, path, "magento") for path in sample_shop]
    assert (sum(report.accepted for report in reports), sum(report.rejected for report in reports)) == (147 + 44, 0)
    assert sum(load_catalog(engine, path, "magento").duplicated for path in sample_shop) == 147 + 44
    rows = CatalogStore(engine).rows()
    assert (rows[Columns.ITEM].nunique(), len(rows)) == (147 + 44, 1_847 + 44)
    read_back = {path: products(read_products, path) for path in sample_shop}
    expected = {
        variant.variant_id: (product.item_id, product.title, variant.price, variant.attributes)
        for found in read_back.values()
        for product in found.values()
        for variant in product.offers()
    }
    columns = (rows[name] for name in (Columns.VARIANT, Columns.ITEM, Columns.TITLE, Columns.PRICE, Columns.ATTRIBUTES))
    assert {variant: tuple(values) for variant, *values in zip(*columns, strict=True)} == expected
    assert sum(rows_of(entry) for path in sample_shop for entry in read(read_products, path)[0].values()) == len(rows)

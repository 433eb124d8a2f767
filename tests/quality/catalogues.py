"""The rows of three shops: the demo shop, Online Retail (titles and prices) and Magento's sample shop (attributes)."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from schemas import Availability, Money, Product, ProductRow
from signals.simulator import SimulatorConfig, simulate

AS_OF: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SAID: Final = (
    "color",
    "size",
    "material",
    "pattern",
    "style_general",
    "features_bags",
    "climate",
    "activity",
    "strap_bags",
)


@cache
def demo_products() -> tuple[Product, ...]:
    return tuple(simulate(SimulatorConfig(n_products=240, n_shoppers=10, days=10, n_events=200, seed=3)).products)


@cache
def demo_rows() -> tuple[ProductRow, ...]:
    return rows_of(demo_products())


@cache
def online_retail_rows(data_dir: Path) -> tuple[ProductRow, ...]:
    """Each item once: its last title and the price of its last sale."""
    from signals.datasets.online_retail_catalog import colors_in  # noqa: PLC0415 - reads the data set, where there is one

    lines = pd.read_parquet(data_dir / "online_retail" / "online_retail.parquet")
    sold = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["Description"].notna()]
    last = sold.drop_duplicates("StockCode", keep="last")
    return tuple(
        ProductRow(
            item_id=str(code),
            variant_id=str(code),
            title=" ".join(str(title).split()),
            price=Money(Decimal(str(round(price, 2))), "GBP"),
            availability=Availability.IN_STOCK,
            attributes={"color": colors} if (colors := colors_in(str(title))) else {},
            as_of=AS_OF,
        )
        for code, title, price in zip(last["StockCode"], last["Description"], last["UnitPrice"], strict=True)
    )


@cache
def magento_rows(data_dir: Path) -> tuple[ProductRow, ...]:
    return rows_of([*_magento_clothes(data_dir / "magento"), *_magento_gear(data_dir / "magento")])


def rows_of(products: Sequence[Product]) -> tuple[ProductRow, ...]:
    """Of each product the row of its first variant that is in stock, else of its first."""
    return tuple(map(_row, products))


def _row(product: Product) -> ProductRow:
    offers = product.offers()
    offer = next((o for o in offers if o.availability is Availability.IN_STOCK and o.quantity != 0), offers[0])
    return ProductRow(
        item_id=product.item_id,
        variant_id=offer.variant_id,
        title=product.title,
        brand=product.brand,
        category=product.category,
        price=Money(offer.price, offer.currency) if offer.price is not None and offer.currency else None,
        availability=offer.availability or product.availability,
        quantity=offer.quantity,
        attributes=offer.attributes,
        as_of=AS_OF,
    )


def _magento_clothes(folder: Path) -> Iterator[Product]:
    """The configurable products, with the first of their colours and sizes."""
    rows = _read(folder / "ConfigurableSampleData_fixtures_products.csv")
    for row in rows:
        if row["product_type"] != "configurable":
            continue
        named = dict(pair.partition("=")[::2] for pair in row["additional_attributes"].split(","))
        first = row["configurable_variations"].split("|")[0]
        named |= dict(pair.partition("=")[::2] for pair in first.split(","))
        category = row["categories"].split(",")[0].split("/")[1:]
        attributes = {name: tuple(named[name].split("|")) for name in _SAID if named.get(name)}
        yield _magento(row["sku"], row["name"], row["price"], category, attributes)


def _magento_gear(folder: Path) -> Iterator[Product]:
    for name in ("gear_bags", "gear_fitness_equipment", "gear_watches"):
        for row in _read(folder / f"CatalogSampleData_fixtures_SimpleProduct_products_{name}.csv"):
            attributes = {
                name: tuple(filter(None, row[name].split("\n"))) for name in _SAID if (row.get(name) or "").strip()
            }
            yield _magento(row["sku"], row["name"], row["price"], row["category"].split("\n")[:2], attributes)


def _magento(
    sku: str, title: str, price: str, category: Sequence[str], attributes: dict[str, tuple[str, ...]]
) -> Product:
    return Product(
        item_id=sku,
        title=title,
        category=tuple(category),
        price=Decimal(price).quantize(Decimal("0.01")),
        currency="USD",
        attributes=attributes,
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))

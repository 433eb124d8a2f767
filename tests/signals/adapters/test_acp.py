"""Agentic Commerce Protocol: flat feed files by old and new names, and the products of the feed API."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from schemas.catalog import Availability, Product
from schemas.columns import Columns
from signals.adapters.acp import read_products
from signals.adapters.feeds import NO_VARIANT, SEEN_BEFORE
from signals.catalog import CatalogStore
from signals.errors import UnreadableFileError
from signals.ingest import load_catalog
from tests.signals.adapters.reading import products, read, reasons, written

BOOT: dict[str, Any] = {
    "item_id": "boot-8",
    "group_id": "boot",
    "title": "Trail boot, 8",
    "description": "Keeps <b>dry</b>.",
    "url": "https://shop.example/boot?size=8",
    "image_url": "https://shop.example/boot.jpg",
    "additional_image_urls": ["https://shop.example/boot-2.jpg"],
    "price": "79.99 USD",
    "availability": "in_stock",
    "brand": "Ridge",
    "product_category": "Shoes > Boots",
    "condition": "new",
    "material": "Leather",
    "color": "Brown",
    "variant_dict": {"Shoe Size": "8", "color": "brown"},
    "gtin": "4006381333931",
    "star_rating": "4.6",
    "review_count": 254,
    "is_eligible_search": True,
    "is_eligible_checkout": False,
    "seller_name": "Ridge",
    "listing_has_variations": True,
}
LARGER = {**BOOT, "item_id": "boot-9", "title": "Trail boot, 9", "price": "84.99 USD", "availability": "pre_order"}
LARGER |= {"variant_dict": {"Shoe Size": "9"}, "gtin": "4006381333948"}
OLD_NAMES = {
    "item_id": "id",
    "group_id": "item_group_id",
    "url": "link",
    "image_url": "image_link",
    "additional_image_urls": "additional_image_link",
    "is_eligible_search": "enable_search",
    "is_eligible_checkout": "enable_checkout",
    "star_rating": "product_review_rating",
    "review_count": "product_review_count",
}
THE_BOOT = {
    "item_id": "boot",
    "title": "Trail boot",
    "description": "Keeps dry.",
    "brand": "Ridge",
    "category": ["Shoes", "Boots"],
    "url": "https://shop.example/boot?size=8",
    "image": "https://shop.example/boot.jpg",
    "attributes": {
        "color": "Brown",
        "material": "Leather",
        "condition": "new",
        "rating": "4.6",
        "review_count": "254",
    },
    "variants": [
        {
            "variant_id": "boot-8",
            "attributes": {"shoe_size": "8", "gtin": "4006381333931"},
            "price": "79.99",
            "currency": "USD",
            "availability": "in_stock",
        },
        {
            "variant_id": "boot-9",
            "attributes": {"shoe_size": "9", "gtin": "4006381333948"},
            "price": "84.99",
            "currency": "USD",
            "availability": "preorder",
        },
    ],
}
TEE: dict[str, Any] = {
    "id": "tee",
    "title": "Tee",
    "description": {"html": "<p>Soft &amp; light</p>", "markdown": "unread"},
    "url": "https://shop.example/tee",
    "media": [
        {"type": "video", "url": "https://shop.example/tee.mp4"},
        {"type": "image", "url": "https://shop.example/tee.jpg", "alt_text": "Front", "width": 800, "height": 600},
    ],
    "variants": [
        {
            "id": "tee-red",
            "title": "Tee - red",
            "barcodes": [{"type": "EAN", "value": "4006381333931"}, {"type": "MPN", "value": "T-1"}],
            "price": {"amount": 1999, "currency": "USD"},
            "list_price": {"amount": 2499, "currency": "USD"},
            "availability": {"available": True, "status": "limited_stock"},
            "categories": [{"value": "Tops > Tees", "taxonomy": "merchant"}],
            "condition": ["new"],
            "variant_options": [{"name": "Color", "value": "Red"}, {"name": "Size", "value": "S"}],
            "media": [{"type": "image", "url": "https://shop.example/tee-red.jpg"}],
            "seller": {"name": "A shop", "links": []},
        },
        {
            "id": "tee-yen",
            "title": "Tee - blue",
            "price": {"amount": 1999, "currency": "JPY"},
            "availability": {"available": False, "status": "backorder"},
            "variant_options": [{"name": "Color", "value": "Blue"}, {"name": "Size", "value": "S"}],
        },
    ],
}


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(*rows: dict[str, Any], delimiter: str = ",") -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ",".join(value)
    return json.dumps(value) if isinstance(value, dict | bool) else value


def renamed(row: dict[str, Any]) -> dict[str, Any]:
    return {OLD_NAMES.get(name, name): value for name, value in row.items()}


@pytest.mark.parametrize("name", ["f.jsonl", "f.ndjson.gz", "f.json", "f.csv", "f.tsv"])
@pytest.mark.parametrize("is_old", [False, True])
def test_a_flat_feed_means_the_same_by_its_old_and_new_names(tmp_path: Path, name: str, is_old: bool) -> None:
    rows = [renamed(row) if is_old else row for row in (BOOT, LARGER)]
    texts = {"f.json": json.dumps({"products": rows}), "f.csv": table(*rows), "f.tsv": table(*rows, delimiter="\t")}
    path = written(tmp_path / name, texts.get(name, lines(*rows)))
    assert products(read_products, path) == {"boot": Product.model_validate(THE_BOOT)}


@pytest.mark.parametrize(
    ("name", "document"),
    [("f.jsonl", TEE), ("f.json", TEE), ("f.json", [TEE]), ("f.json", {"target_country": "US", "products": [TEE]})],
)
def test_a_product_of_the_api_has_its_variants(tmp_path: Path, name: str, document: Any) -> None:
    assert products(read_products, written(tmp_path / name, json.dumps(document))) == {
        "tee": Product.model_validate(
            {
                "item_id": "tee",
                "title": "Tee",
                "description": "Soft & light",
                "category": ["Tops", "Tees"],
                "url": "https://shop.example/tee",
                "image": "https://shop.example/tee.jpg",
                "attributes": {"size": "S"},
                "variants": [
                    {
                        "variant_id": "tee-red",
                        "attributes": {"color": "Red", "gtin": "4006381333931", "mpn": "T-1", "condition": "new"},
                        "price": "19.99",
                        "currency": "USD",
                        "availability": "in_stock",
                        "image": "https://shop.example/tee-red.jpg",
                    },
                    {
                        "variant_id": "tee-yen",
                        "attributes": {"color": "Blue"},
                        "price": "1999",
                        "currency": "JPY",
                        "availability": "out_of_stock",
                    },
                ],
            }
        )
    }


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("Plain", "Plain"),
        ({"plain": "Plain", "html": "<p>HTML</p>"}, "Plain"),
        ({"markdown": "# Care\n\n* wash **cold**\n* dry\n\n<script>alert(1)</script>"}, "Care\nwash cold\ndry"),
        ({}, ""),
        (None, ""),
    ],
)
def test_a_description_in_each_form(tmp_path: Path, description: Any, text: str) -> None:
    path = written(tmp_path / "f.jsonl", lines({**BOOT, "description": description}))
    assert products(read_products, path)["boot"].description == text


@pytest.mark.parametrize(
    ("availability", "stock"),
    [
        ("unknown", Availability.OUT_OF_STOCK),
        ({"available": True}, Availability.IN_STOCK),
        ({"available": False}, Availability.OUT_OF_STOCK),
        ({"available": False, "status": "in_stock"}, Availability.OUT_OF_STOCK),
        ({"available": False, "status": "discontinued"}, Availability.DISCONTINUED),
        ({"available": True, "status": "out_of_stock"}, Availability.OUT_OF_STOCK),
        ({"available": True, "status": "made_in_space"}, Availability.IN_STOCK),
        ({"status": "made_in_space"}, Availability.OUT_OF_STOCK),
        ({"status": "preorder"}, Availability.PREORDER),
        ({}, Availability.IN_STOCK),
    ],
)
def test_stock_is_promised_only_where_nothing_speaks_against_it(
    tmp_path: Path, availability: Any, stock: Availability
) -> None:
    path = written(tmp_path / "f.jsonl", lines({**BOOT, "availability": availability}))
    (variant,) = products(read_products, path)["boot"].variants
    assert variant.availability is stock


def test_options_by_number_are_attributes(tmp_path: Path) -> None:
    row = {
        **BOOT,
        "custom_variant1_category": "Heel Width",
        "custom_variant1_option": "Wide",
        "inventory_quantity": "7",
    }
    path = written(tmp_path / "f.jsonl", lines(row))
    product = products(read_products, path)["boot"]
    assert product.attributes["heel_width"] == ("Wide",)
    assert product.variants[0].quantity == 7


def test_a_group_may_name_itself(tmp_path: Path) -> None:
    rows = [{**row, "item_group_title": "The trail boot"} for row in (BOOT, LARGER)]
    assert products(read_products, written(tmp_path / "f.jsonl", lines(*rows)))["boot"].title == "The trail boot"


def test_a_price_in_a_number_of_json_is_no_price_and_never_a_float(tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", '{"item_id": "a", "title": "A", "price": 0.1}\n')
    _, (reject,) = read(read_products, path)
    assert (reject.reason, reject.row["price"]) == ('price: no currency; write it as "15.00 USD"', Decimal("0.1"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"item_id": None}, "item_id: missing"),
        ({"title": ["", None]}, "title: Field required"),
        ({"price": {"amount": 19.99, "currency": "USD"}}, "price.amount: not an integer of minor units"),
        ({"price": {"amount": "1999", "currency": "USD"}}, "price.amount: not an integer of minor units"),
        ({"price": {"amount": 1999}}, "price.currency: not a currency of ISO 4217 with minor units"),
        ({"price": {"amount": 10**400, "currency": "USD"}}, "price: Input should be less than or equal to"),
        ({"sale_price": "6 USD", "sale_price_effective_date": "soon"}, "sale_price_effective_date: not a start and"),
        ({"variant_dict": "{"}, "variant_dict: not JSON"),
        ({"image_url": "file:///etc/passwd"}, "image_url: not an http or https address"),
        ({"quantity": -1}, "quantity: Input should be greater than or equal to 0"),
        ({"variants": "red"}, "variants: not a list"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_a_reject_and_its_sibling_a_product(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    entries, rejects = read(read_products, written(tmp_path / "f.jsonl", lines({**BOOT, **change}, LARGER)))
    assert [(reject.line, reject.reason[: len(reason)]) for reject in rejects] == [(1, reason)]
    assert [variant.variant_id for variant in entries["boot"].product.variants] == ["boot-9"]


def test_every_variant_of_the_api_is_accounted_for(tmp_path: Path) -> None:
    red, blue = TEE["variants"]
    variants = [red, {**blue, "price": {"amount": 1.5, "currency": "USD"}}, "green", red]
    path = written(
        tmp_path / "f.jsonl", lines({**TEE, "variants": variants}, {"id": "none", "title": "N", "variants": []})
    )
    entries, rejects = read(read_products, path)
    assert [variant.variant_id for variant in entries["tee"].product.variants] == ["tee-red"]
    assert sorted((reject.line, reject.reason) for reject in rejects) == [
        (1, SEEN_BEFORE),
        (1, "price.amount: not an integer of minor units"),
        (1, "variants: not a JSON object"),
        (2, NO_VARIANT),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[1]\n", [(1, "not a JSON object")]),
        ('{"item_id": NaN}\n', [(1, "not JSON")]),
        ("[" * 100_000 + "\n", [(1, "not JSON")]),
        ('{"item_id": [[[["a"]]]], "title": {"name": {"name": "b"}}}\n', [(1, "item_id: missing")]),
    ],
)
def test_a_broken_line_is_a_reject(tmp_path: Path, text: str, found: list[tuple[int, str]]) -> None:
    assert reasons(read_products, written(tmp_path / "f.jsonl", text)) == found


def test_a_document_that_is_none_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"is no JSON document: .*; JSON Lines are for \.jsonl files"):
        read(read_products, written(tmp_path / "f.json", lines(BOOT, LARGER)))
    assert reasons(read_products, written(tmp_path / "f.json", '["a"]')) == [(1, "not a JSON object")]


def test_a_feed_is_loaded_and_read_back(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "f.jsonl", lines(BOOT, TEE, LARGER))
    assert load_catalog(engine, path, "acp").accepted == 2
    assert load_catalog(engine, path, "acp").duplicated == 2
    rows = CatalogStore(engine).rows().set_index(Columns.VARIANT)
    assert [str(price) for price in rows[Columns.PRICE]] == ["79.99", "84.99", "19.99", "1999.00"]
    assert rows.loc["tee-yen", Columns.CURRENCY] == "JPY"
    assert rows.loc["boot-9", Columns.ATTRIBUTES]["shoe_size"] == ("9",)

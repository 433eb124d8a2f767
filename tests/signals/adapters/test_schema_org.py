"""schema.org in JSON-LD: in pages, documents and lines, flat, grouped and by reference."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from schemas.catalog import Availability, Product
from schemas.columns import Columns
from signals.adapters import json_ld_files
from signals.adapters.feeds import NO_VARIANT
from signals.adapters.json_ld_files import NO_PRODUCT
from signals.adapters.schema_org import read_products
from signals.catalog import CatalogStore
from signals.errors import UnreadableFileError
from signals.ingest import load_catalog
from tests.signals.adapters.reading import products, read, reasons, written

LAMP: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "lamp-1",
    "name": "Desk lamp &amp; shade",
    "description": "<p>Warm light.</p>",
    "url": "https://shop.example/lamp",
    "image": [{"@type": "ImageObject", "contentUrl": "https://shop.example/lamp.jpg"}, "https://shop.example/2.jpg"],
    "brand": {"@type": "Brand", "name": "Glow"},
    "category": "Home > Lighting > Lamps",
    "color": "Black",
    "material": ["Steel", "Linen"],
    "gtin13": "4006381333931",
    "mpn": "GL-1",
    "itemCondition": "https://schema.org/NewCondition",
    "audience": {"@type": "PeopleAudience", "suggestedGender": "https://schema.org/Female"},
    "additionalProperty": [{"@type": "PropertyValue", "name": "Bulb Type", "value": "E27"}],
    "aggregateRating": {"@type": "AggregateRating", "ratingValue": 4.4, "reviewCount": "89"},
    "offers": {
        "@type": "Offer",
        "price": 49.90,
        "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": 12},
    },
}
THE_LAMP = {
    "item_id": "lamp-1",
    "title": "Desk lamp & shade",
    "description": "Warm light.",
    "brand": "Glow",
    "category": ["Home", "Lighting", "Lamps"],
    "url": "https://shop.example/lamp",
    "image": "https://shop.example/lamp.jpg",
    "price": "49.9",
    "currency": "EUR",
    "quantity": 12,
    "attributes": {
        "color": "Black",
        "material": ["Steel", "Linen"],
        "mpn": "GL-1",
        "gtin": "4006381333931",
        "condition": "new",
        "gender": "female",
        "rating": "4.4",
        "review_count": "89",
        "bulb_type": "E27",
    },
}
COAT: dict[str, Any] = {
    "@type": "ProductGroup",
    "@id": "#coat",
    "productGroupID": "coat",
    "name": "Rain coat",
    "brand": "Loom",
    "variesBy": ["https://schema.org/size"],
    "hasVariant": [
        {
            "@type": "Product",
            "sku": "coat-s",
            "name": "Rain coat, small",
            "size": {"@type": "SizeSpecification", "name": "S"},
            "offers": {"@type": "Offer", "price": "80.00", "priceCurrency": "EUR", "availability": "PreOrder"},
        },
        {
            "@type": "Product",
            "@id": "#coat-m",
            "sku": "coat-m",
            "size": "M",
            "offers": {"@type": "Offer", "price": "85.00", "priceCurrency": "EUR", "availability": "http://schema.org/OutOfStock"},
        },
    ],
}  # fmt: skip
THE_COAT = {
    "item_id": "coat",
    "title": "Rain coat",
    "brand": "Loom",
    "variants": [
        {
            "variant_id": "coat-s",
            "attributes": {"size": "S"},
            "price": "80",
            "currency": "EUR",
            "availability": "preorder",
        },
        {
            "variant_id": "coat-m",
            "attributes": {"size": "M"},
            "price": "85",
            "currency": "EUR",
            "availability": "out_of_stock",
        },
    ],
}
CRUMBS = {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "name": "Home", "item": "https://x"}]}


def page(*documents: Any) -> str:
    scripts = "\n".join(f'<script type="application/ld+json">{json.dumps(document)}</script>' for document in documents)
    return f"<!doctype html>\n<html><head><title>Shop</title>\n{scripts}\n</head><body><p>1 < 2</p></body></html>"


def by_reference() -> list[Any]:
    """The coat with one variant in the graph, and with both naming their group."""
    small, medium = COAT["hasVariant"]
    referring = {"@graph": [CRUMBS, medium, {**COAT, "hasVariant": [small, {"@id": "#coat-m"}]}]}
    group = {name: value for name, value in COAT.items() if name != "hasVariant"}
    named = [group, {**small, "isVariantOf": {"@id": "#coat"}}, {**medium, "inProductGroupWithID": "coat", "name": "M"}]
    return [COAT, referring, named]


def offering(*offers: Any, **more: Any) -> dict[str, Any]:
    return {**LAMP, **more, "offers": list(offers)}


def offer(price: Any, **more: Any) -> dict[str, Any]:
    return {"@type": "Offer", "price": price, "priceCurrency": "EUR", **more}


def lamp_of(tmp_path: Path, document: Any) -> Product:
    return products(read_products, written(tmp_path / "f.json", json.dumps(document)))["lamp-1"]


@pytest.mark.parametrize(
    "document",
    [
        LAMP,
        {"@context": "https://schema.org", "@graph": [CRUMBS, LAMP]},
        {"@type": "WebPage", "mainEntity": LAMP},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": LAMP}]},
        {**LAMP, "@type": ["Thing", "schema:Product"]},
        {**LAMP, "@type": "https://schema.org/Product", "isSimilarTo": {"@type": "Product", "sku": "x", "name": "X"}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["f.json", "f.jsonld", "f.jsonl", "f.html", "f.htm.gz"])
def test_a_product_is_found_wherever_it_stands(tmp_path: Path, name: str, document: Any) -> None:
    path = written(tmp_path / name, page(document) if ".htm" in name else json.dumps(document))
    assert products(read_products, path) == {"lamp-1": Product.model_validate(THE_LAMP)}


@pytest.mark.parametrize("name", ["f.json", "f.html"])
def test_a_list_may_hold_a_product(tmp_path: Path, name: str) -> None:
    documents = [CRUMBS, LAMP]
    path = written(tmp_path / name, page(documents) if name == "f.html" else json.dumps(documents))
    assert list(products(read_products, path)) == ["lamp-1"]


@pytest.mark.parametrize("document", by_reference())
def test_a_group_is_one_product_however_it_is_tied_together(tmp_path: Path, document: Any) -> None:
    path = written(tmp_path / "f.json", json.dumps(document))
    assert products(read_products, path) == {"coat": Product.model_validate(THE_COAT)}


def test_variants_of_a_group_may_stand_on_lines_apart(tmp_path: Path) -> None:
    group, small, medium = by_reference()[2]
    small = {**small, "isVariantOf": {"@type": "ProductGroup", "productGroupID": "coat", "name": "Rain coat"}}
    path = written(tmp_path / "f.jsonl", "\n".join(map(json.dumps, (small, LAMP, group, medium))))
    assert products(read_products, path) == {
        "coat": Product.model_validate(THE_COAT),
        "lamp-1": Product.model_validate(THE_LAMP),
    }


@pytest.mark.parametrize(
    ("change", "item_id"),
    [
        ({"productID": "isbn:123"}, "isbn:123"),
        ({}, "4006381333931"),
        ({"gtin13": None, "@id": "#lamp"}, "#lamp"),
        ({"gtin13": None}, "https://shop.example/lamp"),
        ({"sku": 17}, "17"),
    ],
)
def test_the_id_is_the_first_there_is(tmp_path: Path, change: dict[str, Any], item_id: str) -> None:
    path = written(tmp_path / "f.json", json.dumps({**LAMP, "sku": None, **change}))
    assert list(products(read_products, path)) == [item_id]


@pytest.mark.parametrize(
    ("offers", "price", "stock"),
    [
        ([offer("49.90")], "49.90", Availability.IN_STOCK),
        ([offer("60"), offer(55.5), offer("70")], "55.5", Availability.IN_STOCK),
        ([offer("50", availability="SoldOut"), offer("60", availability="InStock")], "60", Availability.IN_STOCK),
        ([offer("50", availability="SoldOut"), offer("4", availability="OutOfStock")], "4", Availability.OUT_OF_STOCK),
        ([offer("50"), offer("1", priceCurrency="BTC")], "50", Availability.IN_STOCK),
        ([{"@type": "AggregateOffer", "lowPrice": "9.99", "highPrice": 12, "priceCurrency": "EUR"}], "9.99",
         Availability.IN_STOCK),
        ([{"@type": "AggregateOffer", "lowPrice": "9", "offers": [offer("11"), offer("10")]}], "10",
         Availability.IN_STOCK),
        ([{"priceSpecification": [{"price": "70", "priceCurrency": "EUR", "priceType": "https://schema.org/ListPrice"},
                                  {"price": "60", "priceCurrency": "EUR"}]}], "60", Availability.IN_STOCK),
        ([offer("49.90", availability="http://schema.org/BackOrder")], "49.90", Availability.BACKORDER),
        ([offer(None, availability="Discontinued")], None, Availability.DISCONTINUED),
        ([], None, Availability.IN_STOCK),
    ],
)  # fmt: skip
def test_of_several_offers_the_cheapest_that_can_be_bought_counts(
    tmp_path: Path, offers: list[Any], price: str | None, stock: Availability
) -> None:
    lamp = lamp_of(tmp_path, offering(*offers))
    assert (lamp.price, lamp.availability) == (None if price is None else Decimal(price), stock)
    assert lamp.currency == (None if price is None else "EUR")


def test_a_price_with_an_end_is_followed_by_the_one_without(tmp_path: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    document = offering(offer("40", priceValidUntil=tomorrow.isoformat()), offer("60"))
    entry = read(read_products, written(tmp_path / "f.json", json.dumps(document)))[0]["lamp-1"]
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC) + timedelta(days=1)
    assert entry.product.price == Decimal("40")
    assert [(offer.valid_from == end, offer.price) for offer in entry.offers] == [
        (False, Decimal(40)),
        (True, Decimal(60)),
    ]


@pytest.mark.parametrize(
    ("offers", "price"),
    [
        ([offer("40", priceValidUntil="2001-01-01"), offer("60")], "60"),
        ([offer("40", priceValidUntil="2001-01-01")], "40"),
        ([offer("40", priceValidUntil="2199-01-01")], "40"),
        ([offer("70", priceValidUntil="2199-01-01"), offer("60")], "60"),
    ],
)
def test_an_end_matters_only_where_the_price_after_it_is_known(tmp_path: Path, offers: list[Any], price: str) -> None:
    assert lamp_of(tmp_path, offering(*offers)).price == Decimal(price)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": None}, "title: Field required"),
        ({"sku": None, "gtin13": None, "url": None}, "sku: missing"),
        ({"offers": offer("49,90")}, 'offers.price: not an amount with a currency, as in "15.00 USD"'),
        ({"offers": {"price": "5"}}, 'offers.price: no currency; write it as "15.00 USD"'),
        ({"offers": offer("5", availability="Perhaps")}, "offers.availability: none of in_stock, out_of_stock"),
        ({"offers": offer("5", priceValidUntil="soon")}, "offers.priceValidUntil: not a date or time of ISO 8601"),
        ({"image": "javascript:alert(1)"}, "image: not an http or https address"),
    ],
)
def test_a_product_that_cannot_be_used_is_a_reject(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    path = written(tmp_path / "f.jsonl", json.dumps(COAT) + "\n" + json.dumps({**LAMP, **change}) + "\n")
    entries, rejects = read(read_products, path)
    assert list(entries) == ["coat"]
    assert [(reject.line, reject.reason[: len(reason)]) for reject in rejects] == [(2, reason)]


def test_a_variant_that_cannot_be_used_leaves_its_siblings_alone(tmp_path: Path) -> None:
    small, medium = COAT["hasVariant"]
    group = {**COAT, "hasVariant": [{**small, "offers": offer("free")}, medium]}
    entries, (reject,) = read(read_products, written(tmp_path / "f.jsonl", json.dumps(group)))
    assert [variant.variant_id for variant in entries["coat"].product.variants] == ["coat-m"]
    assert (reject.line, reject.row["sku"]) == (1, "coat-s")


def test_a_group_with_nothing_to_sell_is_a_reject_unless_it_has_offers_of_its_own(tmp_path: Path) -> None:
    group = {name: value for name, value in COAT.items() if name != "hasVariant"}
    assert reasons(read_products, written(tmp_path / "f.json", json.dumps(group))) == [(1, NO_VARIANT)]
    sold = products(read_products, written(tmp_path / "f.json", json.dumps({**group, "offers": offer("5")})))
    assert (sold["coat"].price, sold["coat"].variants) == (Decimal(5), ())
    nameless = {**COAT, "productGroupID": None, "@id": None}
    assert (1, "productGroupID: missing") in reasons(read_products, written(tmp_path / "f.json", json.dumps(nameless)))


def test_what_holds_no_product_is_a_reject(tmp_path: Path) -> None:
    lines = written(tmp_path / "f.jsonl", json.dumps(CRUMBS) + "\n" + json.dumps(LAMP) + "\n{\n[1]\n")
    assert reasons(read_products, lines) == [(1, NO_PRODUCT), (3, "not JSON"), (4, "not a JSON object")]
    assert reasons(read_products, written(tmp_path / "f.json", "3")) == [(1, NO_PRODUCT)]
    assert reasons(read_products, written(tmp_path / "f.html", page(CRUMBS))) == [(1, NO_PRODUCT)]


def test_scripts_of_a_page_have_their_lines(tmp_path: Path) -> None:
    broken, untyped = '<script type=" Application/LD+JSON ;x">{</script>', f"<script>{json.dumps(LAMP)}</script>"
    text = page(LAMP, {**LAMP, "sku": "lamp-2", "name": ""}).replace("</head>", f"{broken}{untyped}</head>")
    path = written(tmp_path / "f.html", text)
    assert list(read(read_products, path)[0]) == ["lamp-1"]
    assert reasons(read_products, path) == [(4, "title: Field required"), (5, "not JSON")]


def test_a_page_that_breaks_off_is_a_reject(tmp_path: Path) -> None:
    text = page(LAMP)
    (reject,) = read(read_products, written(tmp_path / "f.html", text[: text.index("</script>") - 9]))[1]
    assert (reject.line, reject.reason) == (3, "not JSON")


def test_a_page_that_cannot_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.html"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableFileError, match="is not UTF-8; save the page as UTF-8"):
        read(read_products, path)
    monkeypatch.setattr(json_ld_files, "MAX_PAGE_BYTES", 10)
    with pytest.raises(UnreadableFileError, match="has more than 10 bytes"):
        read(read_products, written(path, page(LAMP)))


@pytest.mark.parametrize(
    "document",
    [
        {"@type": "Product", "@id": "#a", "sku": "a", "name": "A", "isVariantOf": {"@id": "#a"}},
        {"@type": "ProductGroup", "@id": "#a", "name": "A", "hasVariant": {"@id": "#a"}},
        {"@graph": {"@graph": {"@type": "Product", "sku": {"name": ["x"]}, "name": {"@value": {"name": "y"}}}}},
        {"@type": {"@type": 1}, "@id": 5, "hasVariant": [1, None, {"@id": 5}]},
        {"@type": "Product", "sku": "a", "name": "A", "offers": [1, {"offers": 2, "price": {"a": 1}}], "brand": [[]]},
    ],
)
def test_twisted_documents_end_somewhere(tmp_path: Path, document: Any) -> None:
    entries, rejects = read(read_products, written(tmp_path / "f.json", json.dumps(document)))
    assert len(entries) + len(rejects) >= 1


def test_a_page_is_loaded_and_read_back(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "f.html", page(LAMP, COAT))
    assert load_catalog(engine, path, "schema-org").accepted == 2
    assert load_catalog(engine, path, "schema-org").duplicated == 2
    rows = CatalogStore(engine).rows()
    assert rows[Columns.VARIANT].tolist() == ["coat-s", "coat-m", "lamp-1"]
    assert [str(price) for price in rows[Columns.PRICE]] == ["80.00", "85.00", "49.90"]

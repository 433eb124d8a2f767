"""Google Merchant feeds as tables and as XML, kind and malicious."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from schemas.catalog import Availability, Product
from signals.adapters import feed_xml
from signals.adapters.feeds import SEEN_BEFORE
from signals.adapters.google_merchant import read_products
from signals.errors import UnreadableFileError
from tests.signals.adapters.reading import products, read, reasons, written

COLUMNS = [
    *("id", "title", "description", "link", "image_link", "additional_image_link", "price", "sale_price"),
    *("sale_price_effective_date", "availability", "brand", "google_product_category", "product_type", "item_group_id"),
    *("color", "size", "material", "pattern", "gender", "age_group", "condition", "gtin", "mpn", "shipping"),
]
SHIRT = {
    "id": "shirt-red-m",
    "title": "Linen shirt - red, M",
    "description": "<p>Cool in summer.</p><ul><li>Loose fit</li></ul>",
    "link": "https://shop.example/shirt?variant=1",
    "image_link": "https://shop.example/shirt-red.jpg",
    "additional_image_link": "https://shop.example/back.jpg,https://shop.example/side.jpg",
    "price": "45.00 USD",
    "availability": "in stock",
    "brand": "Loom &amp; Co",
    "google_product_category": "Apparel & Accessories > Clothing > Shirts",
    "product_type": "Summer > Shirts",
    "item_group_id": "shirt",
    "color": "Red/White",
    "size": "M",
    "material": "Linen/Cotton",
    "pattern": "Striped",
    "gender": "unisex",
    "age_group": "adult",
    "condition": "new",
    "gtin": "04006381333931",
    "mpn": "LS-1",
    "shipping": "US:::5 USD",
}
BLUE = {
    **SHIRT,
    "id": "shirt-blue-l",
    "title": "Linen shirt - blue, L",
    "price": "49.50 USD",
    "availability": "Out_Of_Stock",
    "color": "Blue",
    "size": "L",
    "image_link": "https://shop.example/shirt-blue.jpg",
}
MUG = {"id": "mug", "title": "Mug", "price": "9 EUR", "availability": "preorder", "google_product_category": "2169"}
SALE = {"id": "pot", "title": "Pot", "price": "30 USD", "sale_price": "24.5 USD", "availability": "in_stock"}


def table(*rows: dict[str, str], delimiter: str = "\t", names: list[str] = COLUMNS) -> str:
    lines = [names, *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "".join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in line) + "\n" for line in lines)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def rss(*rows: dict[str, str]) -> str:
    items = "".join(
        "<item>\n" + "".join(f"<g:{name}>{escaped(value)}</g:{name}>\n" for name, value in row.items()) + "</item>\n"
        for row in rows
    )
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>A shop</title>\n'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}{items}</channel></rss>'


def the_shirt() -> Product:
    return Product.model_validate(
        {
            "item_id": "shirt",
            "title": "Linen shirt",
            "description": "Cool in summer.\nLoose fit",
            "brand": "Loom & Co",
            "category": ["Apparel & Accessories", "Clothing", "Shirts"],
            "url": "https://shop.example/shirt?variant=1",
            "image": "https://shop.example/shirt-red.jpg",
            "attributes": {
                "material": ["Linen", "Cotton"],
                "pattern": "Striped",
                "gender": "unisex",
                "age_group": "adult",
                "condition": "new",
                "gtin": "04006381333931",
                "mpn": "LS-1",
            },
            "variants": [
                {
                    "variant_id": "shirt-red-m",
                    "attributes": {"color": ["Red", "White"], "size": "M"},
                    "price": "45.00",
                    "currency": "USD",
                    "availability": "in_stock",
                },
                {
                    "variant_id": "shirt-blue-l",
                    "attributes": {"color": "Blue", "size": "L"},
                    "price": "49.50",
                    "currency": "USD",
                    "availability": "out_of_stock",
                    "image": "https://shop.example/shirt-blue.jpg",
                },
            ],
        }
    )


@pytest.mark.parametrize("name", ["f.tsv", "f.txt", "f.csv", "f.tsv.gz", "f.xml", "f.xml.gz", "f.rss"])
def test_a_feed_means_the_same_in_every_file(tmp_path: Path, name: str) -> None:
    rows = [SHIRT, MUG, BLUE]
    is_xml = ".xml" in name or ".rss" in name
    path = written(tmp_path / name, rss(*rows) if is_xml else table(*rows, delimiter="," if ".csv" in name else "\t"))
    found = products(read_products, path)
    assert found["shirt"] == the_shirt()
    assert found["mug"] == Product.model_validate(
        {"item_id": "mug", "title": "Mug", "price": "9", "currency": "EUR", "availability": "preorder"}
    )


def test_columns_are_known_in_other_spellings(tmp_path: Path) -> None:
    names = ["g:" + name.upper().replace("_", " ") for name in COLUMNS]
    path = written(tmp_path / "f.tsv", "\ufeff" + table(SHIRT, BLUE, names=names))
    assert products(read_products, path)["shirt"] == the_shirt()


def test_a_sale_without_dates_is_the_price(tmp_path: Path) -> None:
    entries, _ = read(read_products, written(tmp_path / "f.tsv", table(SALE)))
    assert (entries["pot"].product.price, entries["pot"].offers) == (Decimal("24.5"), ())


@pytest.mark.parametrize(
    ("dates", "price"),
    [
        ("2001-03-01T08:00-0800/2001-03-08", "30"),
        ("2001-03-01T08:00-0800/2199-03-08", "24.5"),
        ("2199-03-01T08:00-0800/2199-03-08", "30"),
    ],
)
def test_a_sale_with_dates_becomes_offers_wherever_they_lie(tmp_path: Path, dates: str, price: str) -> None:
    path = written(tmp_path / "f.tsv", table({**SALE, "sale_price_effective_date": dates}))
    entry = read(read_products, path)[0]["pot"]
    start, end = (int(part[:4]) for part in dates.split("/"))
    offers = {offer.valid_from: offer.price for offer in entry.offers}
    assert entry.product.price == Decimal(price)
    assert offers[datetime(start, 3, 1, 16, tzinfo=UTC)] == Decimal("24.5")
    assert offers[datetime(end, 3, 9, tzinfo=UTC)] == Decimal("30")
    assert len(offers) == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, "id: missing"),
        ({"title": ""}, "title: Field required"),
        ({"title": "<b></b>"}, "title: Field required"),
        ({"price": "45"}, 'price: no currency; write it as "15.00 USD"'),
        ({"sale_price": "free"}, 'sale_price: not an amount with a currency, as in "15.00 USD"'),
        ({"sale_price": "1 USD", "sale_price_effective_date": "2026-03-08/2026-03-01"},
         "sale_price_effective_date: the end is not after the start"),
        ({"availability": "soon"}, "availability: none of in_stock, out_of_stock, preorder, backorder, discontinued"),
        ({"link": "javascript:alert(1)"}, "link: not an http or https address"),
        ({"id": "x" * 257}, "variants.variant_id: String should have at most 256 characters"),
        ({"title": "x" * 501}, "title: String should have at most 500 characters"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_a_reject_and_its_sibling_a_product(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    path = written(tmp_path / "f.tsv", table({**SHIRT, **change}, BLUE))
    entries, rejects = read(read_products, path)
    assert [(reject.line, reject.reason) for reject in rejects] == [(2, reason)]
    assert [variant.variant_id for variant in entries["shirt"].product.variants] == ["shirt-blue-l"]


def test_every_line_of_a_table_is_accounted_for(tmp_path: Path) -> None:
    lines = table(SHIRT, MUG, MUG).splitlines()
    text = "\n".join([*lines[:3], "", "too\tfew", lines[3]]) + "\n\t\t\n"
    assert reasons(read_products, written(tmp_path / "f.tsv", text)) == [
        (5, "the number of fields differs from the header's"),
        (6, SEEN_BEFORE),
        (7, "the number of fields differs from the header's"),
    ]


def test_a_row_that_is_not_utf_8_is_a_reject(tmp_path: Path) -> None:
    path = tmp_path / "f.tsv"
    path.write_bytes(b"id\ttitle\na\tCaf\xe9\nb\tTea\n")
    assert reasons(read_products, path) == [(2, "not UTF-8")]


def test_a_table_without_ids_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="lacks the column 'id'; it has: sku, title"):
        read(read_products, written(tmp_path / "f.tsv", "sku\ttitle\n"))
    with pytest.raises(UnreadableFileError, match="lacks the column 'id'; it has: none"):
        read(read_products, written(tmp_path / "f.csv", ""))


def test_atom_entries_are_read_by_their_own_names(tmp_path: Path) -> None:
    text = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
      <title>A shop</title><link rel="self" href="https://shop.example/feed"/>
      <entry>
        <id>tag:shop.example,2026:1</id><g:id>pan</g:id><title>Pan</title><summary>Cast iron</summary>
        <link href="https://shop.example/pan"/><g:price>20 GBP</g:price><g:availability>backorder</g:availability>
        <g:shipping><g:country>GB</g:country><g:price>3 GBP</g:price></g:shipping>
        <g:additional_image_link>https://shop.example/1.jpg</g:additional_image_link>
        <g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
      </entry></feed>"""
    assert products(read_products, written(tmp_path / "f.atom", text))["pan"] == Product(
        item_id="pan",
        title="Pan",
        description="Cast iron",
        price=Decimal("20"),
        currency="GBP",
        availability=Availability.BACKORDER,
        url="https://shop.example/pan",
        image="https://shop.example/1.jpg",
    )


def test_rejects_of_xml_have_the_line_their_item_begins_on(tmp_path: Path) -> None:
    path = written(tmp_path / "f.xml", rss(MUG, {"title": "No id"}, SALE))
    assert reasons(read_products, path) == [(10, "id: missing")]


def test_an_item_too_long_to_hold_is_a_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_xml, "MAX_ITEM_CHARACTERS", 1_000)
    path = written(tmp_path / "f.xml", rss({**MUG, "description": "x" * 2_000}, SALE))
    assert reasons(read_products, path) == [(3, "the item is longer than 1000 characters")]


BOMB = '<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
FILE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REMOTE = '<!DOCTYPE rss SYSTEM "http://attacker.example/rss.dtd">'


@pytest.mark.parametrize("declaration", [BOMB, FILE, REMOTE])
def test_a_document_type_is_refused_before_it_does_anything(tmp_path: Path, declaration: str) -> None:
    head, body = rss({**MUG, "description": "x"}).split("\n", 1)
    text = f"{head}{declaration}{body.replace('>x<', '>&a;<')}"
    with pytest.raises(UnreadableFileError, match="declares a document type, which no feed needs"):
        read(read_products, written(tmp_path / "f.xml", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (rss(MUG)[:-20], "is not well-formed XML: line 9: "),
        (rss(MUG).replace("Mug", "&nbsp;Mug"), "is not well-formed XML: line 5: undefined entity"),
        ("", "is not well-formed XML: .*no element found"),
        ('<?xml version="1.0" encoding="klingon"?><rss/>', "is not well-formed XML: "),
    ],
)
def test_broken_xml_says_where_and_stores_nothing(tmp_path: Path, text: str, message: str) -> None:
    chunks = read_products(written(tmp_path / "f.xml", text))
    with pytest.raises(UnreadableFileError, match=message):
        next(chunks)


def test_scripts_in_any_field_are_gone(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>Nice"
    fields = ("title", "description", "brand", "google_product_category", "color", "size", "material")
    path = written(tmp_path / "f.xml", rss({**SHIRT, **dict.fromkeys(fields, evil)}))
    product = products(read_products, path)["shirt"]
    assert (product.title, product.description, product.brand, product.category) == ("Nice", "Nice", "Nice", ("Nice",))
    assert product.attributes["size"] == ("Nice",)
    assert "<" not in product.model_dump_json()

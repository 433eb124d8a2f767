"""Whatever JSON a line holds, it becomes products and rejects, and never an exception."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.adapters import acp, schema_org
from tests.signals.adapters.reading import Reader, read

WORDS = st.sampled_from(["a", "1", "5 USD", "InStock", "Product", "ProductGroup", "#a", "https://x", "\ud800", "<p>"])
NUMBERS = st.integers(-1, 10**30) | st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.floats(0, 10)
NAMES = [
    *("item_id", "id", "group_id", "title", "description", "price", "sale_price", "availability", "variants", "media"),
    *("sale_price_effective_date", "quantity", "variant_dict", "variant_options", "barcodes", "categories", "amount"),
    *("currency", "type", "value", "name", "url", "@id", "@type", "@graph", "sku", "offers", "hasVariant", "brand"),
    *("productGroupID", "isVariantOf", "image", "aggregateRating", "additionalProperty", "priceCurrency"),
    *("priceValidUntil", "priceSpecification", "available", "status", "plain", "markdown", "lowPrice"),
]
VALUES = st.recursive(
    WORDS | NUMBERS | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)


@pytest.mark.parametrize("reader", [acp.read_products, schema_org.read_products])
@given(objects=st.lists(OBJECTS, min_size=1, max_size=4))
def test_any_object_is_products_and_rejects(reader: Reader, objects: list[dict[str, Any]]) -> None:
    sound = {"item_id": "sound", "sku": "sound", "@type": "Product", "title": "Sound", "name": "Sound"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.jsonl"
        path.write_text("".join(json.dumps(each) + "\n" for each in [*objects, sound]))
        entries, _ = read(reader, path)
    assert "sound" in entries

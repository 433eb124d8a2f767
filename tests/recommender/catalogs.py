"""Small catalogues as the frame that the catalogue store gives: one row per variant."""

from decimal import Decimal

import numpy as np
import pandas as pd

from recommender.ids import IdMap


def variant(item_id, variant_id=None, **fields):
    row = {
        "item_id": item_id,
        "variant_id": variant_id or item_id,
        "title": f"Thing {item_id}",
        "description": "",
        "brand": None,
        "category": (),
        "attributes": {},
        "price": Decimal(10),
        "currency": "GBP",
        "availability": "in_stock",
        "quantity": None,
        "url": None,
        "image": None,
    }
    return row | fields


def frame(*rows):
    return pd.DataFrame(list(rows)).astype({"quantity": "Float64"})


def random_catalog(seed: int, n_items: int) -> tuple[pd.DataFrame, IdMap]:
    """Items with one to three variants whose price, stock, colour and category vary."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(n_items):
        category = str(draw.choice(["Mugs", "Lamps", "Bags"]))
        rows += [
            variant(
                f"item-{number:03d}",
                f"item-{number:03d}-{part}",
                category=("Home", category),
                attributes={"color": (str(draw.choice(["red", "blue"])),)},
                price=Decimal(int(draw.integers(1, 30))),
                availability=str(draw.choice(["in_stock", "out_of_stock"])),
            )
            for part in range(int(draw.integers(1, 4)))
        ]
    return frame(*rows), IdMap.from_ids(row["item_id"] for row in rows)

"""Column names of the frames that pass between packages, spelt once."""

from typing import Final


class Columns:
    USER: Final = "user_id"
    ITEM: Final = "item_id"
    VARIANT: Final = "variant_id"
    KIND: Final = "kind"
    WEIGHT: Final = "weight"
    FIRST_AT: Final = "first_at"
    LAST_AT: Final = "last_at"
    OCCURRED_AT: Final = "occurred_at"
    SCORE: Final = "score"
    TITLE: Final = "title"
    DESCRIPTION: Final = "description"
    BRAND: Final = "brand"
    CATEGORY: Final = "category"
    ATTRIBUTES: Final = "attributes"
    PRICE: Final = "price"
    CURRENCY: Final = "currency"
    AVAILABILITY: Final = "availability"
    QUANTITY: Final = "quantity"
    IMAGE: Final = "image"
    URL: Final = "url"

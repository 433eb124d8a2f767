"""The storefront's side: the Python API, the view of the shop that requests read, and how one request is answered."""

from recommender.shop.requests import ANYTHING_IN_STOCK
from recommender.shop.storefront import Shop

__all__ = ["ANYTHING_IN_STOCK", "Shop"]

"""Requests to three shops, each with the wishes that a person reads in it: how many are understood to the letter.

The floor is for the requests with odd numbers; those with even numbers were read while the rules were made.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import ProductRow, Wishes
from tests.quality.catalogues import demo_rows, magento_rows, online_retail_rows
from tests.quality.labelled_requests import SHOPS, LabelledRequest, agree, labelled_requests
from tests.quality.test_grounded_replies import Record

FLOOR = 0.95
DEMO_FLOOR = 0.93
ROWS: dict[str, Callable[[Path], tuple[ProductRow, ...]]] = {
    "demo": lambda _: demo_rows(),
    "magento": magento_rows,
    "online_retail": online_retail_rows,
}


def share(requests: list[LabelledRequest], vocabularies: dict[str, Vocabulary]) -> float:
    """The share of requests whose wishes are exactly those that they are labelled with."""
    read = [understand(request.text, vocabularies[request.shop]).wishes for request in requests]
    return sum(map(agree, read, [request.wishes for request in requests])) / len(requests)


def halves(shops: tuple[str, ...]) -> tuple[list[LabelledRequest], list[LabelledRequest]]:
    everything = [request for shop in shops for request in labelled_requests(shop)]
    building = [request for request in everything if request.is_for_development]
    return building, [request for request in everything if not request.is_for_development]


def test_requests_to_the_demo_shop_are_understood_to_the_letter() -> None:
    vocabularies = {"demo": Vocabulary.from_rows(demo_rows())}
    assert min(share(half, vocabularies) for half in halves(("demo",))) >= DEMO_FLOOR


@pytest.mark.realdata
def test_requests_to_three_shops_are_understood_to_the_letter(data_dir: Path, record_property: Record) -> None:
    vocabularies = {shop: Vocabulary.from_rows(rows(data_dir)) for shop, rows in ROWS.items()}
    building, unseen = halves(SHOPS)
    shares = {"building": share(building, vocabularies), "unseen": share(unseen, vocabularies)}
    for name, understood in shares.items():
        record_property(name, f"{understood:.3f}")
    sys.stdout.write(
        f"\n{len(building)} requests built on: {shares['building']:.3f}, {len(unseen)} others: {shares['unseen']:.3f}\n"
    )
    assert len(building) + len(unseen) >= 300
    assert len(unseen) >= 150
    assert shares["unseen"] >= FLOOR


def test_no_request_is_labelled_twice() -> None:
    texts = [(shop, request.text.casefold()) for shop in SHOPS for request in labelled_requests(shop)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    "other",
    [{"keywords": ("mug",)}, {"keywords": ("mugs", "tea"), "in_stock": True}, {"category": ("Mugs", "Tea")}, {}],
)
def test_readings_agree_in_every_field_or_not_at_all(other: dict[str, object]) -> None:
    assert agree(Wishes(keywords=("mugs", "tea")), Wishes(keywords=("tea", "mug")))
    assert not agree(Wishes(keywords=("mugs", "tea")), Wishes.model_validate(other))

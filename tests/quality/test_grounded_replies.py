"""Nothing ungrounded is released, whoever writes: every released sentence goes through the second checker."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.conversation.model_writer import ModelWriter
from tests.quality.adversaries import AdversarialWriter
from tests.quality.catalogues import demo_products, demo_rows, magento_rows, online_retail_rows
from tests.quality.replies import Measured, TestedShop, measure

N_QUICK, N_ADVERSARIAL, N_COMPACT = 150, 8_000, 2_000
N_COMPACT_QUICK = 12
SHOWN = 40

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def demo() -> TestedShop:
    return TestedShop("demo", demo_rows(), demo_products())


@pytest.fixture(scope="module")
def shops(demo: TestedShop, data_dir: Path) -> list[TestedShop]:
    return [
        demo,
        TestedShop("magento", magento_rows(data_dir)),
        TestedShop("online_retail", online_retail_rows(data_dir)),
    ]


def adversary_of(shop: TestedShop) -> Callable[[np.random.Generator], AdversarialWriter]:
    return lambda rng: AdversarialWriter(shop.rows, rng)


def is_grounded(measured: Measured, record_property: Record) -> None:
    for origin, share in measured.shares().items():
        record_property(f"from {origin}", share)
    record_property("replies", measured.replies)
    record_property("ungrounded", len(measured.offenders))
    sys.stdout.write(f"\n{measured.replies} replies, {sum(measured.origins.values())} sentences, {measured.shares()}\n")
    first = "\n".join(sorted(set(measured.offenders))[:SHOWN])
    assert not measured.offenders, f"{len(measured.offenders)} released sentences say more than the rows:\n{first}"


def test_the_templates_replies_hold_nothing_ungrounded(demo: TestedShop, record_property: Record) -> None:
    measured = Measured()
    measure(demo, N_QUICK, lambda _: None, seed=1, into=measured)
    is_grounded(measured, record_property)


def test_an_adversary_gets_no_lie_past_the_check(demo: TestedShop, record_property: Record) -> None:
    measured = Measured()
    measure(demo, N_QUICK, adversary_of(demo), seed=2, into=measured)
    is_grounded(measured, record_property)


def test_some_of_what_an_adversary_writes_is_released_and_some_is_not(demo: TestedShop) -> None:
    measured = Measured()
    measure(demo, N_QUICK, adversary_of(demo), seed=3, into=measured)
    shares = {origin: float(share) for origin, share in measured.shares().items()}
    assert 0.02 < shares["model"] < 0.9
    assert shares["retry"] > 0.01
    assert shares["template"] > 0.05


@pytest.mark.full
@pytest.mark.realdata
@pytest.mark.timeout(7_200)
def test_eight_thousand_adversarial_replies_over_three_shops(shops: list[TestedShop], record_property: Record) -> None:
    measured = Measured()
    for number, shop in enumerate(shops):
        count = N_ADVERSARIAL // len(shops) + (number < N_ADVERSARIAL % len(shops))
        measure(shop, count, adversary_of(shop), seed=10 + number, into=measured)
    assert measured.replies == N_ADVERSARIAL
    is_grounded(measured, record_property)


@pytest.mark.full
@pytest.mark.realdata
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("number", range(3), ids=["demo", "magento", "online_retail"])
def test_two_thousand_replies_by_the_compact_writer(
    number: int, shops: list[TestedShop], record_property: Record
) -> None:
    """A third of them over each shop."""
    model = TransformersWriter.load(str(CHECKPOINT))
    count = N_COMPACT // len(shops) + (number < N_COMPACT % len(shops))
    measured = Measured()
    measure(shops[number], count, lambda _: ModelWriter(model), seed=20 + number, into=measured)
    is_grounded(measured, record_property)


def test_the_compact_writers_replies_hold_nothing_ungrounded(demo: TestedShop, record_property: Record) -> None:
    model = TransformersWriter.load(str(CHECKPOINT))
    measured = Measured()
    measure(demo, N_COMPACT_QUICK, lambda _: ModelWriter(model), seed=4, into=measured)
    is_grounded(measured, record_property)

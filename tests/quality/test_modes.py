"""The modes are worth their time: fast for a single wish, contemplating for what shopping cannot do."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from recommender import Shop
from schemas import Message, Mode
from tests.quality.catalogues import AS_OF
from tests.quality.checker import Checker, Lexicon
from tests.quality.frames import HELD_OUT
from tests.quality.modes import compare, requests, share, single_wishes
from tests.quality.real_shops import KEPT, SHOPS, RealShop, build
from tests.quality.replies import evidence_of
from tests.recommender.fake_encoder import FakeEncoder

pytestmark = pytest.mark.realdata
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def magento(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> RealShop:
    """One of the shops, small enough to be trained for a sample."""
    return build("magento", data_dir, tmp_path_factory.mktemp("magento"), FakeEncoder())


@pytest.fixture(scope="module")
def shops(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[RealShop]:
    folder = Path(os.environ.get(KEPT) or tmp_path_factory.mktemp("shops"))
    return [build(name, data_dir, folder) for name in SHOPS]


def test_of_a_sample_contemplating_repairs_much_and_breaks_little(magento: RealShop, data_dir: Path) -> None:
    compared = compare(requests(data_dir, [magento], HELD_OUT, share=0.5), [magento])
    assert len(compared.outcomes) == 30
    assert share(compared.repaired) >= 0.3
    assert share(compared.broken) <= 0.1


def test_of_a_sample_fast_satisfies_single_wishes_and_contemplating_leaves_them_alone(magento: RealShop) -> None:
    compared = compare(single_wishes([magento], HELD_OUT, share=0.3), [magento], before=Mode.FAST)
    assert share(compared.satisfied) >= 0.8
    assert share(compared.broken) <= 0.1


def test_what_is_said_in_contemplating_is_borne_out_by_the_rows(magento: RealShop, data_dir: Path) -> None:
    """By the second checker; among it what sets cost together. A question at the end says nothing of a product."""
    totals = 0
    with Shop.open(magento.url, magento.artifacts, "none", encoder=magento.encoder) as shop:
        checker = Checker(Lexicon.of(tuple(shop._serving.view().columns.product_rows(AS_OF))))
        for asked in requests(data_dir, [magento], HELD_OUT, share=0.5):
            messages = [Message(role="user", content=asked.text)]
            reply = shop.chat(messages, user_id=asked.user_id, mode=Mode.CONTEMPLATING)
            told = reply.sentences if reply.question is None else reply.sentences[:-1]
            said = [sentence.text for sentence in told]
            assert checker.reply(said, evidence_of(reply, messages)) == [], asked.text
            totals += sum(claim.field == "total" for claim in reply.claims)
    assert totals >= 5


def test_the_second_checker_knows_a_wrong_total(magento: RealShop) -> None:
    text = "a bag and two jackets under $300 together"
    with Shop.open(magento.url, magento.artifacts, "none", encoder=magento.encoder) as shop:
        checker = Checker(Lexicon.of(tuple(shop._serving.view().columns.product_rows(AS_OF))))
        reply = shop.chat([{"role": "user", "content": text}], mode=Mode.CONTEMPLATING)
    evidence = evidence_of(reply, [Message(role="user", content=text)])
    (total,) = [claim.value for claim in reply.claims if claim.field == "total"]
    for sentence in ("Together, as you asked for them, they come to {}.", "Put together, they come to {}."):
        assert checker.check(sentence.format(total), evidence) == []
        assert checker.check(sentence.format("$1.00"), evidence) != []
    assert checker.check(f"Together they come to {total}.", replace(evidence, quantities={})) != []


@pytest.mark.full
@pytest.mark.timeout(7_200)
def test_contemplating_repairs_what_shopping_gets_wrong_and_breaks_little(
    shops: list[RealShop], data_dir: Path, record_property: Record
) -> None:
    compared = compare(requests(data_dir, shops, HELD_OUT), shops)
    record_property("requests", len(compared.outcomes))
    record_property("repaired", f"{share(compared.repaired):.3f}")
    record_property("broken", f"{share(compared.broken):.3f}")
    assert len(compared.outcomes) == 200
    assert share(compared.repaired) >= 0.3, compared.by_kind()
    assert share(compared.broken) < 0.03, compared.by_kind()


@pytest.mark.full
@pytest.mark.timeout(7_200)
def test_fast_satisfies_single_wishes_and_contemplating_breaks_few(
    shops: list[RealShop], record_property: Record
) -> None:
    compared = compare(single_wishes(shops, HELD_OUT), shops, before=Mode.FAST)
    record_property("satisfied@5", f"{share(compared.satisfied):.3f}")
    record_property("broken", f"{share(compared.broken):.3f}")
    assert len(compared.outcomes) >= 200
    assert share(compared.satisfied) >= 0.8
    assert share(compared.broken) < 0.03

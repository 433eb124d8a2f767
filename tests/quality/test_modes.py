"""The modes are worth their time: fast for a single wish, contemplating for what shopping cannot do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas import Mode
from tests.quality.frames import HELD_OUT
from tests.quality.modes import compare, requests, share, single_wishes
from tests.quality.real_shops import SHOPS, RealShop, build
from tests.recommender.fake_encoder import FakeEncoder

pytestmark = pytest.mark.realdata
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def magento(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> RealShop:
    """One of the shops, small enough to be trained for a sample."""
    return build("magento", data_dir, tmp_path_factory.mktemp("magento"), FakeEncoder())


@pytest.fixture(scope="module")
def shops(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[RealShop]:
    folder = tmp_path_factory.mktemp("shops")
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

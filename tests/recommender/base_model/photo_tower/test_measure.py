"""What is measured is what is said to be measured."""

from pathlib import Path

import numpy as np
import pytest

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower import CALIBRATION, WEIGHTS
from recommender.base_model.photo_tower.calibration import Sureness, load_calibration, save_calibration, with_others
from recommender.base_model.photo_tower.data import SIMULATOR, Labelled, PhotoSet
from recommender.base_model.photo_tower.figures import Choice
from recommender.base_model.photo_tower.measure import calibrated, in_words
from recommender.errors import EncoderError

AXES = ("Blue", "Green", "Red", "Mugs", "Ties", "Men")
NOTHING = np.empty((0, len(AXES)), dtype=np.float32)


def one_axis_each(texts):
    rows = np.array([[float(word.lower() in text.lower()) for word in AXES] for text in texts], dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


ENCODER = TwoTowers("axes", "0", len(AXES), one_axis_each, photos=lambda photos: one_axis_each(["red"] * len(photos)))


def photos(*values: dict[str, str]) -> PhotoSet:
    """Titled with all their values."""
    labels = tuple(Labelled(SIMULATOR, " ".join(one.values()), one) for one in values)
    return PhotoSet(np.zeros((len(labels), 1, 1, 3), dtype=np.uint8), labels)


def test_calibration_reaches_the_precision_and_says_as_much_as_it_may():
    rng = np.random.default_rng(0)
    right = rng.integers(0, 3, 600)
    vectors = np.eye(len(AXES))[right] + rng.normal(0, 0.6, (600, len(AXES)))
    colored = photos(*({"color": AXES[place]} for place in right))
    found = Choice(ENCODER, vectors.astype(np.float32), colored, "color", NOTHING)
    assert found.top1 < 0.9
    sureness = calibrated([(found, 0.95)], NOTHING)
    precision, coverage = found.seen(sureness)
    assert 0.94 <= precision <= 0.97
    assert coverage > 0.4
    assert found.seen(Sureness(sureness.scale, 0.0, NOTHING))[1] == 1


def test_shares_add_up_and_keep_the_order():
    shares = Sureness(scale=30, least=0, others=NOTHING).shares(np.array([[0.1, 0.3, 0.2]], dtype=np.float32))
    assert shares.sum() == pytest.approx(1)
    assert shares.argsort().tolist() == [[0, 2, 1]]


def test_a_photo_is_put_into_the_words_of_what_is_predicted():
    shown = photos(
        *({"gender": "Men", "color": color, "category": name} for color, name in (("Red", "Mugs"), ("Blue", "Ties")))
    )
    assert in_words(ENCODER, one_axis_each(["blue mugs", "blue ties"]), shown) == ["Men Blue Mugs", "Men Blue Ties"]


def test_a_calibration_is_read_as_it_was_written(tmp_path: Path):
    calibration = {"color": Sureness(30.5, 0.7, np.eye(3, dtype=np.float32)), "category": Sureness(40, 0.5, NOTHING)}
    save_calibration(calibration, tmp_path / "calibration.safetensors")
    found = load_calibration(tmp_path / "calibration.safetensors")
    assert set(found) == set(calibration)
    for kind, sureness in calibration.items():
        assert (found[kind].scale, found[kind].least) == (sureness.scale, sureness.least)
        np.testing.assert_array_equal(found[kind].others, sureness.others)


def test_a_missing_or_damaged_calibration_is_refused(tmp_path: Path):
    path = tmp_path / "calibration.safetensors"
    with pytest.raises(EncoderError, match="cannot be used"):
        load_calibration(path)
    path.write_bytes(CALIBRATION.read_bytes()[:-40])
    with pytest.raises(EncoderError, match="cannot be used"):
        load_calibration(path)


def test_others_that_mean_the_same_as_a_value_do_not_compete_with_it():
    values = np.eye(3, dtype=np.float32)[:1]
    others = np.array([[0.8, 0.6, 0], [0.6, 0.8, 0], [0, 0, 1]], dtype=np.float32)
    np.testing.assert_array_equal(with_others(values, others), np.concatenate([values, others[1:]]))


def test_the_bundled_calibration_is_for_what_photos_show():
    assert set(load_calibration()) == {"category", "color"}


def test_the_bundled_tower_is_small():
    assert WEIGHTS.stat().st_size <= 9_000_000

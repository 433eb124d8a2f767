"""What is measured is what is said to be measured."""

import numpy as np
import pytest

from recommender.base_model.encoder import TwoTowers
from recommender.base_model.photo_tower.calibration import Sureness
from recommender.base_model.photo_tower.data import SIMULATOR, Labelled, PhotoSet
from recommender.base_model.photo_tower.figures import Choice, recall, zero_shot

COLORS = ("Blue", "Green", "Red")
NOTHING = np.empty((0, 3), dtype=np.float32)
BLUE, GREEN, RED, UNSURE = [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.5, 0.49, 0.48]


def one_axis_each(texts):
    rows = [[float(color.lower() in text.lower()) for color in COLORS] for text in texts]
    return np.array(rows, dtype=np.float32)


ENCODER = TwoTowers("axes", "0", 3, text=one_axis_each, photos=lambda photos: one_axis_each([""] * len(photos)))


def photos(colors: list[str | None]) -> PhotoSet:
    labels = tuple(Labelled(SIMULATOR, f"{c} thing", {"color": c} if c else {}) for c in colors)
    return PhotoSet(np.zeros((len(labels), 1, 1, 3), dtype=np.uint8), labels)


def choice(vectors: list[list[float]], colors: list[str | None]) -> Choice:
    return Choice(ENCODER, np.array(vectors, dtype=np.float32), photos(colors), "color", NOTHING)


def test_top1_counts_the_photos_that_have_a_value():
    assert choice([BLUE, GREEN, GREEN, RED], ["Blue", "Green", "Blue", None]).top1 == pytest.approx(2 / 3)


def test_macro_f1_counts_every_value_alike():
    found = choice([BLUE] * 4 + [GREEN], ["Blue"] * 3 + ["Green"] * 2)
    assert found.macro_f1 == pytest.approx((6 / 7 + 2 / 3) / 2)


def test_precision_is_of_what_is_said_and_coverage_of_all():
    found = choice([BLUE, GREEN, RED, UNSURE], ["Blue", "Green", "Blue", "Red"])
    assert found.seen(Sureness(scale=20, least=0.9, others=NOTHING)) == pytest.approx((2 / 3, 3 / 4))


def test_recall_finds_rows_of_the_same_title_and_ties_count_against_it():
    rows, titles = np.eye(4, dtype=np.float32), list("abcd")
    assert recall(rows, rows, titles, 1) == 1
    assert recall(rows, rows[::-1], titles, 1) == 0
    assert recall(rows, np.ones((4, 4), dtype=np.float32), titles, 1) == 0
    assert recall(rows, np.ones((4, 4), dtype=np.float32), titles, 4) == 1


def test_any_row_of_the_title_will_do():
    rows = np.eye(4, dtype=np.float32)
    assert recall(rows, rows[[1, 0, 2, 3]], ["a", "a", "b", "c"], 1) == 1


def test_zero_shot_tells_of_the_fields_there_are_and_of_titles():
    vectors = np.array([BLUE, GREEN, GREEN], dtype=np.float32)
    assert zero_shot(ENCODER, vectors, photos(["Blue", "Green", "Red"])) == pytest.approx(
        {
            "color top-1": 2 / 3,
            "color macro-F1": (1 + 2 / 3) / 3,
            "title of photo among 10": 1,
            "photo of title among 10": 1,
        }
    )

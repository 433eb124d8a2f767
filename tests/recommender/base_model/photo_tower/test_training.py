"""Training learns, depends on its seed alone, and goes on from a checkpoint as if it had never stopped."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender.base_model.photo_tower.data import FASHION, SIMULATOR, Labelled, PhotoSet, is_for_choosing
from recommender.base_model.photo_tower.pixels import SIDE
from recommender.base_model.photo_tower.train import run, split
from recommender.base_model.photo_tower.training import ORIGINS, Settings, Training, sampling_shares

SETTINGS = Settings(design="small", steps=24, batch=12, warm_up=4)
COLORS = {"Red": (220, 30, 30), "Green": (30, 180, 60), "Blue": (30, 60, 220)}


def embed(texts):
    """A row of its own for each word, and their mean for a text."""
    rows = []
    for text in texts:
        seeds = [int(hashlib.sha256(word.encode()).hexdigest()[:8], 16) for word in text.split()]
        rows.append(np.mean([np.random.default_rng(seed).normal(size=384) for seed in seeds], axis=0))
    found = np.array(rows, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def photos(copies: int = 4) -> PhotoSet:
    """Squares of one colour, half of them of each origin."""
    labels, pixels = [], []
    for copy in range(copies):
        for name, color in COLORS.items():
            origin = SIMULATOR if copy % 2 else FASHION
            labels.append(Labelled(origin, f"{name} thing {copy}", {"category": f"Things {copy % 2}", "color": name}))
            pixels.append(np.full((SIDE, SIDE, 3), color, dtype=np.uint8))
    return PhotoSet(np.stack(pixels), tuple(labels))


def weights(training: Training) -> list[np.ndarray]:
    return [value.numpy() for value in training.network.state_dict().values()]


def test_the_loss_falls():
    training = Training(photos(), embed, SETTINGS)
    losses = [training.run_step() for _ in range(SETTINGS.steps)]
    assert np.mean(losses[-4:]) < 0.8 * np.mean(losses[:4])


def test_a_stopped_training_goes_on_as_if_it_had_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    whole = Training(photos(), embed, SETTINGS)
    run(whole, tmp_path / "whole.pt")
    stopped = Training(photos(), embed, SETTINGS)
    for _ in range(7):
        stopped.run_step()
    stopped.save(tmp_path / "half.pt")
    resumed = Training(photos(), embed, SETTINGS)
    run(resumed, tmp_path / "half.pt")
    assert resumed.step == whole.step == SETTINGS.steps
    for a, b in zip(weights(whole), weights(resumed), strict=True):
        np.testing.assert_array_equal(a, b)
    assert "24/24" in capsys.readouterr().err


def test_another_seed_gives_another_tower():
    first, second = (Training(photos(), embed, replace(SETTINGS, seed=seed)) for seed in (0, 1))
    assert first.run_step() != second.run_step()


def test_titles_kept_to_choose_by_are_not_learned_nor_are_other_origins():
    labels = tuple(Labelled(origin, str(n), {"category": "c"}) for origin in (FASHION, SIMULATOR) for n in range(100))
    both = PhotoSet(np.zeros((len(labels), 1, 1, 3), dtype=np.uint8), labels)
    learned, choosing = split(both, [FASHION, SIMULATOR])
    assert len(learned) + len(choosing) == len(both)
    assert {label.origin for label in choosing.labels} == {FASHION}
    assert all(is_for_choosing(label.title) for label in choosing.labels)
    assert {label.origin for label in split(both, [SIMULATOR])[0].labels} == {SIMULATOR}


def shares(rarity: float) -> np.ndarray:
    """Of nine photos of one category, one of another, and one of another origin."""
    common = [Labelled(SIMULATOR, str(n), {"category": "Mugs"}) for n in range(9)]
    others = [Labelled(origin, "one", {"category": "Vases"}) for origin in (SIMULATOR, FASHION)]
    return sampling_shares(PhotoSet(np.zeros((11, 1, 1, 3), dtype=np.uint8), (*common, *others)), rarity).numpy()


@pytest.mark.parametrize(("rarity", "expected"), [(0, 0.1), (0.5, 0.25), (1, 0.5)])
def test_rare_categories_are_drawn_more_often_than_they_occur(rarity: float, expected: float):
    assert shares(rarity)[-2] / shares(rarity)[:-1].sum() == pytest.approx(expected)


def test_origins_are_drawn_at_fixed_shares():
    assert shares(0.5)[-1] / shares(0.5)[:-1].sum() == pytest.approx(ORIGINS[FASHION] / ORIGINS[SIMULATOR])


def test_the_learning_rate_rises_then_falls_to_nothing():
    rates = [SETTINGS.learning_rate_at(step) for step in range(SETTINGS.steps + 1)]
    assert rates.index(max(rates)) == SETTINGS.warm_up - 1
    assert rates[0] < rates[2]
    assert rates[-1] == pytest.approx(0)

"""Training learns, depends on its seed alone, and goes on from a checkpoint as if it had never stopped."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from recommender.base_model.photo_tower.data import FASHION, SIMULATOR, Labelled, PhotoSet
from recommender.base_model.photo_tower.model import load_tower
from recommender.base_model.photo_tower.pixels import SIDE
from recommender.base_model.photo_tower.train import run, write_weights
from recommender.base_model.photo_tower.training import Settings, Training, sampling_shares

SETTINGS = Settings(steps=24, batch=12, warm_up=4)
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
    first, second = (Training(photos(), embed, Settings(steps=2, batch=4, seed=seed)) for seed in (0, 1))
    assert first.run_step() != second.run_step()


def test_the_written_tower_embeds_what_the_trained_one_does(tmp_path: Path):
    training = Training(photos(), embed, SETTINGS)
    training.run_step()
    write_weights(training, tmp_path / "tower.safetensors")
    tower = load_tower(tmp_path / "tower.safetensors")
    pixels = photos().pixels
    with torch.inference_mode():
        expected = training.network.eval()(torch.from_numpy(pixels).permute(0, 3, 1, 2) / 255).numpy()
    np.testing.assert_allclose(tower.embed_pixels(pixels), expected, atol=2e-3)


def test_rare_categories_are_drawn_more_often_than_they_occur():
    common = [Labelled(SIMULATOR, str(n), {"category": "Mugs"}) for n in range(9)]
    rare = [Labelled(SIMULATOR, "one", {"category": "Vases"})]
    shares = sampling_shares(PhotoSet(np.zeros((10, 1, 1, 3), dtype=np.uint8), (*common, *rare))).numpy()
    assert shares[-1] / shares.sum() == pytest.approx(0.25)


def test_the_learning_rate_rises_then_falls_to_nothing():
    rates = [SETTINGS.learning_rate_at(step) for step in range(SETTINGS.steps + 1)]
    assert rates.index(max(rates)) == SETTINGS.warm_up - 1
    assert rates[0] < rates[2]
    assert rates[-1] == pytest.approx(0)

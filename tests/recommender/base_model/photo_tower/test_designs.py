"""Every design is a network of the same shape outside."""

import pytest
import torch

from recommender.base_model.photo_tower.designs import DESIGNS, PhotoNetwork
from recommender.base_model.photo_tower.model import load_tower, save_tower
from recommender.base_model.photo_tower.pixels import SIDE


@pytest.mark.parametrize("design", DESIGNS)
def test_rows_have_length_one(design: str):
    found = PhotoNetwork(design).eval()(torch.rand(2, 3, SIDE, SIDE))
    assert found.shape == (2, 384)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(2))


@pytest.mark.parametrize("design", DESIGNS)
def test_weights_know_their_design(design: str, tmp_path):
    network = PhotoNetwork(design).eval()
    save_tower(network, tmp_path / "tower.safetensors")
    tower = load_tower(tmp_path / "tower.safetensors")
    pixels = torch.randint(0, 256, (2, SIDE, SIDE, 3), dtype=torch.uint8)
    with torch.inference_mode():
        expected = network(pixels.permute(0, 3, 1, 2) / 255).numpy()
    assert tower.embed_pixels(pixels.numpy()) == pytest.approx(expected, abs=2e-3)

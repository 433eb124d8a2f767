"""The photo tower: a small convolutional network, trained by this project into the space of the text encoder."""

from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).parent / "tower.safetensors"
CALIBRATION: Final = Path(__file__).parent / "calibration.safetensors"

"""The bundled compact writer: a small LLaVA checkpoint, and what trained it."""

from pathlib import Path
from typing import Final

CHECKPOINT: Final = Path(__file__).parent / "checkpoint"

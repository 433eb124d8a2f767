"""The bundled encoder replaced by a quick one, where the command line and jobs load it by themselves."""

import pytest

from tests.recommender.fake_encoder import FakeEncoder


def replace_encoder(patched: pytest.MonkeyPatch) -> None:
    for user in ("recommender.embedder.load_encoder", "recommender.base_model.encoder.load_encoder"):
        patched.setattr(user, FakeEncoder)

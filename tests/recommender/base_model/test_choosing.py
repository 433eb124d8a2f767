"""Which writer a name opens, and what is said where it opens none."""

import subprocess
import sys
from pathlib import Path

import pytest

from recommender.base_model import choosing
from recommender.base_model.choosing import open_writer
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.errors import WriterError
from tests.recommender.base_model.tiny_checkpoints import save_llava


def test_none_is_no_writer() -> None:
    assert open_writer("none") is None


def test_a_folder_is_a_checkpoint(tmp_path: Path) -> None:
    save_llava(tmp_path / "mine")
    writer = open_writer(str(tmp_path / "mine"))
    assert isinstance(writer, TransformersWriter)
    assert writer.name == "mine"


@pytest.mark.parametrize("name", [None, "compact"])
def test_the_bundled_one(name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_llava(tmp_path / "checkpoint")
    monkeypatch.setattr(choosing, "CHECKPOINT", tmp_path / "checkpoint")
    assert isinstance(open_writer(name), TransformersWriter)


def test_the_bundled_one_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "CHECKPOINT", tmp_path / "checkpoint")
    with pytest.raises(WriterError, match="compact model is not installed: there is no folder"):
        open_writer(None)


def test_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openai")
    monkeypatch.setenv("MODEL_API_KEY", "secret")
    writer = open_writer("http://localhost:8000/v1#meta-models/Muse-Glimmer-30B")
    assert writer is not None
    assert writer.name == "meta-models/Muse-Glimmer-30B"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("http://localhost:8000/v1", "write http://localhost:8000/v1#model"),
        ("ftp://localhost/v1#model", "is no endpoint"),
        ("https://#", "is no endpoint"),
        ("", "a base model has a name"),
        ("/no/such/folder", "there is no folder"),
    ],
)
def test_names_that_open_nothing(name: str, said: str) -> None:
    with pytest.raises(WriterError, match=said):
        open_writer(name)


def test_it_imports_torch_only_when_a_checkpoint_is_opened() -> None:
    code = (
        "import sys, recommender.base_model.choosing as choosing\n"
        "choosing.open_writer('none')\n"
        "assert not {'transformers', 'openai', 'llguidance'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

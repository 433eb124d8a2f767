"""The README cannot rot: its Python example and its commands are run as they stand."""

import re
import shlex
import shutil
import sys

import pytest

from recommender.cli import main
from tests.conftest import REPOSITORY
from tests.recommender.bundled import replace_encoder

README = (REPOSITORY / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_python_examples_run(built, tmp_path, monkeypatch, capsys):
    shutil.copytree(built, tmp_path / "demo", ignore=shutil.ignore_patterns("photos"))
    (tmp_path / "demo" / "shop.db").rename(tmp_path / "demo" / "demo.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_MODEL", "none")
    for example in blocks("python"):
        exec(compile(example, "README.md", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert "£" in printed
    assert "offers:" in printed
    assert "effects:" in printed


def test_the_commands_run_in_their_order(built, tmp_path, monkeypatch, capsys):
    for name in ("products.jsonl", "events.parquet"):
        shutil.copy(built / "data" / name, tmp_path / name)
    shutil.copytree(built / "data" / "photos", tmp_path / "photos")
    shutil.copy(next((tmp_path / "photos").glob("*.png")), tmp_path / "mug.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_MODEL", "none")
    replace_encoder(monkeypatch)
    (commands,) = [block for block in blocks("sh") if "recommender catalog load products.jsonl" in block]
    for line in commands.splitlines():
        words = shlex.split(line, comments=True)
        monkeypatch.setattr(sys, "argv", [*words, "--trials", "1"] if words[1] in ("train", "evaluate") else words)
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code, capsys.readouterr().err


def test_the_commands_of_batches_run_in_their_order(shop_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASE_MODEL", "none")
    monkeypatch.setenv("RECOMMENDER_DATABASE_URL", f"sqlite:///{shop_folder / 'shop.db'}")
    monkeypatch.setenv("RECOMMENDER_ARTIFACTS", str(shop_folder / "artifacts"))
    (tmp_path / "whom.txt").write_text("shopper-00042\nstranger\n")
    (commands,) = [block for block in blocks("sh") if "recommender batch" in block]
    for line in commands.splitlines():
        words = shlex.split(line, comments=True)
        here = ["--workers", "1"] if {"batch", "mail", "audience"} & set(words[1:3]) else []
        monkeypatch.setattr(sys, "argv", [*words, *here])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code, capsys.readouterr().err


def test_both_commands_come_first():
    first = blocks("sh")[0].split()
    assert first[:2] == ["make", "demo"]
    assert "test" in first


def test_what_the_readme_points_to_exists():
    named = re.findall(r"\]\((?!http)([^)]+)\)", README) + re.findall(
        r"`((?:recommender|signals|schemas)/[\w/.]+)`", README
    )
    missing = [path for path in named if not (REPOSITORY / path).exists()]
    assert missing == []

"""The import contracts name modules; a new module must be named too."""

import tomllib

from tests.conftest import REPOSITORY

KNOW_SIGNALS = {"__init__", "batch_commands", "cli", "errors", "frames", "jobs", "shop", "terminal"}


def test_every_module_that_must_not_know_signals_is_held_to_it():
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (held,) = [
        contract for contract in contracts if contract["name"].startswith("only shop, jobs and frames know signals")
    ]
    modules = {path.stem for path in (REPOSITORY / "recommender").iterdir() if path.suffix == ".py" or path.is_dir()}
    expected = {f"recommender.{name}" for name in modules - KNOW_SIGNALS - {"__pycache__", "py"}}
    assert set(held["source_modules"]) == expected

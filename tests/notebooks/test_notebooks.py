"""The notebooks run as they stand, show what they promise, and hold nothing of an earlier run."""

import ast
import importlib
import json
import sys
from pathlib import Path

import pytest

from tests import shops
from tests.notebooks.execute import NOTEBOOKS, Executed, execute, names, read, source_of

OURS = ("recommender", "schemas", "signals")
FRAMES_AND_ARRAYS = ("numpy", "pandas")
QUICK = {
    "BASE_MODEL": "none",
    "CHATS": 3,
    "ENCODER": None,
    "TRIALS": 1,
    "SECONDS": 2,
    "SHARES": (1.0,),
    "LOGS": 20,
    "VISITS": 300,
    "DAYS": 3,
    "SHOP_DAYS": 2,
    "SHOP_VISITS_A_DAY": 0.1,
    "SHOP": shops.CONFIG.model_dump(exclude={"end"}),
}


def imported(name: str) -> list[tuple[str, str | None]]:
    """The module of each import and the name taken from it."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(ast.parse(source_of(read(name)))):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [(str(node.module), alias.name) for alias in node.names]
    return found


def pictures(done: Executed) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(done))


def outputs(done: Executed) -> list[dict[str, object]]:
    return [output for cell in done.notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def text(done: Executed) -> str:
    return json.dumps(outputs(done))


@pytest.fixture
def run(shop_folder: Path, built: Path):
    where = {
        "DATABASE": f"sqlite:///{shop_folder / 'shop.db'}",
        "ARTIFACTS": str(shop_folder / "artifacts"),
        "PHOTOS": str(built / "data" / "photos"),
    }

    def ran(name: str) -> Executed:
        done = execute(name, {**QUICK, **where})
        complaints = [one["text"] for one in outputs(done) if one.get("name") == "stderr"]
        assert complaints == []
        return done

    return ran


def test_there_are_five() -> None:
    assert [name[:2] for name in names()] == ["01", "02", "03", "04", "05"]


@pytest.mark.parametrize("name", names())
def test_nothing_of_a_run_is_kept(name: str) -> None:
    cells = [
        cell for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text())["cells"] if cell["cell_type"] == "code"
    ]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.parametrize("name", names())
def test_only_what_our_packages_export_is_imported(name: str) -> None:
    for module, attribute in imported(name):
        root = module.partition(".")[0]
        if root in OURS:
            assert attribute in importlib.import_module(module).__all__, f"{module} exports no {attribute}"
        else:
            assert root in FRAMES_AND_ARRAYS or root in sys.stdlib_module_names, f"{module} is none of ours"


def test_what_came_in(run) -> None:
    done = run("01_signals")
    assert pictures(done) == 7
    assert "products not in stock" in text(done)


def test_models_against_each_other(run) -> None:
    done = run("02_train_and_evaluate")
    assert pictures(done) == 6
    assert "ahead of" in text(done)
    assert "no event before" in text(done) or "top tenth" in text(done)


def test_why_this_item(run) -> None:
    done = run("03_why_this_item")
    assert pictures(done) == 3
    assert "you bought" in text(done) or "you looked at" in text(done)


def test_conversations(run) -> None:
    done = run("04_conversations")
    assert pictures(done) == 3
    assert "the same items in the same order" in text(done)


def test_what_would_have_happened(run) -> None:
    done = run("05_what_would_have_happened")
    assert pictures(done) == 3
    assert "without exploration" in text(done)

"""Run a notebook as a person would, in a kernel of its own, with other values for its parameters."""

import json
import os
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.conftest import REPOSITORY

NOTEBOOKS = REPOSITORY / "notebooks"
PARAMETERS = "parameters"
TIMEOUT_SECONDS = 600
QUIETLY = ["--log-level=ERROR"]


@dataclass(frozen=True)
class Executed:
    """The notebook with its outputs, and how long it took, its kernel's start included.

    ``cpu_seconds`` is what its kernel computed: on a busy machine, what can be compared.
    """

    name: str
    seconds: float
    cpu_seconds: float
    notebook: NotebookNode

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.ipynb"
        nbformat.write(self.notebook, path)
        return path


def names() -> list[str]:
    """The notebooks in their order."""
    return sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def read(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def execute(name: str, parameters: Mapping[str, object]) -> Executed:
    """Run all cells; raises `nbclient.exceptions.CellExecutionError` with the cell and its traceback.

    Parameters
    ----------
    parameters : assigned after the cell tagged "parameters"; a notebook takes those that it has
    """
    began, before, notebook = time.perf_counter(), _cpu_seconds(), read(name)
    place = next(place for place, cell in enumerate(notebook.cells) if PARAMETERS in cell.metadata.get("tags", []))
    own = {key: value for key, value in parameters.items() if f"{key} =" in notebook.cells[place].source}
    lines = [f"{key} = {value!r}" for key, value in own.items()]
    notebook.cells.insert(place + 1, new_code_cell("\n".join(lines)))
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    client = NotebookClient(notebook, timeout=TIMEOUT_SECONDS, resources=resources, extra_arguments=QUIETLY)
    client.execute(env={**os.environ, "PYTHONPATH": str(REPOSITORY)})
    return Executed(name, time.perf_counter() - began, _cpu_seconds() - before, notebook)


def source_of(notebook: NotebookNode) -> str:
    """All code of a notebook."""
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def as_json(done: Executed, shop: str) -> str:
    times = {"seconds": round(done.seconds, 1), "cpu_seconds": round(done.cpu_seconds, 1)}
    return json.dumps({"shop": shop, "notebook": done.name, **times})


def _cpu_seconds() -> float:
    """Of all kernels that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

"""The large suites' record: each outcome with its figures, commit and date in tests/RESULTS.md; resumable.

``make test-full`` leaves out what has passed at the commit at hand already, so that a run that was cut off goes on.
A test adds its figures with ``record_property``.
"""

import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

PAGE = Path(__file__).parent / "RESULTS.md"
HEAD = """# Results of the large suites

Written by `make test-full`, one row per test.

| test | outcome | figures | seconds | commit | date |
|---|---|---|---|---|---|
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--resume", action="store_true", help="leave out large tests that passed at this commit already")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    commit = _commit()
    if not config.getoption("--resume"):
        return
    passed = {name for name, row in _rows().items() if "| passed |" in row and f"| {commit} |" in row}
    done = [item for item in items if item.nodeid in passed]
    config.hook.pytest_deselected(items=done)
    items[:] = [item for item in items if item not in done]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "full" not in report.keywords or report.when != "call":
        return
    figures = ", ".join(f"{name} {value}" for name, value in report.user_properties)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    cells = (report.nodeid, report.outcome, figures, f"{report.duration:.0f}", _commit(), today)
    rows = _rows() | {report.nodeid: f"| {' | '.join(cells)} |"}
    PAGE.write_text(HEAD + "\n".join(rows[name] for name in sorted(rows)) + "\n")


def _rows() -> dict[str, str]:
    """The rows so far, by test."""
    lines = PAGE.read_text().splitlines() if PAGE.exists() else []
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| tests/")}


@cache
def _commit() -> str:
    """The short hash as the run began, with a plus where anything but the results differed from it."""
    shown = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=PAGE.parent)
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", ":/", f":(top,exclude)tests/{PAGE.name}"],
        capture_output=True,
        text=True,
        cwd=PAGE.parent,
    )
    return (shown.stdout.strip() or "unknown") + ("+" if changed.stdout.strip() else "")

PYTHON ?= python3
BIN := .venv/bin
# Two processes on two cores: libraries that each start two threads wait for each other most of the time.
SUITE := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal -m "not full"

.PHONY: demo test test-full lint bench notebooks clean

demo: .venv/installed
	$(BIN)/recommender demo --out demo

test: lint
	$(SUITE)

test-full: .venv/installed-dev
	$(SUITE) --cov --cov-report=term:skip-covered
	$(BIN)/pytest -m full --resume || [ $$? -eq 5 ]

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed-dev
	$(BIN)/python -m tests.benchmarks

notebooks: .venv/installed-dev
	$(BIN)/python -m tests.notebooks

clean:
	rm -rf .venv demo artifacts

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[plots,speech]'
	touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@ .venv/installed

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-full lint bench notebooks clean

demo: .venv/installed
	$(BIN)/recommender demo --out demo

test: lint
	$(BIN)/pytest -n 2 -m "not full"

test-full: .venv/installed-dev
	$(BIN)/pytest -n 2 -m "not full" --cov --cov-report=term:skip-covered
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

# Two commands are enough: `make sheet` and `make test`. Each sets up .venv for itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= build/lab-10.5

.PHONY: sheet test check lint types bench clean

$(VENV)/.run: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "symgrad needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

sheet: $(VENV)/.run
	$(BIN)/symgrad sheet derivations/lab-10.5 -o $(OUT)

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: lint types
	$(BIN)/python -m pytest tests/test_arrows.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

# Two commands are enough: `make sheet` and `make test`. Each sets up .venv for itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
OUT ?= build/lab-10.5
# further arguments for pytest, such as ARGS=tests/kernel
ARGS ?=

.PHONY: sheet test check lint types arrows bench clean

$(VENV)/.run: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "symgrad needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) --editable '.[dev]'
	touch $@

sheet: $(VENV)/.run
	$(BIN)/symgrad sheet derivations/lab-10.5 -o $(OUT)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto $(ARGS)

check: lint types arrows

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

arrows: $(VENV)/.dev
	$(BIN)/python -m pytest tests/test_arrows.py

bench: $(VENV)/.dev
	$(BIN)/python bench/run.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

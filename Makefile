# Two commands are enough: `make sheet` and `make test`. Each sets up .venv for itself, and so do the others.
PYTHON ?= python3
VENV := .venv
OTHERS := .venv-bench
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install
OUT ?= build/lab-10.5
# further arguments for pytest, such as ARGS=tests/kernel
ARGS ?=

.PHONY: sheet library test check lint types arrows bench clean

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

library: $(VENV)/.run
	$(BIN)/symgrad library derivations/library -o build/library.html

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

# The libraries to compare with, each if it can be had; what is missing is said in its row.
$(OTHERS)/.run: bench/others/requirements.txt
	$(PYTHON) -m venv $(OTHERS)
	while read -r one; do $(OTHERS)/bin/python -m pip --quiet install "$$one" || true; done < $<
	touch $@

bench: $(VENV)/.dev $(OTHERS)/.run
	$(BIN)/python -m bench.run --others $(OTHERS)/bin/python

clean:
	rm -rf $(VENV) $(OTHERS) build dist .pytest_cache .mypy_cache .ruff_cache

# Two commands do all set-up: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := benchmark objectives evaluators tests

.PHONY: run test test-full lint types clean

run: $(VENV)/.installed
	$(BIN)/gan-bench run --objective ns

test: $(VENV)/.installed-test lint types
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not full"

test-full: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.installed-test
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.installed-test
	$(BIN)/mypy

# The compat mode writes a plain path file, which type checkers and editors can follow.
$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable ".[test,ray,tune]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

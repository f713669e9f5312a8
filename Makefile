# Two commands do all set-up: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := benchmark benchmarks objectives evaluators tests docs

.PHONY: run test test-full faults gpu versions docs lint types clean

run: $(VENV)/.installed
	$(BIN)/gan-bench run --objective ns

test: $(VENV)/.installed-test lint types
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not full"

test-full: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist loadgroup

# Faults, signals, hostile text and random input; the last lines say how many, and what was lost.
faults: $(VENV)/.installed-test
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not full" tests/faults

# On a machine with a CUDA device: the GPU's numbers against the CPU's, then how fast it is; at most five minutes.
gpu: $(VENV)/.installed-test
	$(BIN)/python -m pytest -p no:xdist -m gpu tests/gpu tests/evaluators/test_device.py
	$(BIN)/python benchmarks/gpu.py --seconds 150

lint: $(VENV)/.installed-test
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(VENV)/.installed-test
	$(BIN)/mypy

# The suite on every Python of the classifiers that is here, and on the declared floors: hours. `.ci/versions light` takes
# minutes: the wheel, and the commands that need no torch.
versions:
	.ci/versions suite

# Warnings are errors. The pages lie in build/docs, what is generated for them in docs/generated.
docs: $(VENV)/.installed-docs
	$(BIN)/mypy docs/_ext
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --builder html docs build/docs

# The compat mode writes a plain path file, which type checkers and editors can follow.
$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable ".[test,ray,tune]"
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --config-settings editable_mode=compat --editable ".[test,ray,docs]"
	touch $@

clean:
	rm -rf $(VENV) build dist docs/generated *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

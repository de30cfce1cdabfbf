# The two commands of the README are `make demo` and `make test`; both work in a fresh clone.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test lint check bench clean

setup: $(STAMP)

# torch goes first and by its exact version: another package asking for "torch" would take the
# newest build, with gigabytes of CUDA.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(STAMP)

demo: setup
	$(BIN)/hybench demo
	@echo "(hybench is in $(BIN): . $(BIN)/activate puts it on the PATH.)"

test: setup
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# Every benchmark beside its peers, then the page of their figures; an hour on two cores.
BENCHMARKS := $(filter-out __init__ harness measuring report page text vectors multilingual training gpu worlds judging truth,$(patsubst benchmarks/%.py,%,$(wildcard benchmarks/*.py)))

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name --save docs/performance || exit 1; done
	$(BIN)/python -m benchmarks.page

clean:
	rm -rf $(VENV) demo

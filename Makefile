# The two commands of the README are `make demo` and `make test`; both work in a fresh clone.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test test-slow lint check hooks docs results bench lock release clean

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

# The quick tests, some minutes; the rest, some more. Each worker keeps to one thread.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 8 --dist worksteal

test: setup
	$(PYTEST) -m "not slow"

test-slow: setup
	$(PYTEST) -m slow

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test test-slow

# What `make lint` checks, before each commit.
hooks: setup
	$(BIN)/pre-commit install

# The site of docs/ and of every module's docstrings, into site/.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# docs/results/*.html, from the runs of the studies under runs/.
results: setup
	$(BIN)/python -m tools.results

# Every package that constraints.txt names with the digests of its files, as PEP 751 has it, for
# `uv pip sync pylock.toml`; made anew after a change of constraints.txt. uv is not installed by it.
lock:
	uv pip compile --universal --python-version 3.11.5 --extra dev -c constraints.txt \
		--no-header --format pylock.toml -o pylock.toml --upgrade pyproject.toml

# Source and wheel into dist/; CONTRIBUTING.md says what comes before and after.
release: setup
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist

# Every benchmark beside its peers, then the page of their figures; an hour on two cores.
BENCHMARKS := $(filter-out __init__ harness measuring report page text vectors multilingual training gpu worlds judging truth,$(patsubst benchmarks/%.py,%,$(wildcard benchmarks/*.py)))

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name --save docs/performance || exit 1; done
	$(BIN)/python -m benchmarks.page

clean:
	rm -rf $(VENV) demo dist site

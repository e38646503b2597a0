# `make demo` and `make test` need Python 3.11 or newer and make, nothing else: everything goes into .venv.
# pip takes its index and certificates from your own pip settings.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
EXTRAS := dev,postgres,mysql,sqlite,service,signals,pdf,ocr,spark
BIN := .venv/bin
BASE := .venv/.base
INSTALLED := .venv/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c deploy/constraints.txt
DEMO_OUT ?= demo-out

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types contracts bench bench-quick docs lock clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(BASE) ## make a sample catalog of 20,000 titles, audit it, and say where the block list and the report are
	$(BIN)/gate demo --out $(DEMO_OUT)

test: $(INSTALLED) ## run the tests; those whose program is not installed are named as not run
	$(BIN)/pytest

check: lint types contracts test ## everything that CI runs but the bench

lint: $(INSTALLED) ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(INSTALLED) ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(INSTALLED) ## types
	$(BIN)/mypy

contracts: $(INSTALLED) ## which package may import which
	$(BIN)/lint-imports

bench: $(INSTALLED) ## the table of docs/performance.md, measured here (1 M and 10 M titles; takes a while)
	$(BIN)/python -m tests.bench

bench-quick: $(INSTALLED) ## the same at a size that takes a minute
	$(BIN)/python -m tests.bench --quick

docs: $(INSTALLED) ## write the rule reference anew from the rule files
	$(BIN)/python -m compliance.rules.reference docs/rules

lock: ## resolve every dependency anew and write the versions to deploy/constraints.txt
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --upgrade pip
	build/lock/bin/python -m pip install '.[$(EXTRAS)]'
	echo '# The versions that are tested together; written by `make lock`.' > deploy/constraints.txt
	build/lock/bin/python -m pip freeze --exclude microdrama-gate | grep -E '^[A-Za-z0-9._-]+==' >> deploy/constraints.txt
	rm -rf build/lock

clean: ## remove what make has made
	rm -rf .venv build dist demo-out .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp for what the demo needs and one for everything: the environment is made anew when what it should hold has
# changed.
$(BASE): pyproject.toml deploy/constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python cannot make an environment (on Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PIP) -e .
	@touch $@

$(INSTALLED): $(BASE)
	$(PIP) -e '.[$(EXTRAS)]'
	@touch $@

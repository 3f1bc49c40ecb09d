# Rapport's menu. `make run` and `make test` need only Python 3.11+, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# One process a core: they hardly wait, and each more of them collects all tests once more.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)))' 2>/dev/null || echo auto)
# Each takes its part of the list as it stands, so that what a file's tests share is made once.
TESTS := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --ignore=tests/e2e --ignore=tests/browser

.DEFAULT_GOAL := help
.PHONY: help run setup test test-fast lint types layers format bench bench-assess chaos screenshots docs lock clean

help: ## Show this menu
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Set up and run the daemon with the shipped config.yaml
	@$(BIN)/rapport run

setup: $(VENV)/.dev ## Set up everything a developer needs

# Whole daemons wait more than they work, so pages are looked at beside them, the longest first.
test: $(VENV)/.dev lint types layers ## Set up and run every check and test
	$(TESTS)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/e2e tests/browser

test-fast: $(VENV)/.dev ## Run the tests without end-to-end and browser
	$(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure from file to stored, assessed and cased
	$(BIN)/python -m benchmarks.ingest

bench-assess: $(VENV)/.dev ## Measure how well and how fast texts are judged
	$(BIN)/python -m benchmarks.assess

chaos: $(VENV)/.dev ## 200 random kill -9 of the daemon during a demo week
	$(BIN)/python -m benchmarks.chaos

screenshots: $(VENV)/.dev ## Make the README's pictures from the demo
	$(BIN)/python -m docs.screenshots

docs: $(VENV)/.dev ## Write docs/reference from the code
	$(BIN)/python -m docs.generate

lock: ## Renew the lock files (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate -q pyproject.toml --extra postgres --extra charts --group build -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-annotate -q pyproject.toml --extra postgres --extra charts --group dev -o requirements-dev.lock

clean: ## Remove the virtual environment (the data under var/ stays)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "rapport: $(PYTHON) not found; install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rapport: Python 3.11 or newer is needed; try make PYTHON=python3.12 run" >&2; exit 1; }
	@echo "setting up: virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "setting up: dependencies (about a minute the first time)"
	@test -e $(VENV)/.dev || $(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "setting up: dependencies and development tools"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@ $(VENV)/.runtime

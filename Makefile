# Every target does all of its own set-up, once: `make demo` on a fresh machine is enough.
.DEFAULT_GOAL := help
.PHONY: help setup demo test fuzz lint extras format bench clean

BIN := .venv/bin
READY := .venv/.ready
# Two cores and more share the tests; beyond four, starting PyTorch costs more than it saves.
WORKERS ?= $(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores < 4 ? cores : 4)))
ARGS ?=
FUZZ ?= 1000

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## build .venv with everything (PYTHON=..., TORCH_INDEX=... to choose)

$(READY): pyproject.toml constraints.txt .ci/setup
	@.ci/setup

demo: $(READY) ## push ten random blocks into a box, with pictures, a video and a report
	$(BIN)/saccade demo $(ARGS)

test: $(READY) ## run the tests (ARGS="-k name", WORKERS=0 for one process)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

fuzz: $(READY) ## damage every kind of file (FUZZ=1000 inputs a reader), minutes
	FUZZ=$(FUZZ) OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) tests/test_fuzz.py $(ARGS)

lint: $(READY) ## formatting, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

extras: $(READY) ## every extra resolves beside constraints.txt, on each Python (needs the package index)
	@PATH="$(BIN):$$PATH" .ci/extras

format: $(READY) ## mend formatting and what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## speed and quality, as ratios against peers in the same run
	$(BIN)/saccade bench $(ARGS)

clean: ## remove .venv and every cache (no runs, no datasets)
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist

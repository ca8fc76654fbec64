# Every target sets itself up: a fresh machine needs Python 3.11 or newer, pip and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo up down test test-slow lint bench-api bench-engine bench-runtime bench-gpu chaos tools clean

VENV := .venv
MINUTES := 40
RIATA := $(VENV)/bin/riata
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
PYTEST := $(VENV)/bin/python -m pytest

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.local  ## Separate the example through a whole local stack (about a minute, the first time more)
	@$(RIATA) models pull || echo "Going on without the pretrained experts: the voice will be separated less well." >&2
	@$(RIATA) demo

up: $(VENV)/.local  ## Start the local stack and keep it running; Ctrl-C stops it
	@$(RIATA) up

down: $(VENV)/.local  ## Stop the local stack
	@$(RIATA) down

# Tests of the whole stack run after the others and in one process: they share one stack, and two cores.
test: $(VENV)/.dev $(VENV)/.tools  ## Run the tests (about ten minutes on two cores)
	@$(PYTEST) -q -n 2 --dist loadfile -m "not stack and not slow"
	@$(PYTEST) -q -m stack

test-slow: $(VENV)/.dev  ## Run the tests of single parts that take minutes each
	@$(PYTEST) -q -m "slow and not stack"

lint: $(VENV)/.dev $(VENV)/.tools  ## Check style, types and the templates
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/cfn-lint template.yaml $(filter-out %.asl.yaml,$(wildcard infra/*.yaml))
	@$(VENV)/tools/bin/sam validate --lint --region us-east-1

bench-api: $(VENV)/.dev  ## Measure the API and write tests/bench/
	@$(VENV)/bin/python -m tests.bench

bench-engine: $(VENV)/.dev $(VENV)/.bench  ## Measure the engine beside demucs and write tests/bench/ (40 minutes; MINUTES=…)
	@$(RIATA) models pull
	@$(VENV)/bin/python -m tests.bench.engine --minutes $(MINUTES)

bench-runtime: $(VENV)/.dev  ## Measure the engine on onnxruntime and on torch, side by side, and write tests/bench/ (ten minutes)
	@$(RIATA) models pull
	@$(VENV)/bin/python -m tests.bench.runtime

bench-gpu: $(VENV)/.dev  ## Measure the models on the GPU, if there is one, and write tests/bench/gpu.md
	@$(VENV)/bin/python -m tests.bench.gpu

chaos: $(VENV)/.dev  ## Kill parts of a busy stack at random and write tests/chaos/chaos.md (some minutes)
	@$(VENV)/bin/python -m tests.chaos

tools: $(VENV)/.tools  ## Install the tools that check templates and images

clean:  ## Remove the environment and everything built; the state in RIATA_HOME stays
	@rm -rf $(VENV) .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis demo-output
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says what is installed; changed requirements install again. The tests' environment holds the demo's.
$(VENV)/.local: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what the local stack needs into $(VENV) …" >&2
	@$(PIP) install --constraint constraints.txt --editable '.[local]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing what the tests need into $(VENV) …" >&2
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.local

$(VENV)/.tools: requirements-tools.txt | $(VENV)/bin/python
	@echo "Installing the template tools into $(VENV)/tools …" >&2
	@$(VENV)/bin/python -m venv $(VENV)/tools
	@$(VENV)/tools/bin/python -m pip --disable-pip-version-check --quiet install --requirement requirements-tools.txt
	@touch $@

# Without its dependencies and outside the environment's own packages: it uses their torch.
$(VENV)/.bench: requirements-bench.txt | $(VENV)/bin/python
	@echo "Installing what the engine is compared with into $(VENV)/bench …" >&2
	@rm -rf $(VENV)/bench
	@$(PIP) install --no-deps --target $(VENV)/bench --requirement requirements-bench.txt
	@touch $@

$(VENV)/bin/python:
	@for candidate in python3.13 python3.12 python3.11 python3 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$candidate …" >&2; \
	    "$$candidate" -m venv $(VENV) || { rm -rf $(VENV); \
	      echo "make: $$candidate cannot make an environment: install its venv module (Debian: python3-venv)." >&2; exit 1; }; \
	    exit 0; \
	  fi; \
	done; \
	found=$$(python3 --version 2>&1 || true); \
	echo "make: Riata needs Python 3.11 or newer and finds $${found:-none}: install one and run make again." >&2; exit 1

include gpu_container/training/training.mk

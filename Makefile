.DEFAULT_GOAL := help
SHELL := /bin/sh

# The first interpreter that really is Python 3.11 or newer; override with `make PYTHON=...`.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	"$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
BIN := .venv/bin
# Both run at once, and of the slow ones two files at a time: they mostly wait.
FAST_TESTS ?= tests/unit tests/infra tests/browser
SLOW_TESTS ?= tests/integration
STAMP := .venv/.made-from
SOURCES := requirements.txt tests/requirements.txt
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

.PHONY: help
help: ## Show what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

.PHONY: env
env: $(STAMP) ## Create .venv, or bring it up to date

$(STAMP): $(SOURCES)
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed (with venv): install it, or run make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "Creating .venv (about a minute) ..."
	@rm -rf .venv && "$(PYTHON)" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements.txt -r tests/requirements.txt
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		-e . -e layers/telematics
	@cat $(SOURCES) | cksum > $(STAMP)

.PHONY: demo
demo: env ## Live one day of a small insurer on this machine, then ask it with SQL
	@$(BIN)/telematics demo

.PHONY: test
test: lint ## Lint, types, unit, infrastructure and integration tests
	@mkdir -p build; $(BIN)/python -m pytest $(FAST_TESTS) > build/fast-tests.log 2>&1 & fast=$$!; \
	$(BIN)/python -m pytest -n 2 --dist loadfile $(SLOW_TESTS); slow=$$?; \
	wait $$fast; fast=$$?; cat build/fast-tests.log; exit $$((fast ? fast : slow))

.PHONY: lint
lint: env ## Style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.PHONY: bench
bench: env ## Measure what the README quotes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/benchmarks/requirements.txt
	@$(BIN)/python -m tests.benchmarks

.PHONY: soak
soak: env ## Put the sandbox under load, and count that nothing is lost or doubled
	@$(BIN)/python -m pytest -m thorough $(SLOW_TESTS)
	@$(BIN)/python -m tests.soak
	@$(BIN)/python -m tests.soak month

.PHONY: cost
cost: env ## What the stack costs in a month in which nothing happens
	@$(BIN)/python -m infra.prices

.PHONY: docs
docs: env ## Write the pages that are made from the code: faults, limits, who may deploy
	@mkdir -p build
	@$(BIN)/python -m tests.faults > build/page && mv build/page docs/faults.md
	@$(BIN)/python -m tests.limits > build/page && mv build/page docs/limits.md
	@$(BIN)/python -m infra.deployer

.PHONY: layers
layers: env ## Build the dependency layers for Lambda
	@$(BIN)/python -m layers.build --target aws

.PHONY: synth
synth: env ## Write the CloudFormation template to cdk.out
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx --yes aws-cdk@2.1148.1 synth --quiet

.PHONY: deploy
deploy: layers ## Deploy to the AWS account of your current credentials
	@PATH="$(CURDIR)/$(BIN):$$PATH" npx --yes aws-cdk@2.1148.1 deploy

.PHONY: lock
lock: env ## Pin every requirement again, with hashes
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(LOCK) pyproject.toml -o requirements.txt
	@$(LOCK) --group test -c requirements.txt -o tests/requirements.txt
	@$(LOCK) --group bench -c requirements.txt -c tests/requirements.txt -o tests/benchmarks/requirements.txt
	@$(LOCK) --group emulator -o tests/sandbox/requirements.txt
	@$(LOCK) --group layer-runtime -c requirements.txt -o layers/runtime/requirements.txt
	@$(LOCK) --group layer-lake -c requirements.txt -o layers/lake/requirements.txt

.PHONY: clean
clean: ## Stop the sandbox and remove everything that was made
	@if [ -x $(BIN)/telematics ]; then $(BIN)/telematics sandbox down --delete-state 2>/dev/null || true; fi
	@rm -rf .venv .venv-emulator .sandbox build cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Two commands: `make demo` and `make test`. Each does all of its own set-up, into .venv and build/ below this folder.
# Paths are relative on purpose, so that a clone may lie in a folder with spaces in its name.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
UV_VERSION := 0.13.9
CONFIG ?= floorwatch.toml
ARGS ?=
FAULTS ?= 200
FIRST_SEED ?= 1

# The first Python on PATH that really runs, is 3.11 or later and can make a virtual environment.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo "$$python"; break; }; done)

.PHONY: help
help: ## say what each target does
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

# --- set-up ---------------------------------------------------------------------------------------------------------

.PHONY: setup runtime system
setup: .venv/dev.stamp ## everything a developer needs in .venv, from the hash-pinned lock files
runtime: .venv/runtime.stamp

.venv/made.stamp:
	@[ -n "$(PYTHON)" ] || { \
		echo "floorwatch needs Python 3.11 or later with its venv module; none of python3.13, python3.12, python3.11, python3 will do." >&2; \
		echo "  On Debian: apt-get install python3 python3-venv. Any other: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PYTHON=$(PYTHON) is not a Python 3.11 or later with venv and ensurepip (Debian: apt-get install python3-venv)." >&2; exit 1; }
	"$(PYTHON)" -m venv .venv
	@touch $@

.venv/runtime.stamp: requirements-build.lock requirements.lock pyproject.toml | .venv/made.stamp
	@echo "Installing the locked packages into .venv (about a minute the first time)"
	@$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements-build.lock
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "Installing the locked developer packages into .venv"
	@$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements-dev.lock
	@touch $@

system:
	@.ci/debian

# --- run ------------------------------------------------------------------------------------------------------------

.PHONY: demo serve
demo: .venv/runtime.stamp ## a simulated contact centre on this machine: PORT=8080 SEATS=200 SPEED=1 ARGS="--for 120"
	@exec .venv/bin/floorwatch demo $(if $(PORT),--port "$(PORT)") $(if $(SEATS),--seats "$(SEATS)") \
		$(if $(SPEED),--speed "$(SPEED)") $(ARGS)

serve: .venv/runtime.stamp ## the service: CONFIG=floorwatch.toml ARGS="--roles collect,floor"
	@exec .venv/bin/floorwatch serve -c "$(CONFIG)" $(ARGS)

# --- check ----------------------------------------------------------------------------------------------------------

.PHONY: test lint types contracts integration browser golden-accept nightly bench
test: .venv/dev.stamp system ## all checks and the whole test suite, installing what they need; ARGS go to pytest
	@failed=; \
	for check in lint types contracts; do $(MAKE) $$check || failed="$$failed $$check"; done; \
	$(if $(ARGS),$(PY) -m pytest --session-timeout=3600 $(ARGS),$(PY) -m tests.sessions) || failed="$$failed pytest"; \
	if [ -n "$$failed" ]; then echo "make test: failed:$$failed" >&2; exit 1; fi

lint: .venv/dev.stamp ## ruff: rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: .venv/dev.stamp ## mypy, strict
	@$(PY) -m mypy

contracts: .venv/dev.stamp ## the rooms and the doors between them
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

integration: .venv/dev.stamp system ## only the tests that start real servers
	@$(PY) -m pytest -m servers $(ARGS)

browser: .venv/dev.stamp system ## only the tests that drive a real Chromium
	@$(PY) -m pytest -m browser $(ARGS)

nightly: .venv/dev.stamp system ## 200 seeded fault schedules (FAULTS=N, FIRST_SEED=N) and many more examples of each property: hours
	@FAULT_SCHEDULES="$(FAULTS)" FAULT_FIRST_SEED="$(FIRST_SEED)" HYPOTHESIS_PROFILE=nightly \
		$(PY) -m pytest tests/faults tests/property $(ARGS)

golden-accept: .venv/dev.stamp ## rewrite the expected outputs of tests/golden, for you to review
	@GOLDEN_ACCEPT=1 $(PY) -m pytest tests/golden $(ARGS)
	@git --no-pager diff --stat -- tests/golden

bench: .venv/dev.stamp ## every benchmark once; rewrites the table in docs/benchmarks.md
	@$(PY) -m tests.bench._report $(ARGS)

# --- keep -----------------------------------------------------------------------------------------------------------

.PHONY: lock clean
UV_COMPILE = build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)
lock: .venv/made.stamp ## resolve pyproject.toml into the lock files; UPGRADE=1 takes newer versions
	@[ -x build/lock/bin/uv ] || "$(PYTHON)" -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv==$(UV_VERSION)
	@$(UV_COMPILE) --group build -o requirements-build.lock
	@$(UV_COMPILE) pyproject.toml -c requirements-build.lock -o requirements.lock
	@$(UV_COMPILE) pyproject.toml --group dev -c requirements-build.lock -c requirements.lock -o requirements-dev.lock

clean: ## remove .venv, build/ and every cache; recordings and databases of `--data` folders stay
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# `make help` lists the targets.
# Each target does its own set-up and may be called again and again.
# Tests run in two processes: it takes half the time, and pyo has 256 servers in a process and gives none back.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PRESET ?= glitch_organ
ARGS ?=

.PHONY: perform test bench lint docs help setup setup-dev

perform: setup  ## play the glitch organ (PRESET=cathedral another preset, ARGS="--list" options)
	$(BIN)/perform --preset $(PRESET) $(ARGS)

test: setup-dev  ## run the tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

bench: setup-dev  ## measure what docs/figures.md says (long)
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lint: setup-dev  ## style, types, who imports whom, pages of docs/ that are out of date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/instrument docs --check

docs: setup-dev  ## write the tables in docs/ from the declarations
	$(BIN)/instrument docs

help:  ## this list
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.played  ## what perform needs (once)
setup-dev: $(VENV)/.tested  ## what the tests need, too (once)

$(VENV)/.played: pyproject.toml .ci/system-packages
	@.ci/system-packages play
	@echo "setting up $(VENV) (once; torch is large, this can take minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --upgrade pip
	@$(BIN)/python -m pip install -qq --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.played
	@.ci/system-packages test
	@$(BIN)/python -m pip install -qq --editable '.[dev]'
	@touch $@

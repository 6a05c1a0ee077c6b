# perform: play the glitch organ.   test: run the tests.   bench, lint, docs: what they say.
# Each target does its own set-up and may be called again and again.
# Tests run in two processes: it takes half the time, and pyo has 256 servers in a process and gives none back.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PRESET ?= glitch_organ
ARGS ?=

.PHONY: perform test bench lint docs setup setup-dev

perform: setup
	$(BIN)/perform --preset $(PRESET) $(ARGS)

test: setup-dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

bench: setup-dev
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/instrument docs --check

docs: setup-dev
	$(BIN)/instrument docs

setup: $(VENV)/.played
setup-dev: $(VENV)/.tested

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

# Two commands: `make run` and `make test`. Each sets up first what is missing.
PYTHON ?= python3
BIN := .venv/bin
CATALOGUES := $(wildcard onestop/locale/*/LC_MESSAGES/django.po)
COMPILED := $(CATALOGUES:.po=.mo)
FAST := not slow and not worker and not browser

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check lint messages campaign

help:
	@echo "make run       set everything up and start OneStop on a demo city (PORT=8000 HOST=127.0.0.1)"
	@echo "make test      set everything up and pass the whole suite"
	@echo "make check     the fast part of the suite and the linters"
	@echo "make demo      start the demo city anew at today's date"
	@echo "make lint      ruff, import-linter, mypy"
	@echo "make messages  collect the words for people into the catalogues"
	@echo "make campaign  the long runs"

setup: .venv/.installed $(COMPILED)

# The stamp is newer than the pins: nothing to do, and no network needed.
.venv/.installed: requirements.txt
	@if command -v uv >/dev/null 2>&1; then \
	  { [ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) .venv; } \
	  && uv pip install --quiet --python $(BIN)/python -r requirements.txt; \
	else \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "OneStop needs Python 3.11 or newer as python3 (or PYTHON=…)" >&2; exit 3; }; \
	  $(PYTHON) -c 'import ensurepip' 2>/dev/null \
	    || { echo "OneStop needs the package python3-venv: apt install python3-venv" >&2; exit 3; }; \
	  echo "Installing what OneStop needs into .venv (once, about a minute)" >&2; \
	  { [ -x $(BIN)/pip ] || $(PYTHON) -m venv --clear .venv; } \
	  && $(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt; \
	fi
	@touch $@

%.mo: %.po .venv/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

run: setup
	@exec $(BIN)/python manage.py serve --demo

demo: setup
	@exec $(BIN)/python manage.py demo --fresh

test: setup
	@$(BIN)/pytest -n 2 --dist loadgroup

check: setup lint
	@$(BIN)/pytest -q -m "$(FAST)"

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy onestop dossiers workflows notifications

messages: setup
	@$(BIN)/python manage.py collect_messages
	@$(MAKE) --no-print-directory setup

campaign: setup
	@$(BIN)/python -m benchmarks.campaign

# Min Plan. Needs Python 3.11 or newer and make; everything else comes from the locked wheels.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
ROUNDS ?= 1000
DOCUMENTS ?= 10000
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := tests/clients
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: run test test-clients faults fuzz check bench format lock snapshots clean

run: $(VENV)/run.stamp
	@exec $(BIN)/minplan up --port $(PORT)

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n 3 --dist worksteal

# every named client unchanged against a real API; needs Node 20 or newer and npm
test-clients: $(VENV)/dev.stamp $(CLIENTS)/node_modules/.stamp
	$(BIN)/python -m tests.clients

# workers killed and frozen, servers and providers that fail: nothing may be lost or sent twice
faults: $(VENV)/dev.stamp
	$(BIN)/python -m tests.faults --rounds $(ROUNDS) --progress
	FAULT_EXAMPLES=25 $(BIN)/pytest tests/faults/test_ledger_machine.py

# generated documents, right and wrong: every answer is one of the schema's, and the memory stays flat;
# and each property with new examples, ten times as many as in the suite
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.fuzz --documents $(DOCUMENTS)
	EXAMPLES_SHARE=1 $(BIN)/pytest -n 2 -m hypothesis --hypothesis-profile=new

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/minplan schema --check
	$(BIN)/minplan permissions --check

bench: $(VENV)/dev.stamp
	$(BIN)/python -m bench

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# the snapshots that reviews look at: the SDL, the permission matrix, the rules with their tests
snapshots: $(VENV)/dev.stamp
	$(BIN)/minplan schema
	$(BIN)/minplan permissions
	$(BIN)/python -m tests.rule_table

# new versions of the dependencies, pinned by name, version and hash
lock: $(VENV)/dev.stamp
	$(PIP) install uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade -q requirements/run.in -o requirements/run.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade -q requirements/dev.in -o requirements/dev.txt

clean:
	rm -rf $(VENV) .data .mypy_cache .ruff_cache .hypothesis $(CLIENTS)/node_modules $(CLIENTS)/generated

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies ..."
	@$(PIP) install --no-compile --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@$(PIP) install --no-compile --require-hashes -r requirements/dev.txt
	@touch $@

$(CLIENTS)/node_modules/.stamp: $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@command -v npm > /dev/null || { echo "make test-clients needs Node 20 or newer with npm."; exit 1; }
	@echo "Installing the locked clients ..."
	@cd $(CLIENTS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

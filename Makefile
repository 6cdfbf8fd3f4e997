# Atrium: `make run` starts it, `make test` tests it. Each target installs what it needs, once.
# Variables: PORT (8000), DATA (./data), DATABASE_URL (a PostgreSQL 15-18 instead of the embedded one), PYTHON (python3).

PYTHON ?= python3
PORT ?= 8000
DATA ?= data
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PAGE := client-examples/browser
RIVALS := tests/bench/node
NPM := $(shell command -v npm 2>/dev/null)
PAGE_SOURCES := $(shell find $(PAGE) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.test.ts' 2>/dev/null)
PYTEST := $(BIN)/python -m pytest

export PORT DATA DATABASE_URL

.PHONY: run demo test check format bench bench-report bench-references drill simulate fuzz autobahn proof lock clean page page-test page-check

run: $(VENV)/.installed page ## Start Atrium: prints the page's address and `ready`; Ctrl-C stops it
	@exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m server serve

demo: $(VENV)/.installed page ## Start Atrium with bots acting in a few rooms
	@exec env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m server demo

test: $(VENV)/.installed-tests page page-test ## Every test, short forms of drills and benchmarks included
	$(PYTEST)

check: $(VENV)/.installed-tests page-check ## Lint, format, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-tests bench-references ## One table: each figure beside its reference of the same minutes (15 minutes; QUICK=--quick for a short form)
	$(BIN)/python -m tests.bench $(QUICK)

bench-report: $(VENV)/.installed-tests ## Charts in docs/ of what `make bench` measured last
	$(BIN)/python -m tests.bench.report

drill: $(VENV)/.installed-tests ## The long drills, and the simulation behind them (ARGS="kill --n 30" for one; ARGS=bites for the broken servers)
	$(BIN)/python -m tests.drills $(or $(ARGS),all) $(if $(ARGS),,; drilled=$$?; $(BIN)/python -m tests.simulation --seeds 5000 && exit $$drilled)

simulate: $(VENV)/.installed-tests ## Thousands of whole courses under a pretended clock, disk, network and database (ARGS="--seed 123" for one; ARGS=--bites for the broken nodes)
	$(BIN)/python -m tests.simulation $(or $(ARGS),--seeds 5000)

fuzz: $(VENV)/.installed-fuzz ## The long fuzzing, 20 minutes (ARGS="socket-frames --minutes 5" for one target; ARGS=http for the API)
	$(BIN)/python -m tests.fuzz $(ARGS)

autobahn: $(VENV)/.installed-tests ## The Autobahn test-suite against our sockets; needs a Python 2.7 (ARGS='"5.*"' for some cases)
	$(BIN)/python -m tests.autobahn $(ARGS)

proof: $(VENV)/.installed-tests ## Write docs/proof.md: what drills, simulation, fuzzing and Autobahn have shown last
	$(BIN)/python -m tests.proof

lock: ## Resolve the locked dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --extra build --extra bot -q -o requirements.lock
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --extra build --extra bot --extra test -q -o requirements-test.lock -c requirements.lock
	grep -o 'atheris>[^"]*' pyproject.toml | uv pip compile - --universal --generate-hashes --no-header --no-annotate -q -o requirements-fuzz.lock

clean: ## Remove what was built; never the data
	rm -rf $(VENV) $(PAGE)/dist $(PAGE)/node_modules $(RIVALS)/node_modules

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.installed-tests: requirements-test.lock $(VENV)/.installed
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

# Machines for which there is no wheel fuzz without it; `python -m tests.fuzz` says so.
$(VENV)/.installed-fuzz: requirements-fuzz.lock $(VENV)/.installed-tests
	-$(PIP) --require-hashes --only-binary atheris -r requirements-fuzz.lock
	@touch $@

ifneq ($(NPM),)
page: $(PAGE)/dist/index.html

page-test: $(PAGE)/node_modules/.installed
	cd $(PAGE) && npm run --silent test

page-check: $(PAGE)/node_modules/.installed
	cd $(PAGE) && npm run --silent check

bench-references: $(RIVALS)/node_modules/.installed
else
page page-test page-check bench-references:
	@echo "lacking: npm (the page is neither built nor tested; everything else works)"
endif

$(RIVALS)/node_modules/.installed: $(RIVALS)/package-lock.json
	cd $(RIVALS) && npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE)/node_modules/.installed: $(PAGE)/package-lock.json
	cd $(PAGE) && npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.installed $(PAGE_SOURCES)
	cd $(PAGE) && npm run --silent build
	@touch $@

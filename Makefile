# make demo | test | check | fuzz | bench | scores | docs | report-picture | clean. Everything is kept in .venv; PYTHON=... chooses the interpreter.

PYTHON ?= python3
FUZZ_SECONDS ?= 60
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet
export PIP_NO_CACHE_DIR := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check fuzz bench scores docs report-picture clean

help:
	@echo "make demo    lint the messages in examples/"
	@echo "make test    run the tests"
	@echo "make check   formatting, lint and types"
	@echo "make fuzz    feed the parsers of the mail path with hostile bytes, for FUZZ_SECONDS each"
	@echo "make bench   measure speed, start-up and memory"
	@echo "make scores  fit the points of the rules to real mail, and measure them"
	@echo "make docs    write the generated pages again"
	@echo "make report-picture  take the picture of the HTML report, with Chromium"
	@echo "make clean   remove .venv and everything that was built"

# Exit code 1 says that a message was blocked, which some of the examples are there to show.
demo: $(VENV)/run.stamp
	@$(BIN)/spamlint check examples || test $$? -eq 1

test: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest --numprocesses auto --quiet

check: $(VENV)/dev.stamp
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@echo "Formatting, lint and types are in order."

# Each tests/fuzz_*.py is a program for one parser; what it finds is kept in .venv/fuzz.
fuzz: $(VENV)/fuzz.stamp
	@for one in tests/fuzz_*.py; do \
	  echo "$$one for $(FUZZ_SECONDS) seconds ..."; \
	  PYTHONPATH=. $(BIN)/python "$$one" -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -verbosity=0 \
	    -artifact_prefix=$(VENV)/fuzz/ || exit 1; \
	done

bench: $(VENV)/run.stamp
	@$(BIN)/python benchmarks/bench.py

# Points are fitted before they are measured, so that the figures are those of the points that are written.
scores: $(VENV)/dev.stamp
	@$(BIN)/python benchmarks/calibrate.py --table $(VENV)/corpus.json
	@$(BIN)/python benchmarks/accuracy.py --table $(VENV)/corpus.json --write
	@$(BIN)/python docs/generate.py

docs: $(VENV)/run.stamp
	@$(BIN)/python docs/generate.py

report-picture: $(VENV)/run.stamp
	@$(BIN)/python docs/picture.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11 or newer (Debian: apt install python3 python3-venv), or say which one to use: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "spamlint needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Say which one to use: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module. Debian and Ubuntu keep it in a package of its own: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable .
	@touch $@

# pip reads dependency groups since 25.1; the one that comes with Debian 12 is older.
$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "Adding the tools for development ..."
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --group dev
	@touch $@

$(VENV)/fuzz.stamp: $(VENV)/dev.stamp
	@$(PIP) install --group fuzz
	@mkdir -p $(VENV)/fuzz
	@touch $@

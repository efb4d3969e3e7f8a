# Everything a newcomer needs: `make answer` and `make test`. Both set up the environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Real trial data with published results live beside the checkout; tests that need them skip, saying so, when absent.
export LIMEN_REALDATA ?= $(abspath ../shared/realdata)
EXAMPLE ?= examples/lsddep2.yaml

.PHONY: answer test lint unit golden validate bench docs lock clean

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

answer: $(READY)  ## set up, then answer an example protocol
	$(BIN)/limen answer $(EXAMPLE) --out dossiers

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

unit: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal tests validation --ignore validation/test_engine_accuracy.py

test: lint unit  ## everything CI checks

golden: $(READY)  ## accept the numbers of the small golden dossier, after reading the difference
	$(BIN)/python tests/golden/test_golden.py
	git --no-pager diff --stat -- tests/golden

validate: $(READY)  ## longer checks: published numbers, other software
	$(BIN)/pytest validation

bench: $(READY)  ## speed against peers, as ratios in one run
	$(BIN)/pip install --quiet numba libroadrunner myokit
	-$(BIN)/pip install --quiet numbalsoda  # has no wheel for every machine; the table goes on without it
	$(BIN)/python -m benchmarks

docs: $(READY)
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

lock:  ## resolve the newest releases that run on Python 3.11
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra bayes --extra dev --extra docs --no-annotate -o requirements.lock --upgrade

clean:
	rm -rf $(VENV) dist build docs/_build dossiers

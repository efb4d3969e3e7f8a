# Everything a newcomer needs: `make answer` and `make test`. Both set up the environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Real trial data with published results live beside the checkout; tests that need them skip, saying so, when absent.
export LIMEN_REALDATA ?= $(abspath ../shared/realdata)
EXAMPLE ?= examples/lsddep2.yaml

.PHONY: answer test lint unit golden belief-part calibrate validated turned validate references bench report-blinding docs lock clean

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

# What takes minutes of a processor by itself is left to `make validate`.
LONG := calibrate looks engine_accuracy predictions mmrm_many levels own_data axe side_by_side estimands titrated
unit: $(READY)
	$(BIN)/pytest -n 2 --dist worksteal tests validation $(LONG:%=--ignore validation/test_%.py) --ignore validation/test_own_data.py

test: lint unit  ## everything CI checks

golden: $(READY)  ## accept the numbers of the small golden dossier, after reading the difference
	$(BIN)/python tests/golden/test_golden.py
	git --no-pager diff --stat -- tests/golden

belief-part: $(READY)  ## compute anew what belief adds to the difference of each trial of the evidence base
	$(BIN)/python -m limen.calibration.belief_part src/limen/evidence/belief_part.toml

calibrate: $(READY)  ## fit the free parameters to published summaries anew (src/limen/parameters/posterior.csv and .json)
	$(BIN)/limen calibrate --out src/limen/parameters --force

validated: $(READY)  ## predict every published value anew, for the pages of the site (src/limen/calibration/predicted.json)
	$(BIN)/limen validate --json > src/limen/calibration/predicted.json.new
	mv src/limen/calibration/predicted.json.new src/limen/calibration/predicted.json

turned: $(READY)  ## turn the dose anew for the first page of the site (docs/turn.json); its picture is the page's own button
	$(BIN)/limen turn adhd_20ug --out docs/_build/turned --force
	$(BIN)/python -m json.tool --no-ensure-ascii --compact docs/_build/turned/adhd_20ug-turn.json docs/turn.json

validate: $(READY)  ## longer checks: published numbers, other software, every Python promised
	$(BIN)/pytest validation
	$(BIN)/python -m validation.pythons

references:  ## write the references of validation again, with the R of validation/r/Dockerfile
	validation/regenerate.sh

report-blinding: $(READY)  ## simulate what blinding adjustments are worth, and write the paper (validation/adjustments.md); goes on where it stood
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m validation.report_blinding

# Peers never move a locked package: one that needs another version is left out. See benchmarks/README.md for what they need.
PEERS := numba antimony libroadrunner myokit numbalsoda
bench: $(READY)  ## speed against peers, as ratios in one run
	$(BIN)/pip freeze --exclude-editable > $(VENV)/locked.txt
	for peer in $(PEERS); do \
	  $(BIN)/pip install --quiet --prefer-binary --constraint $(VENV)/locked.txt $$peer \
	    || echo "$$peer cannot be installed here; the table goes on without it"; \
	done
	$(BIN)/python -m benchmarks

bench-commands: $(READY)  ## what the commands cost, as real processes in one run
	$(BIN)/python -m benchmarks.commands

docs: $(READY)
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

lock:  ## resolve the newest releases that run on Python 3.11
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra bayes --extra cluster --extra dev --extra docs --extra exchange --no-annotate -o requirements.lock --upgrade

clean:
	rm -rf $(VENV) dist build docs/_build dossiers

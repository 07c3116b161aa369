# Everything a newcomer types. Nothing is written outside the repository but the browser package.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
N ?= 50

.PHONY: demo demo-eval test test-vllm test-training check format model lock browser clean

demo: $(VENV)/installed browser  ## A real model orders a pizza in a real browser.
	@$(BIN)/python -m tasks.demo

demo-eval: $(VENV)/installed browser  ## The rate over N random orders, with and without quirks.
	@$(BIN)/python -m tasks.demo eval --orders $(N)

test: $(VENV)/installed browser  ## All tests: real Chromium, real HTTP, real SQLite.
	$(BIN)/pytest --ignore=tests/training --ignore=tests/vllm
	@echo 'Left out: the tests inside a real vLLM (make test-vllm) and of training (make test-training).'

check: $(VENV)/installed  ## Lint, types, import direction.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy agent tools tasks server tests
	$(BIN)/lint-imports

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "secondlook needs Python 3.11 or newer: install it, or say PYTHON=python3.x make …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { .ci/debian python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

browser: $(VENV)/installed
	@$(BIN)/python -c 'from tools.browser import find_browser; find_browser()' 2>/dev/null \
	  || .ci/debian chromium \
	  || $(BIN)/playwright install chromium

# vLLM lives in an environment of its own below build/ (3.5 GB).
test-vllm: $(VENV)/installed browser build/vllm/installed.json  ## The tests inside a real vLLM.
	$(BIN)/pytest tests/vllm

build/vllm/installed.json: | $(VENV)/installed
	$(BIN)/secondlook serve-model --install --home build

# The bundled model, from nothing: its own environment, because it needs PyTorch.
TRAIN := .venv-training
model: $(TRAIN)/installed browser  ## Remake the bundled model; resumes after a kill.
	$(TRAIN)/bin/python -m training experts --seeds 20 --faults 0.3 --slips 0.1
	$(TRAIN)/bin/python -m training make --rehearsals build/training/experts.jsonl --share 0.4

test-training: $(TRAIN)/installed
	$(TRAIN)/bin/python -m pytest tests/training

$(TRAIN)/installed: requirements.lock training/requirements.lock
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps \
	  -r requirements.lock -r training/requirements.lock
	$(TRAIN)/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

lock:  ## Pin what pyproject.toml asks for.
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --extra dev --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --no-header --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) $(TRAIN) build dist *.egg-info

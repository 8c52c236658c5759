.DEFAULT_GOAL := help
PY ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
MODEL_FOR_TESTS := smollm2-135m
BENCH ?= engine gateway joint privacy

BENCHMARKS := bench-engine bench-gateway bench-joint bench-privacy

.PHONY: help setup run demo test test-large check audit fix bench $(BENCHMARKS) docs

help:        ## List the habits
	@grep -hE '^[a-z-]+: *.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/'

setup: $(VENV)/.dev   ## Install everything a developer needs into .venv

run: $(VENV)/.run     ## Pull the models, answer a first question here and in a stand-in cloud, serve
	$(BIN)/jisr up

demo: $(VENV)/.run    ## The same, without staying
	$(BIN)/jisr up --once --port 0

test: $(VENV)/.dev    ## The whole suite; its model (98 MB) is pulled once
	$(BIN)/jisr models pull $(MODEL_FOR_TESTS)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-large: $(VENV)/.dev  ## Tests that need the larger pair of models, or llama.cpp's own server
	$(PIP) install -c constraints.txt -e '.[bench]'
	$(BIN)/jisr models pull qwen2.5-coder-0.5b qwen2.5-coder-1.5b
	$(BIN)/python -m pytest -m large

check: $(VENV)/.dev   ## Format, lint, types and generated pages, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m jisr.cli.manual --check
	$(BIN)/python -m jisr.cli.advisories

audit: $(VENV)/bin/python  ## Ask the public advisories about every pinned version; needs a network
	$(PY) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip --disable-pip-version-check -q install pip-audit
	$(VENV)/audit/bin/pip-audit --strict -r constraints.txt --no-deps --disable-pip

fix: $(VENV)/.dev     ## Format, and repair what a tool can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev   ## Measure; DATA_PRIVACY, DATA_JOINT and DATA_ENGINE name files of texts
	$(PIP) install -c constraints.txt -e '.[bench]'
	$(BIN)/jisr models pull qwen2.5-coder-0.5b qwen2.5-coder-1.5b
	$(MAKE) $(BENCH:%=bench-%)
	$(MAKE) docs

bench-engine:
	$(BIN)/jisr bench engine $(DATA_ENGINE:%=--data %) --json docs/results/engine.json

bench-gateway:
	$(BIN)/jisr bench gateway --json docs/results/gateway.json

bench-joint:
	$(if $(DATA_JOINT),$(BIN)/jisr bench joint --data $(DATA_JOINT) --plots docs --json docs/results/joint.json,@echo "Joint decoding is not measured: give its questions, DATA_JOINT=questions.jsonl")

bench-privacy:
	$(if $(DATA_PRIVACY),$(BIN)/jisr bench privacy $(DATA_PRIVACY:%=--data %) --json docs/results/privacy.json,@echo "Privacy is not measured: give its texts, DATA_PRIVACY='spans.jsonl prompts.jsonl'")

docs: $(VENV)/.dev    ## Write the pages that are made out of the code and the figures
	$(BIN)/python -m jisr.cli.manual

$(VENV)/bin/python:
	$(PY) -m venv $(VENV) || python3 -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing; the first time llama.cpp is compiled, which takes about five minutes on two cores."
	$(PIP) install -c constraints.txt -e '.[names]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

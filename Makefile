# Everything that is done with Matinee, by name. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
INSTALLED := $(VENV)/.installed
SOURCES := services tools tests bench contracts
PORTS ?=
FRESH ?=
ENV ?= default

export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-west-1

## -- Every day ----------------------------------------------------------------

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^## -- / {gsub(/^## -- | -+$$/, ""); printf "\n\033[1m%s\033[0m\n", $$0} \
	  /^[a-z][a-z-]*:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(INSTALLED) ## Start the whole product here (PORTS=free, FRESH=1); Ctrl-C stops it
	@exec $(PYTHON) -m tools.local run $(if $(PORTS),--ports $(PORTS)) $(if $(FRESH),--fresh)

.PHONY: demo
demo: $(INSTALLED) ## Against the running product: friends open a room, swipe, and find their film
	@$(PYTHON) -m tools.demo

.PHONY: logs
logs: $(INSTALLED) ## Follow what the running product's functions log (FUNCTION=name for one)
	@$(PYTHON) -m tools.local logs $(FUNCTION) --follow

.PHONY: status
status: $(INSTALLED) ## Whether the product runs here, and where
	@$(PYTHON) -m tools.local status

.PHONY: test
test: $(INSTALLED) ## Every test; sets itself up, starts its own product for the end-to-end ones
	@$(PYTHON) -m pytest -n auto --dist loadgroup

.PHONY: check
check: $(INSTALLED) lint types contracts-check template-check ## Everything that finds faults without running the product

## -- Parts of a check ---------------------------------------------------------

.PHONY: lint
lint: $(INSTALLED) ## Style and common mistakes
	@$(VENV)/bin/ruff check $(SOURCES)
	@$(VENV)/bin/ruff format --check --quiet $(SOURCES)

.PHONY: types
types: $(INSTALLED) ## Types, strictly
	@$(VENV)/bin/mypy

.PHONY: contracts-check
contracts-check: $(INSTALLED) ## Schemas, examples, sample events, rules and interfaces agree with the code
	@$(PYTHON) -m tools.contracts check
	@$(PYTHON) -m tools.openapi check

.PHONY: template-check
template-check: $(INSTALLED) $(VENV)-checkov/.installed ## The template, as SAM, cfn-lint and checkov see it
	@$(VENV)/bin/sam validate --lint
	@$(VENV)/bin/cfn-lint template.yaml --append-rules cfn_lint_serverless.rules
	@$(VENV)-checkov/bin/checkov --skip-download --file template.yaml --framework cloudformation --quiet --compact

## -- What is made of the code -------------------------------------------------

.PHONY: contracts
contracts: $(INSTALLED) ## Write the schemas and interface documents from the models
	@$(PYTHON) -m tools.contracts write
	@$(PYTHON) -m tools.openapi write

.PHONY: format
format: $(INSTALLED) ## Put the code into its form
	@$(VENV)/bin/ruff check --fix $(SOURCES)
	@$(VENV)/bin/ruff format $(SOURCES)

.PHONY: bench
bench: $(INSTALLED) ## Measure; prints the figures and writes them to bench/
	@$(PYTHON) -m bench

.PHONY: lock
lock: $(INSTALLED) ## Pin every package anew, with hashes
	@cd requirements && for name in bootstrap dev checkov; do \
	  ../$(UV) pip compile --quiet --upgrade --generate-hashes --no-annotate \
	    --custom-compile-command 'make lock' --python-version 3.13 $$name.in --output-file $$name.txt; done
	@for layer in services/shared services/recommender/layer; do \
	  $(UV) pip compile --quiet --generate-hashes --no-annotate \
	    --custom-compile-command 'make lock' --python-version 3.13 \
	    --constraint requirements/dev.txt $$layer/requirements.in --output-file $$layer/requirements.txt; done

## -- AWS ----------------------------------------------------------------------

.PHONY: build
build: $(INSTALLED) ## What AWS gets, in .aws-sam/
	@$(VENV)/bin/sam build

.PHONY: deploy
deploy: build ## Deploy (ENV=dev or prod; default: the running emulator)
	@$(VENV)/bin/sam deploy --config-env $(ENV)

.PHONY: invoke
invoke: $(INSTALLED) ## Give a sample event to the running product (EVENT=events/rooms/....json)
	@$(PYTHON) -m tools.local invoke $(or $(EVENT),$(error say which: EVENT=events/rooms/....json))

## -- Set-up (each of the above does it by itself) ------------------------------

.PHONY: install
install: $(INSTALLED) ## The virtual environment, from the locked requirements

$(INSTALLED): requirements/bootstrap.txt requirements/dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "Matinee needs Python 3.13; 'python3' here is $$(python3 --version 2>&1 || true)." >&2; \
	  echo "Install it (for example: pyenv install 3.13, uv python install 3.13) and try again." >&2; exit 1; }
	@echo "Installing the packages into $(VENV) ..."
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements/dev.txt
	@touch $@

$(VENV)-checkov/.installed: requirements/checkov.txt $(INSTALLED)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)-checkov
	@$(UV) pip sync --quiet --require-hashes --python $(VENV)-checkov/bin/python requirements/checkov.txt
	@touch $@

.PHONY: clean
clean: ## Remove what was built and the local product's data
	@rm -rf .aws-sam .local .pytest_cache .mypy_cache .ruff_cache

# Everything that is done with Matinee, by name. `make` alone lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv
INSTALLED := $(VENV)/.installed
NODE_PACKAGES := tests/clients/node_modules/.package-lock.json
SOURCES := services tools tests bench contracts
# The plugins that are used, and compiled tests: each worker would take seconds for the rest.
PYTEST := PYTHONDONTWRITEBYTECODE= PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 \
  PYTEST_PLUGINS=pytest_asyncio.plugin,_hypothesis_pytestplugin,pytest_cov.plugin,pytest_socket,respx.plugin,xdist.plugin,pytest_timeout \
  $(PYTHON) -m pytest
WEB_BUILT := web/dist/index.html
WEB_PACKAGES := web/node_modules/.package-lock.json
WEB_SOURCES := $(shell find web/src web/public web/scripts web/*.* -type f -not -path 'web/src/generated/*') \
  contracts/http/openapi.yaml contracts/graphql/schema.graphql
WEB_BASE := /_matinee/app/
TEMPLATES := $(wildcard template.yaml platform/template.yaml services/*/template.yaml edge/template.yaml web/template.yaml)
PORTS ?=
FRESH ?=
ORIGINS ?=
VERIFY ?=
STRICT ?=
PAGES ?=
ROOMS ?=
PEOPLE ?=
VOTES ?=
BURST ?=
BACKLOG ?=
PACE ?=
EVERYTHING ?=
# Not from the shell's environment: what goes to AWS is named on the command line.
ENV := local
STACK :=
LISTEN :=
ON_AWS = $(filter-out local,$(ENV))
PARAMETERS ?=
SERVICE ?=
WHOLE ?=
FN ?=
CASE ?=
YES ?=
ABLATE ?=
BUSY ?=
ON = $(if $(STACK),--stack $(STACK))

export SAM_CLI_TELEMETRY := 0
export REDOCLY_TELEMETRY := off
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
export AWS_DEFAULT_REGION ?= eu-west-1

## -- Every day ----------------------------------------------------------------

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^## -- / {gsub(/^## -- | -+$$/, ""); printf "\n\033[1m%s\033[0m\n", $$0} \
	  /^[a-z][a-z-]*:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(INSTALLED) app ## Start the whole product here (PORTS=free, FRESH=1, VERIFY=1: mailed codes, ORIGINS=http://..., STRICT=1: as unkind as AWS); Ctrl-C stops it
	@exec $(PYTHON) -m tools.local run $(if $(PORTS),--ports $(PORTS)) $(if $(FRESH),--fresh) \
	  $(if $(VERIFY),--verify) $(if $(STRICT),--strict) $(if $(ORIGINS),--origins $(ORIGINS))

.PHONY: stop
stop: $(INSTALLED) ## Stop the running product, and wait until its state is saved
	@$(PYTHON) -m tools.local stop

.PHONY: mail
mail: $(INSTALLED) ## The mails that the running product has sent, with their codes (TO=address)
	@$(PYTHON) -m tools.local mail $(if $(TO),--to $(TO))

.PHONY: env
env: $(INSTALLED) ## Exports for a shell: addresses, a token, AWS keys of the running product: eval "$$(make env)"
	@$(PYTHON) -m tools.local env

.PHONY: client-config
client-config: $(INSTALLED) ## Configuration of clients of the running product: Amplify, .env, requests for VS Code
	@$(PYTHON) -m tools.local client-config

.PHONY: demo
demo: $(INSTALLED) ## Against the running product: friends open a room, swipe, and find their film
	@$(PYTHON) -m tools.ops.demo

.PHONY: play
play: $(INSTALLED) ## Against the running product: an evening of many rooms, to look at in the console (ROOMS=8 PACE=1: seconds between swipes)
	@$(PYTHON) -m tools.ops.demo.play $(if $(ROOMS),--rooms $(ROOMS)) $(if $(PACE),--pace $(PACE))

.PHONY: refresh
refresh: $(INSTALLED) ## Fill the running product's catalogue from TMDB (PAGES=20, EVERYTHING=1 for genres, too)
	@$(PYTHON) -m tools.ops.refresh $(if $(PAGES),--pages $(PAGES)) $(if $(EVERYTHING),--everything)

.PHONY: logs
logs: $(INSTALLED) ## Follow the functions' logs (FN=NotifierFunction for one; on AWS: ENV=dev with FN or SERVICE=rooms)
	@$(if $(ON_AWS),$(PYTHON) -m tools.ops logs --env $(ENV) $(if $(SERVICE),--service $(SERVICE)) $(FN) $(FUNCTION),\
	  $(PYTHON) -m tools.local logs $(FN) $(FUNCTION) --follow)

.PHONY: events
events: $(INSTALLED) ## What passes over the bus (TYPE=VoteCast SOURCE=matinee.rooms CORRELATION=id STACK=matinee-dev)
	@$(PYTHON) -m tools.ops.events $(ON) live $(if $(TYPE),--type $(TYPE)) $(if $(SOURCE),--source $(SOURCE)) \
	  $(if $(CORRELATION),--correlation $(CORRELATION))

.PHONY: send
send: $(INSTALLED) ## Put the example of an event on the bus (TYPE=MatchFound)
	@$(PYTHON) -m tools.ops.events $(ON) send $(or $(TYPE),$(error say which: TYPE=MatchFound))

.PHONY: console
console: $(INSTALLED) app ## The console of a stack on AWS, to read only (STACK=matinee-dev; LISTEN=1: live events); here it is in the app
	@$(PYTHON) -m tools.ops.console --stack $(or $(STACK),$(error say which: STACK=matinee-dev; here it is at /_matinee/app/console)) \
	  $(if $(LISTEN),--listen)

.PHONY: subscriber
subscriber: $(INSTALLED) ## Deploy the example subscriber to the running product, from another account
	@$(PYTHON) -m tools.local subscriber

.PHONY: nights
nights: $(INSTALLED) ## What the example subscriber has planned
	@$(PYTHON) -m tools.local nights

.PHONY: status
status: $(INSTALLED) ## How it does: queues, dead letters, outboxes, last refresh, alarms (STACK=matinee-dev: on AWS)
	@$(if $(STACK),,$(PYTHON) -m tools.local status &&) $(PYTHON) -m tools.ops $(ON) status

.PHONY: seed
seed: $(INSTALLED) ## Demo users with favourites, tastes and rooms (STACK=matinee-dev: on AWS)
	@$(PYTHON) -m tools.ops $(ON) seed

.PHONY: clean-data
clean-data: $(INSTALLED) ## Delete every item, message, object and user; shows how many and asks first (STACK=matinee-dev: on AWS)
	@$(PYTHON) -m tools.ops $(ON) clean-data $(if $(YES),--yes)

# One worker more than processors: while one waits for its product, the others use them.
.PHONY: test
test: $(INSTALLED) $(NODE_PACKAGES) $(WEB_BUILT) browser java ## Every test, and coverage's floor; sets itself up, starts products for the end-to-end ones
	@$(PYTEST) -n $$($(PYTHON) -c 'import os; print(os.cpu_count() + 1)') --dist loadfile --no-loadscope-reorder --cov --cov-report=

.PHONY: quick
quick: $(INSTALLED) ## Unit and contract tests only
	@$(PYTEST) tests/unit tests/contract -n auto --dist loadfile --quiet

.PHONY: simulate
simulate: $(INSTALLED) ## Histories of the whole product under faults, in two processes (N=1000 SEED=1 PROCESSES=2, or SEED=1/17 for one of them)
	@$(PYTHON) -m tests.simulation --count $(or $(N),$(if $(findstring /,$(SEED)),1,1000)) --seed $(or $(SEED),1) --points \
	  --processes $(or $(PROCESSES),2)

.PHONY: check
check: $(INSTALLED) $(NODE_PACKAGES) lint types web-check docs contracts-check interfaces-check template-check secrets-check audit ## Everything that finds faults without running the product

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

.PHONY: interfaces-check
interfaces-check: $(INSTALLED) $(NODE_PACKAGES) ## OpenAPI, AsyncAPI and events' schemas, as the packages of those who read them see them
	@$(VENV)/bin/openapi-spec-validator --subschema-errors all contracts/http/openapi.yaml
	@tests/clients/node_modules/.bin/redocly lint --extends recommended-strict contracts/http/openapi.yaml
	@node tests/clients/contracts.mjs contracts

# `sam validate --lint` is cfn-lint for one region without our rules; tests/template transform as SAM does.
.PHONY: template-check
template-check: $(INSTALLED) $(VENV)-checkov/.installed ## The templates, as cfn-lint and checkov see them
	@$(VENV)/bin/cfn-lint $(TEMPLATES)
	@$(PYTHON) -m tools.template_check $(VENV)-checkov/bin/checkov

.PHONY: web-check
web-check: $(WEB_BUILT) ## The app for people: style, types and its own tests
	@cd web && npm run --silent lint && npm run --silent types && npm run --silent test -- --reporter=dot

# .secrets.baseline leaves out AWS's ARNs of queues and the token of an invented user.
.PHONY: secrets-check
secrets-check: $(INSTALLED) ## Nothing that looks like a secret is in a file
	@git ls-files -z --cached --others --exclude-standard | \
	  xargs -0 $(VENV)/bin/detect-secrets-hook --baseline .secrets.baseline

.PHONY: audit
audit: $(INSTALLED) ## No locked package has a known vulnerability (needs the network; says so without)
	@$(PYTHON) -m tools.audit

## -- What is made of the code -------------------------------------------------

.PHONY: contracts
contracts: $(INSTALLED) ## Write the schemas and interface documents from the models
	@$(PYTHON) -m tools.contracts write

.PHONY: format
format: $(INSTALLED) ## Put the code into its form
	@$(VENV)/bin/ruff check --fix $(SOURCES)
	@$(VENV)/bin/ruff format $(SOURCES)

.PHONY: package
package: $(INSTALLED) ## The consumer kit for other Python teams: dist/matinee_events-*.whl
	@$(PYTHON) -m tools.contracts.kit dist

.PHONY: docs
docs: $(INSTALLED) ## The documentation as a site, searchable: dist/docs/index.html; a broken link is an error
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --config-file tools/site/mkdocs.yml

.PHONY: screenshots
screenshots: $(INSTALLED) $(NODE_PACKAGES) browser ## Pictures of the app and the console for the documentation, of the running product (after make refresh PAGES=2, make play)
	@$(PYTHON) -m tests.clients.screenshots

.PHONY: bench
bench: $(INSTALLED) ## Measure, compare with the last results, and write bench/README.md (BUSY=2: with busy loops beside it; TASTES=folder: real favourites)
	@$(PYTHON) -m bench $(if $(BUSY),--busy $(BUSY)) $(if $(TASTES),--tastes $(TASTES))

.PHONY: load
load: $(INSTALLED) ## Many people vote at once on the running product, or on one of its own, and know what must come of it (ROOMS=10 PEOPLE=10 VOTES=20 BURST=1000 BACKLOG=10000)
	@$(PYTHON) -m bench load $(if $(ROOMS),--rooms $(ROOMS)) $(if $(PEOPLE),--people $(PEOPLE)) \
	  $(if $(VOTES),--votes $(VOTES)) $(if $(BURST),--burst $(BURST)) $(if $(BACKLOG),--backlog $(BACKLOG))

.PHONY: evaluate
evaluate: $(INSTALLED) ## Measure recommendations (CATALOGUE=, FAVOURITES=; OUT=recs.jsonl writes the lists; ABLATE=1)
	@$(PYTHON) -m tools.evaluate$(if $(ABLATE),.tune --ablate) \
	  --catalogue $(or $(CATALOGUE),$(error say which: CATALOGUE=...)) \
	  --favourites $(or $(FAVOURITES),$(error say which: FAVOURITES=...)) \
	  $(if $(ABLATE),,$(if $(OUT),--out $(OUT),--measure))

.PHONY: train-spark
train-spark: $(INSTALLED) java ## Train on Spark here, on two cores: of the running product, or of CATALOGUE= and FAVOURITES=
	@$(PYTHON) -m tools.evaluate.spark $(if $(CATALOGUE),--catalogue $(CATALOGUE)) $(if $(FAVOURITES),--favourites $(FAVOURITES))

.PHONY: lock
lock: $(INSTALLED) ## Pin every package anew, with hashes
	@cd requirements && for name in bootstrap dev checkov; do \
	  ../$(UV) pip compile --quiet --upgrade --generate-hashes --no-annotate \
	    --custom-compile-command 'make lock' --python-version 3.13 $$name.in --output-file $$name.txt; done
	@for layer in services/shared services/recommender/layer services/rooms/layer; do \
	  $(UV) pip compile --quiet --generate-hashes --no-annotate \
	    --custom-compile-command 'make lock' --python-version 3.13 \
	    --constraint requirements/dev.txt $$layer/requirements.in --output-file $$layer/requirements.txt; done

## -- AWS ----------------------------------------------------------------------

.PHONY: build
build: $(INSTALLED) ## What AWS gets, in .aws-sam/: the root template, and a folder for each of its stacks
	@PATH="$(abspath $(VENV))/bin:$$PATH" $(VENV)/bin/sam build
	@$(PYTHON) -m tools.lambda_runtime finish
	@$(PYTHON) -m tools.lambda_runtime sizes

.PHONY: deploy
deploy: $(if $(ON_AWS),build,$(INSTALLED)) ## What changed, to the running product, or to AWS (ENV=dev, prod); SERVICE=rooms alone; PARAMETERS="Name=value"
	@$(if $(ON_AWS),$(PYTHON) -m tools.ops deploy --env $(ENV) --parameters '$(PARAMETERS)' \
	  $(if $(SERVICE),--service $(SERVICE)) $(if $(WHOLE),--whole),$(PYTHON) -m tools.local deploy $(SERVICE))
	@$(if $(filter prod,$(ENV)),$(PYTHON) -m tools.ops protect --env prod)

.PHONY: vapid-keys
vapid-keys: $(INSTALLED) ## A new key pair of Web Push, for a deployment's parameters
	@$(PYTHON) -m tools.vapid

.PHONY: web-deploy
web-deploy: $(INSTALLED) $(WEB_PACKAGES) ## Deploy the app for people to AWS: bucket, CloudFront, configuration (ENV=dev, PARAMETERS="WebDomain=...")
	@npm run --silent --prefix web generate
	@npm run --silent --prefix web build -- --base=/ --outDir=../.aws-sam/web --emptyOutDir --logLevel=warn
	@$(PYTHON) -m tools.ops web --env $(if $(ON_AWS),$(ENV),$(error say which: ENV=dev)) --parameters '$(PARAMETERS)'

.PHONY: web-destroy
web-destroy: $(INSTALLED) ## Delete the app's stack and files on AWS; asks first (ENV=dev)
	@$(PYTHON) -m tools.ops web --remove --env $(if $(ON_AWS),$(ENV),$(error say which: ENV=dev)) $(if $(YES),--yes)

.PHONY: destroy
destroy: $(INSTALLED) ## Delete the stacks of an environment; says what goes and what stays, and asks first (ENV=dev)
	@$(PYTHON) -m tools.ops destroy --env $(if $(ON_AWS),$(ENV),$(error say which: ENV=dev)) $(if $(YES),--yes)

.PHONY: replay
replay: $(INSTALLED) ## Tell again what was (FROM=2026-11-21T20:00 TO=now TYPE=VoteCast RULE=MatchDetectorRule STACK=matinee-dev)
	@$(PYTHON) -m tools.ops.events $(ON) replay --from $(or $(FROM),$(error say since when: FROM=2026-11-21T20:00)) \
	  --to $(or $(TO),now) $(if $(TYPE),--type $(TYPE)) $(if $(RULE),--rule $(RULE))

.PHONY: redrive
redrive: $(INSTALLED) ## Give dead letters another attempt (QUEUE=NotifierDlq STACK=matinee-dev)
	@$(PYTHON) -m tools.ops.events $(ON) redrive $(or $(QUEUE),$(error say which: QUEUE=NotifierDlq))

.PHONY: discard
discard: $(INSTALLED) ## Delete one dead letter for good (QUEUE=NotifierDlq MESSAGE=its id STACK=matinee-dev)
	@$(PYTHON) -m tools.ops.events $(ON) discard $(or $(QUEUE),$(error say which: QUEUE=NotifierDlq)) \
	  $(or $(MESSAGE),$(error say which: MESSAGE=the id that the console shows))

.PHONY: env-vars
env-vars: $(INSTALLED) ## Write the functions' variables to .local/env-vars.json for sam local invoke (STACK=matinee-dev: on AWS)
	@$(PYTHON) -m tools.ops $(ON) env-vars

.PHONY: sample
sample: $(INSTALLED) ## Print a sample event once what it speaks of is there (FN=NotifierFunction CASE=match-found STACK=matinee-dev)
	@$(PYTHON) -m tools.ops $(ON) sample $(or $(FN),$(error say which: FN=NotifierFunction CASE=match-found)) $(CASE)

.PHONY: invoke
invoke: $(INSTALLED) ## Give a sample event to a function (FN=NotifierFunction CASE=match-found; or EVENT=events/...json)
	@$(if $(EVENT),$(PYTHON) -m tools.local invoke $(EVENT),\
	  $(PYTHON) -m tools.lambda_runtime invoke $(or $(FN),$(error say which: FN=NotifierFunction CASE=match-found)) $(CASE))

## -- Set-up (each of the above does it by itself) ------------------------------

.PHONY: install
install: $(INSTALLED) ## The virtual environment, from the locked requirements

$(INSTALLED): requirements/bootstrap.txt requirements/dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo "Matinee needs Python 3.13; 'python3' here is $$(python3 --version 2>&1 || true)." >&2; \
	  echo "Install it (for example: pyenv install 3.13, uv python install 3.13) and try again." >&2; exit 1; }
	@echo "Installing the packages into $(VENV) ..." >&2
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements/dev.txt
	@touch $@

$(VENV)-checkov/.installed: requirements/checkov.txt $(INSTALLED)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)-checkov
	@$(UV) pip sync --quiet --require-hashes --python $(VENV)-checkov/bin/python requirements/checkov.txt
	@touch $@

$(NODE_PACKAGES): tests/clients/package.json tests/clients/package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "The tests of front ends' packages need Node 20 or newer; 'node' here is $$(node --version 2>&1 || true)." >&2; \
	  exit 1; }
	@echo "Installing the front ends' packages into tests/clients ..."
	@npm ci --prefix tests/clients --silent
	@touch $@

# The app for people. Without Node the product runs without it, and its page says how to have it.
.PHONY: app
app:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory $(WEB_BUILT) || echo "The app for people could not be built; everything else runs."; fi

.PHONY: web
web: $(WEB_BUILT) ## Build the app for people: web/dist (make run does it; Node 20.19 or newer)

$(WEB_BUILT): $(WEB_SOURCES) $(WEB_PACKAGES)
	@echo "Building the app for people ..."
	@npm run --silent --prefix web generate
	@npm run --silent --prefix web build -- --base=$(WEB_BASE) --logLevel=warn

$(WEB_PACKAGES): web/package-lock.json
	@echo "Installing the app's packages: about a minute, once."
	@npm ci --prefix web --silent

.PHONY: browser
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
	  echo "Installing Chromium for the browser tests ..."; \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { \
	    echo "The browser tests need Chromium: install it (for example: sudo apt-get install chromium)." >&2; exit 1; }; \
	  apt-get update -qq && apt-get install -y -qq chromium >/dev/null; }

.PHONY: java
java:
	@command -v java >/dev/null || { \
	  echo "Installing Java 17 for training on Spark ..."; \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { \
	    echo "Spark needs Java 17: install it (for example: sudo apt-get install openjdk-17-jre-headless)." >&2; exit 1; }; \
	  apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless >/dev/null; }

.PHONY: clean
clean: ## Remove what was built and the local product's data
	@rm -rf .aws-sam .local dist .pytest_cache .mypy_cache .ruff_cache

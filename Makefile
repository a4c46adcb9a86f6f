# make up | down | status | test | clean …; `make help` lists them.
PYTHON ?= python3
VENVS := $(or $(HUB_VENVS),$(CURDIR)/.hub/venvs)
DEV := $(VENVS)/dev/bin
HUB := $(VENVS)/hub/bin/python -m hub
# Tests that wait for no clock run two files at a time, each with servers of its own; the longest first.
IN_PAIRS := $(addprefix tests/integration/,warehouse connectors simulator expectations resolution) tests/unit
LOCKS := uv hub orchestrator dashboards dev bench
ifdef SCALE
export HUB_SCALE := $(SCALE)
endif
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up down status clean test test-unit test-integration test-browser test-e2e test-compose lint bench bench-landing bench-linkage lock

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 20

up: ## install what is missing, start everything, run the main job the first time (SCALE=street|community)
	@$(PYTHON) -m hub.bootstrap env hub orchestrator dashboards
	@$(HUB) up $(ARGS)

down: ## stop everything, leave no process behind
	@if [ -x $(VENVS)/hub/bin/python ]; then $(HUB) down; else echo "nothing was installed"; fi

status: ## departments, last build, checks, addresses (JSON=1: one JSON object)
	@if [ -x $(VENVS)/hub/bin/python ]; then $(HUB) status $(if $(JSON),--json); \
	else echo "nothing was installed yet: make up" >&2; exit 1; fi

clean: ## delete all state after asking (ARGS=--yes: without); the environments stay
	@if [ -x $(VENVS)/hub/bin/python ]; then $(HUB) clean $(ARGS); else echo "nothing was installed"; fi

test: environments ## linters and every test, on free ports; leaves nothing running
	@$(MAKE) --no-print-directory linters; lint=$$?; \
	$(DEV)/python -m pytest $(IN_PAIRS) -n 2 --dist loadfile $(ARGS); pairs=$$?; \
	$(DEV)/python -m pytest $(IN_PAIRS:%=--ignore=%) $(ARGS); alone=$$?; \
	[ $$lint -eq 0 ] || echo "the linters found something, see above" >&2; \
	[ $$pairs -eq 0 ] || echo "unit, connector or warehouse tests failed, see above" >&2; \
	[ $$lint -eq 0 ] && [ $$pairs -eq 0 ] && [ $$alone -eq 0 ]

test-unit test-integration test-browser test-e2e: environments ## one suite
	@$(DEV)/python -m pytest tests/$(@:test-%=%) $(ARGS)

test-compose: ## docker-compose.yml really run: images built, main job, a worker killed
	@$(PYTHON) -m hub.bootstrap env dev
	@$(DEV)/python -m pytest -o addopts="-ra -s --import-mode=importlib" tests/compose $(ARGS)

lint: environments linters ## formatting, types, SQL, contracts, walls between rooms

bench: environments ## measure speed: landing and simulator, or one of them (ARGS=simulator)
	@$(PYTHON) -m hub.bootstrap env bench
	@$(DEV)/python -m bench $(ARGS)

bench-landing: environments ## landing beside the COPY pipe, dlt and bare readers (ARGS=--large: 5 million rows)
	@$(PYTHON) -m hub.bootstrap env bench
	@$(DEV)/python -m bench landing $(ARGS)

bench-linkage: environments ## who is who on an unseen seed: how right, how fast (ARGS=--scale=community)
	@$(DEV)/python -m bench linkage $(ARGS)

lock: ## resolve requirements/*.in into the locks (ARGS=--upgrade: newest versions)
	@$(PYTHON) -m hub.bootstrap lock $(LOCKS) $(ARGS)

.PHONY: environments linters
environments:
	@$(PYTHON) -m hub.bootstrap env dev orchestrator dashboards

linters:
	$(DEV)/ruff check .
	$(DEV)/ruff format --check .
	$(DEV)/mypy
	$(DEV)/sqlfluff lint dbt_project
	$(DEV)/lint-imports
	$(DEV)/python -m hub contract lint

# StillHere: `make run` is all it takes; `make help` lists the rest.

PYTHON  ?=
WORKERS ?= 2
ARGS    ?=

VENV := .venv
# The first of these that is new enough is used, unless PYTHON names one.
CANDIDATES := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test test-postgres fuzz torture bench screenshots lint check audit clean

help:
	@echo "make run      start the bot; without a token, in the playground on this machine"
	@echo "make test     the tests                  (ARGS='-k space' picks some)"
	@echo "make test-postgres  the same, all of it on PostgreSQL"
	@echo "make fuzz     20,000 batches of updates nobody foresaw (some minutes; FUZZ_EXAMPLES=500 for fewer)"
	@echo "make torture  kill -9 at 200 random instants under load (ARGS='--kills 20 --seed 7'; some minutes)"
	@echo "make bench    load and speed, beside two bare bots (half an hour; ARGS='taps --runs 3' picks)"
	@echo "make screenshots   the pictures in README and docs, taken of the real page"
	@echo "make lint     ruff, mypy and the import rules"
	@echo "make check    both: what a change has to pass"
	@echo "make audit    asks the net for known faults of what is installed (pip-audit; not a part of check)"
	@echo "make clean    remove .venv and caches; your data stays"

# `exec`: signals reach the bot itself, and its exit code is ours.
run: $(VENV)/.run-ready
	@exec $(VENV)/bin/python -m bot run

test: $(VENV)/.test-ready
	@$(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# Without those that are about SQLite's file, or look into it.
test-postgres: $(VENV)/.test-ready
	@DATABASE=postgres $(VENV)/bin/python -m pytest -n $(WORKERS) --dist worksteal tests/integration tests/acceptance/test_transcripts.py $(ARGS)

# Half of them as Telegram may send them, half as it may not.
fuzz: $(VENV)/.test-ready
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-10000} $(VENV)/bin/python -m pytest -n 2 --dist worksteal tests/integration/test_fuzz.py $(ARGS)

torture: $(VENV)/.test-ready
	@$(VENV)/bin/python -m tests.torture $(ARGS)

bench: $(VENV)/.test-ready
	@$(VENV)/bin/python -m tests.benchmarks $(ARGS)

screenshots: $(VENV)/.test-ready
	@$(VENV)/bin/python -m tests.screenshots $(ARGS)

lint: $(VENV)/.check-ready
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

# `make check TESTED=yes` leaves the tests out where they have just run.
check: $(if $(TESTED),,test) lint
	@echo "All checks passed."

# Whether faults of the pinned versions are known. It asks the advisories' server, so it is no part of what a change
# has to pass. The tool lives in an environment of its own: what it needs is nothing that the bot runs with.
audit: $(VENV)/audit/.ready
	@$(VENV)/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip $(ARGS)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The environment ---------------------------------------------------------------------------

# Prints "ok <python>" or, in one line, what is missing and the mend.
define look_for_python
found=; \
for python in $(CANDIDATES); do \
  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) \
    || { $(if $(PYTHON),found="$$python does not run here";) continue; }; \
  major=$${version%%.*}; minor=$${version#*.}; \
  if [ "$$major" -gt 3 ] || { [ "$$major" -eq 3 ] && [ "$$minor" -ge 11 ]; }; then \
    if "$$python" -c 'import venv, ensurepip' 2>/dev/null; then echo "ok $$python"; exit; fi; \
    echo "The venv module of $$python is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit; \
  fi; \
  found=$${found:-"$$python is $$version"}; \
done; \
echo "Python 3.11 or newer is needed$${found:+; $$found}. Install it, then: make $(or $(firstword $(MAKECMDGOALS)),run) PYTHON=python3.11"
endef

python_found = $(shell $(look_for_python))
python = $(if $(filter ok,$(firstword $(python_said))),$(word 2,$(python_said)),$(error $(python_said)))

# An install that was broken off leaves .installing behind (with the process id of its shell), or no pip.
define install
@marker=$(VENV)/.installing; \
if [ -f $$marker ] && kill -0 "$$(cat $$marker)" 2>/dev/null; then \
  echo "Another make is installing into $(VENV). Try again when it is done, or: rm $$marker" >&2; exit 2; \
fi; \
echo "Installing StillHere into $(VENV)$(if $(2), with what the $(2) need) (once, about a minute) …"; \
if [ -f $$marker ] || ! $(VENV)/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
  rm -rf $(VENV) && mkdir $(VENV) && echo $$$$ > $$marker && $(python) -m venv $(VENV) || exit 2; \
fi; \
echo $$$$ > $$marker; \
if ! $(VENV)/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.$(1)'; then \
  echo "The install did not go through. With a way to the package index, run the same command again." >&2; exit 2; \
fi; \
rm -f $$marker
endef

$(VENV)/.run-ready: pyproject.toml constraints.txt
	$(eval python_said := $(python_found))
	$(call install)
	@touch $@

$(VENV)/.test-ready: pyproject.toml constraints.txt
	$(eval python_said := $(python_found))
	$(call install,[test],tests)
	@touch $(VENV)/.run-ready $@

$(VENV)/.check-ready: pyproject.toml constraints.txt
	$(eval python_said := $(python_found))
	$(call install,[test$(comma)check],checks)
	@touch $(VENV)/.run-ready $(VENV)/.test-ready $@

$(VENV)/audit/.ready: $(VENV)/.run-ready
	@echo "Installing pip-audit into $(VENV)/audit …"
	@rm -rf $(VENV)/audit && $(VENV)/bin/python -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip install -qq --disable-pip-version-check 'pip-audit>=2.7,<3'
	@touch $@

comma := ,

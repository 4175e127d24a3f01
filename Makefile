# `make run` and `make test` are all that a fresh machine needs besides Python 3.11 or newer.
# The environment: PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL (README lists all); PYTHON chooses another Python.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
INSTALLED := .venv/requirements.installed
CODE := crm customers tiers commissions lifecycle

.DEFAULT_GOAL := help
.PHONY: help run test check lint types contracts migrations translations lock

help:  ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 22

run: $(INSTALLED)  ## Everything, with two demo companies: http://127.0.0.1:8000 (PORT=…)
	@exec $(PY) manage.py run

test: $(INSTALLED)  ## All tests this machine can run (FULL=1: a missing part is a failure; PYTEST_ARGS=…)
	@$(PY) manage.py compilemessages --verbosity 0
	@$(PY) -m pytest --numprocesses auto --maxprocesses 8 --dist loadgroup --no-loadscope-reorder $(PYTEST_ARGS)

check: lint types contracts migrations translations  ## All that .ci/run asks besides the tests

lint: $(INSTALLED)  ## Faults and form of the code
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: $(INSTALLED)  ## Types
	@GUANHU_NO_SERVERS=1 $(PY) -m mypy $(CODE)

contracts: $(INSTALLED)  ## Who may import whom
	@.venv/bin/python -c 'from importlinter.cli import lint_imports_command as run; run()'

migrations: $(INSTALLED)  ## Every model change has its migration
	@$(PY) manage.py makemigrations --check --dry-run

translations: $(INSTALLED)  ## Every text of code and pages is in the Chinese catalogues (needs gettext)
	@command -v xgettext >/dev/null || { echo "make translations needs gettext: apt install gettext"; exit 1; }
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && \
	git -c safe.directory='*' ls-files -z | tar --null --files-from=- -c | tar -x -C "$$copy" && cd "$$copy" && \
	"$(CURDIR)/$(PY)" manage.py makemessages --locale zh_Hans --verbosity 0 && \
	"$(CURDIR)/$(PY)" manage.py compilemessages --check

lock: $(INSTALLED)  ## requirements.txt anew from the short list in pyproject.toml
	@$(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade --extra dev pyproject.toml --output-file requirements.txt

$(INSTALLED): requirements.txt
	@test -n "$(PYTHON)" || { echo "Guanhu needs Python 3.11 or newer; none was found. Or: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Guanhu needs Python 3.11 or newer, this is %d.%d" % sys.version_info[:2])'
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null 2>&1 || \
		{ echo "Making .venv"; $(PYTHON) -m venv --clear .venv; } || \
		{ $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --python $(PY) install --quiet pip; } || \
		{ echo "Python cannot make virtual environments here: apt install python3-venv"; rm -rf .venv; exit 1; }
	@cmp -s requirements.txt $@ || { echo "Installing the requirements into .venv (once)"; \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt; }
	@cp requirements.txt $@

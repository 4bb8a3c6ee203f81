# Everything runs in .venv, which any target makes first.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.PHONY: serve test test-office test-clients test-browser install check bench openapi coverage lock clean

serve: install
	$(BIN)/paycite build
	$(BIN)/paycite serve --host $(HOST) --port $(PORT)

test: install
	$(BIN)/pytest -n auto

# CSV in LibreOffice: needs the Debian package libreoffice-calc-nogui.
test-office: install
	PAYCITE_OFFICE=1 $(BIN)/pytest tests/test_office.py

# Clients made of openapi.yaml: needs Node 20.19 or later 20, or 22.12 on, and npm, which fetches
# the packages that are locked.
test-clients: install
	PAYCITE_CLIENTS=1 $(BIN)/pytest tests/test_clients.py

# The pages in Chromium: needs the Debian package chromium.
test-browser: install
	PAYCITE_BROWSER=1 $(BIN)/pytest tests/test_browser.py

install: .venv/installed

.venv/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Paycite needs Python 3.11 or later; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_documentation.py

# The document is generated from the code and the seeds, and read in diffs.
openapi: install
	$(BIN)/paycite openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

coverage: install
	$(BIN)/pytest -n auto --cov --cov-report=term

# About four minutes, on a machine that does nothing else.
bench: install
	$(BIN)/python bench/dataset.py
	$(BIN)/python bench/matching.py
	$(BIN)/python bench/serving.py
	$(BIN)/python bench/observations.py

# After a change of the dependencies in pyproject.toml.
lock:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet 'uv>=0.9,<1'
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements-dev.txt --group dev pyproject.toml

clean:
	rm -rf .venv data/datasets

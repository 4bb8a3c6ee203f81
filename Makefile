# Everything runs in .venv, which any target makes first.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.PHONY: serve test quick test-pythons test-office test-clients test-browser test-httpfs test-load test-redis test-ceph test-spark run install check load faults fuzz bench evidence openapi coverage wheel sbom audit lock clean

serve: run
	$(BIN)/paycite build
	$(BIN)/paycite serve --host $(HOST) --port $(PORT)

# One process more than there are processors, because tests wait too; each file in one of them.
test: install
	$(BIN)/pytest -n $$(($$($(BIN)/python -c 'import os; print(len(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))(0)))') + 1)) --dist loadfile --durations=40

# For the loop of change and test, under a minute: the rooms whose tests are of pure functions over one
# dataset. Of the others, reading the test files alone takes half a minute.
quick: install
	$(BIN)/pytest -n auto -m "not slow" $(addprefix tests/,estimate match model posting present questions)

# Both commands of the README in a fresh clone, with each Python from 3.11 on that is found.
test-pythons: install
	PAYCITE_PYTHONS=1 $(BIN)/pytest -rs -s tests/project/test_pythons.py

# Files that LibreOffice opens and saves: needs the Debian package libreoffice-calc-nogui.
test-office: install
	PAYCITE_OFFICE=1 $(BIN)/pytest tests/project/test_office.py

# Clients made of openapi.yaml: needs Node 20.19 or later 20, or 22.12 on, and npm, which fetches
# the packages that are locked.
test-clients: install
	PAYCITE_CLIENTS=1 $(BIN)/pytest tests/project/test_clients.py

# The pages in Chromium: needs the Debian package chromium.
test-browser: install
	PAYCITE_BROWSER=1 $(BIN)/pytest tests/web/test_browser.py

# DuckDB reading a file over HTTP: needs its extension httpfs, which `install httpfs` fetches from
# extensions.duckdb.org.
test-httpfs: install
	PAYCITE_HTTPFS=1 $(BIN)/pytest -rs tests/web/test_downloads.py -k duckdb_asks

# A wrong constant is found by `make load`, and its request shrunk.
test-load: install
	PAYCITE_LOAD=1 $(BIN)/pytest tests/bench/test_load.py

# Quotas that servers share: needs the Debian package redis-server (or valkey-server).
test-redis: install
	PAYCITE_REDIS=1 $(BIN)/pytest tests/web/test_shared_quotas.py

# Datasets in object storage, against Ceph instead of a simulator: needs the Debian packages ceph-mon,
# ceph-osd and radosgw.
test-ceph: install
	@for one in ceph-mon ceph-osd radosgw; do command -v $$one >/dev/null || \
	  { echo "make test-ceph needs $$one: apt-get install ceph-mon ceph-osd radosgw"; exit 1; }; done
	PAYCITE_CEPH=1 $(BIN)/pytest tests/dataset/test_remote.py tests/web/test_generation.py

# Builds on Apache Spark with worker processes: needs Java 17 or later, which the Debian package
# openjdk-17-jre-headless has. PySpark (450 MB) is installed beside what other tests need.
test-spark:
	@command -v java >/dev/null || { echo "make test-spark needs Java 17 or later: apt-get install openjdk-17-jre-headless"; exit 1; }
	@$(MAKE) --no-print-directory .venv/spark
	PAYCITE_SPARK=1 $(BIN)/pytest tests/dataset/test_spark.py

.venv/spark: .venv/dev requirements/spark.txt
	$(BIN)/uv pip install --quiet --python .venv --require-hashes \
	  --build-constraints requirements/build.txt -r requirements/spark.txt
	@touch $@

# `run` installs what the service needs, `install` adds what tests and checks need. Both install
# exactly what is locked in requirements/: nothing released since can change an environment. The
# installer is uv, locked too; pip, which comes with Python, only installs uv. Bytecode is made here:
# where Python may not write it, each start would compile for a second.
run: .venv/run
install: .venv/dev

SYNC = $(BIN)/uv pip sync --quiet --python .venv --compile-bytecode --require-hashes \
  --build-constraints requirements/build.txt requirements/build.txt
SELF = $(BIN)/uv pip install --quiet --python .venv --no-deps --no-build-isolation --editable . \
  && $(BIN)/python -m compileall -q service

.venv/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Paycite needs Python 3.11 or later: set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/run: .venv/uv requirements/run.txt requirements/build.txt pyproject.toml
	@if [ -e .venv/dev ]; then $(MAKE) --no-print-directory .venv/dev; \
	else $(SYNC) requirements/run.txt && $(SELF); fi
	@touch $@

.venv/dev: .venv/uv requirements/dev.txt requirements/build.txt pyproject.toml
	$(SYNC) requirements/dev.txt
	$(SELF)
	@touch $@

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The document is generated from the code and the seeds, and read in diffs.
openapi: install
	$(BIN)/paycite openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

coverage: install
	$(BIN)/pytest -n auto --cov --cov-report=term

# Generated traffic while datasets are published, in which every answer is checked; URL=https://...
# asks a running instance instead (bench/README.md).
SECONDS ?= 120
load: install
	$(BIN)/python bench/load.py --seconds $(SECONDS) $(if $(URL),--url $(URL))

# Faults made on purpose under load (docs/failures.md); SECONDS is how long builds are killed.
faults: install
	$(BIN)/python bench/faults.py --seconds $(SECONDS)

# Generated input for all that takes text from strangers; SEED=... repeats what it prints.
fuzz: install
	$(BIN)/python bench/fuzz.py --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# About ten minutes, on a machine that does nothing else: needs the Debian package wrk.
bench: install
	$(BIN)/python bench/dataset.py
	$(BIN)/python bench/matching.py
	$(BIN)/python bench/serving.py
	$(BIN)/python bench/observations.py

# Everything in seeds/ that is derived from the shared data, about four minutes: set
# PAYCITE_SHARED_DATA to its directory.
evidence: install
	$(BIN)/python bench/evidence.py

# Wheel and source distribution, into dist/.
wheel: install
	$(BIN)/hatchling build

# What the service runs on, as CycloneDX, into dist/.
sbom: install
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml -o dist/sbom.json requirements/run.txt

# Known vulnerabilities in it: needs the advisories of PyPI, and fails without; MAY_SKIP=1 only says so.
audit: install
	$(BIN)/python bench/audit.py $(if $(MAY_SKIP),--may-skip)

# After a change of the dependencies in pyproject.toml; UPGRADE=--upgrade takes the newest allowed.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate $(UPGRADE)
EXTRAS = --extra otel --extra redis --extra s3
lock: .venv/uv
	$(COMPILE) --output-file requirements/dev.txt --group dev $(EXTRAS) pyproject.toml
	$(COMPILE) --output-file requirements/run.txt --constraints requirements/dev.txt pyproject.toml
	$(COMPILE) --output-file requirements/spark.txt --constraints requirements/dev.txt --extra spark pyproject.toml
	$(COMPILE) --output-file requirements/build.txt --constraints requirements/dev.txt --group build
	echo 'uv>=0.13,<0.14' | $(COMPILE) --output-file requirements/uv.txt -

clean:
	rm -rf .venv .venv-peers data/datasets dist

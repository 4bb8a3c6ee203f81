"""The only user of DuckDB: build, audit, publish, open and query a dataset."""

# Version of the table schema; datasets of another version cannot be read.
SCHEMA_VERSION = 14
# The file with the version of the current dataset.
POINTER = "current"

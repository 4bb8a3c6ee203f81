"""The only user of DuckDB: build, audit, publish, open and query a dataset."""

# Changes with the meaning of the tables: a dataset with another number is not opened.
SCHEMA_VERSION = 8
# The file that names the dataset in service.
POINTER = "current"

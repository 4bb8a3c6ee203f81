"""The only user of DuckDB: build, audit, publish, open and query a dataset."""

# The number of the meaning of the tables: a dataset of another one is not read.
SCHEMA_VERSION = 7
# The file that names the dataset in service.
POINTER = "current"

"""The only user of DuckDB: build, audit, publish, open and query a dataset."""

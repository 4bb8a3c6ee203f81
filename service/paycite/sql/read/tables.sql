-- Every table, for a check that reads all of them.
select table_name as name from duckdb_tables() order by name

-- The comments of tables, where `column_name` is null, and of their columns, in order.
select table_name, null as column_name, null as type, comment from duckdb_tables()
union all
select * from (
    select table_name, column_name, data_type, comment from duckdb_columns()
    where not internal order by table_name, column_index
)

-- Empty tables in place of the dataset's own, which stay as they are.
create temp table pool as select * from pool limit 0;
create temp table pool_factor as select * from pool_factor limit 0;
create temp table pool_spread as select * from pool_spread limit 0

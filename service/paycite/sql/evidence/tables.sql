-- Empty temporary tables that shadow those of the dataset, so that the dataset stays unchanged.
create temp table pool as select * from pool limit 0;
create temp table pool_factor as select * from pool_factor limit 0;
create temp table pool_spread as select * from pool_spread limit 0

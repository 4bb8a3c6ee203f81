-- The names of employers in a file of observations, each spelling once.
select distinct employer from read_parquet($file) where employer is not null order by employer

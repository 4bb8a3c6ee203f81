-- The observations in a file that are dated after $last_used: how many, and the newest date.
select count(*) as rows, max(date) as newest
from read_parquet($file)
where role is not null and date > $last_used

-- The observations in a file that are dated after $last_used: how many, and the newest date. And the newest
-- date of the others.
select
    count(*) filter (date > $last_used) as rows,
    max(date) filter (date > $last_used) as newest,
    max(date) filter (date <= $last_used) as newest_used
from read_parquet($file)
where role is not null

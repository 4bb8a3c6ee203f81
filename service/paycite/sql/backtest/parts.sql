-- Count the observations and employers in each part; null: training only.
select part, count(*) as n, count(distinct unit) as units
from divided
group by part
order by part

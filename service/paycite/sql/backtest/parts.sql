-- Count the observations and employers of each part; null: known only.
select part, count(*) as n, count(distinct unit) as units
from divided
group by part
order by part

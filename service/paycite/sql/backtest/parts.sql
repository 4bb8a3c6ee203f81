-- What each part has; null: what is known only.
select part, count(*) as n, count(distinct unit) as units
from divided
group by part
order by part

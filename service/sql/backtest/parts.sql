-- The employers, or observations where none is named, of each part; null: of what is known only.
select part, count(distinct unit) as units
from divided
group by part
order by part

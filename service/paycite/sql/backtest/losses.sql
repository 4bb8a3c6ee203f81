-- The loss of each employer, or observation where none is known, in an order that is always the
-- same; of $most of them at most.
select sum(pinball) as loss
from scored
group by unit
order by md5(unit::varchar), unit
limit $most

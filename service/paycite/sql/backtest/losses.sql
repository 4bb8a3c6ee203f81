-- The total pinball loss of each employer (or observation without one), in a fixed order; at most
-- $most of them.
select sum(pinball) as loss
from scored
group by unit
order by md5(unit::varchar), unit
limit $most

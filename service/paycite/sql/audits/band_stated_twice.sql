-- A source prices each role, level, place and pay element only once.
select source_id, role, level, geography, component, list(id) as figures
from figure
where topic in ('band', 'open-band')
group by all
having count(*) > 1

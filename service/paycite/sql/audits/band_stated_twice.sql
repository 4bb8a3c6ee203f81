-- One source prices a role, level and place once for each pay element.
select source_id, role, level, geography, component, list(id) as figures
from figure
where topic in ('band', 'open-band')
group by all
having count(*) > 1

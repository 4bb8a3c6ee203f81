-- Within one source, the maximum of a higher level is never below the minimum of a lower level: such a
-- row would be a typo.
select lower.id as lower_figure, higher.id as higher_figure
from figure as lower
join figure as higher using (source_id, role, geography, component, topic)
join level as lower_level on lower_level.id = lower.level
join level as higher_level on higher_level.id = higher.level
where lower.topic = 'band' and lower_level.rank < higher_level.rank and higher.high < lower.low

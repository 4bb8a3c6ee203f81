-- A rule is cited to the source of the figures that it applies to.
select uplift_rule.id, figure.source_id
from uplift_rule
join figure on figure.id = uplift_rule.figure_id
where figure.source_id <> uplift_rule.source_id or figure.topic <> 'uplift'

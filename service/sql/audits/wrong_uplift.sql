-- The factors of a rule are those of the statement that it cites.
select uplift_rule.id, uplift_rule.metro, figure.as_published
from uplift_rule
join figure on figure.id = uplift_rule.figure_id
where
    abs(uplift_rule.min_factor - (1 + figure.low / 100)) > 1e-9
    or abs(uplift_rule.max_factor - (1 + figure.high / 100)) > 1e-9

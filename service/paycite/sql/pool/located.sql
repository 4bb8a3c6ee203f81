-- The estimates from the other folds: of a level (or none stated), and of all levels together.
create or replace temp table located as
select left_out, role, level, geography, location as of_level, location - effects[2] as of_role
from fitted
where left_out < 5

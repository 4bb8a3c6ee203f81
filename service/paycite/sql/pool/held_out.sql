-- Held-out pay, and the estimate of it from the other folds. With fewer than a hundred employers, use at
-- most three values each, so that one employer with many observations is not published as the spread of
-- the group.
create or replace temp view held_out as
select
    unit.role, unit.level, of_level, of_role,
    unnest(case
        when array_length(pays) <= 3 or behind.units >= 100 then pays
        else [
            list_extract(pays, 1 + array_length(pays) // 6),
            list_extract(pays, 1 + array_length(pays) // 2),
            list_extract(pays, array_length(pays) - array_length(pays) // 6)
        ]
    end) as log_pay
from unit
join located
    on located.left_out = unit.fold and located.role = unit.role
    and located.level = unit.level and located.geography = unit.geography
join behind on behind.role = unit.role and behind.levels = 'all'

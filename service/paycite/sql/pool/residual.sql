-- The residual of each observation from the estimate without its fold: for its level or for all
-- levels, in its place or in the nation. The effects are, in order, of the role, the level, the
-- metro, the role in the metro, and the cell.
create or replace temp view residual as
with estimated as (
    select
        role, level, geography, own, left_out as fold,
        location as of_cell,
        location - list_sum(effects[3:5]) as of_level,
        location - effects[2] - effects[5] as of_place,
        location - list_sum(effects[2:5]) as of_role
    from fitted
),

-- If there are fewer than 100 employers, use at most three values of each, so that no employer
-- with many rows decides the quantiles.
told as (
    select
        unit.role, unit.level, unit.geography, fold,
        if(
            len(pays) <= 3 or counted.units >= 100,
            pays,
            [pays[1 + len(pays) // 6], pays[1 + len(pays) // 2], pays[len(pays) - len(pays) // 6]]
        ) as pays
    from unit
    join counted
        on counted.role = unit.role and counted.level = unit.level and counted.geography is null
),

belonging as (
    select *, true as own from told
    union all
    select * replace (unnest(getvariable('regions_of')[geography]) as geography), false from told
),

placed as (
    select role, level, geography, fold, own, unnest(pays) as log_pay from belonging
)

select
    role, level, geography, own,
    (log_pay - of_cell)::float as from_cell,
    (log_pay - of_level)::float as from_level,
    (log_pay - of_place)::float as from_place,
    (log_pay - of_role)::float as from_role
from placed
join estimated using (role, level, geography, own, fold)

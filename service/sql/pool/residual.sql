-- How far each observation lies from the estimate that was made without its fold: from that for
-- its level or for all levels, in its place or in the nation. The effects are, in order, those of
-- the role, the level, the metro, the role in the metro, and the cell.
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

placed as (
    select role, level, geography, fold, true as own, unnest(pays) as log_pay from unit
    union all
    select role, level, region.id, fold, false, unnest(pays)
    from unit
    join region on region.metro = unit.geography
)

select
    role, level, geography, own,
    (log_pay - of_cell)::float as from_cell,
    (log_pay - of_level)::float as from_level,
    (log_pay - of_place)::float as from_place,
    (log_pay - of_role)::float as from_role
from placed
join estimated using (role, level, geography, own, fold)

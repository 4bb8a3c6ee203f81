-- Pay at each level over pay at all levels: the role's own factor, or else that of all roles. Staff and
-- principal share one factor: the senior factor times a constant.
create or replace temp table factor as
with measured as (
    select
        role.id as role, level.id as level, level.rank,
        coalesce(own.factor, whole.factor, 1) as factor
    from role
    cross join level
    left join level_factor as own on own.role = role.id and own.level = level.id
    left join level_factor as whole on whole.role is null and whole.level = level.id
)

select
    role, level, rank,
    if(
        level in ('staff', 'principal'),
        round(max(factor) filter (level = 'senior') over (partition by role) * constant('staff-over-senior'), 4),
        factor
    ) as factor
from measured
union all
select id, 'all', 0, 1 from role

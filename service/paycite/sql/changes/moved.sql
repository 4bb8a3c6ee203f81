-- The estimates that two datasets, `earlier` and `later`, do not have in common. `rank` is by how far
-- the median moved; estimates that only one of them has come last.
create table moved as
with paired as (
    select
        coalesce(one.role, other.role) as role,
        coalesce(one.level, other.level) as level,
        coalesce(one.metro, other.metro) as metro,
        if(one.role is null, null, {'p25': one.p25, 'p50': one.p50, 'p75': one.p75}) as before,
        if(other.role is null, null, {'p25': other.p25, 'p50': other.p50, 'p75': other.p75}) as after
    from earlier.estimate as one
    full join later.estimate as other
        on one.role = other.role and one.metro = other.metro
        and one.level is not distinct from other.level
)

select
    role || ':' || coalesce(level, 'all') || ':' || metro as id, *,
    after.p50 / before.p50 - 1 as change,
    row_number() over (
        order by
            greatest(after.p50, before.p50) / least(after.p50, before.p50)
            * if(change is null, null, 1) desc nulls last,
            role, metro, level nulls first
    ) as rank
from paired
where before is distinct from after

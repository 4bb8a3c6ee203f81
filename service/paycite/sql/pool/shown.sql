-- Decide which groups are published: those with $fewest employers, or with $fewest_rows
-- observations without an employer. Also suppress groups whose publication would reveal a small
-- one by subtraction: if every suppressed group of a parent is too small, the smallest published
-- one is suppressed too (complementary suppression). Groups without a level or a place are never
-- published by themselves.
create or replace temp table shown as
with enough as (
    select
        *,
        employers >= $fewest or anonymous >= $fewest_rows as is_enough,
        is_enough and level is distinct from 'unstated' and geography is distinct from 'us' as is_shown,
        geography in (select id from region) as is_region
    from counted
),

family as (
    -- The levels of a role; its places; the places of each of its levels; the roles of a place, and the
    -- levels of each.
    select 'levels' as of, role as parent, null as among, * from enough where level is not null and geography is null
    union all by name
    select 'places' as of, role as parent, null as among, * from enough
    where role is not null and level is null and geography is not null and not is_region
    union all by name
    select 'cells' as of, role as parent, level as among, * from enough
    where level is not null and geography is not null and not is_region
    union all by name
    select 'roles' as of, geography as parent, null as among, * from enough
    where role is not null and level is null and geography is not null
    union all by name
    select 'levels there' as of, geography as parent, role as among, * from enough
    where level is not null and geography is not null
),

judged as (
    select
        role, level, geography,
        is_shown
        and bool_or(not is_shown) over everything
        and not bool_or(not is_shown and is_enough) over everything
        and row_number() over (
            partition by of, parent, among, is_shown order by units, role, level, geography
        ) = 1 as is_telling
    from family
    window everything as (partition by of, parent, among)
),

kept as (
    select role, level, geography, not bool_or(is_telling) as is_kept
    from judged
    group by role, level, geography
),

decided as (
    select enough.*, is_shown and coalesce(is_kept, true) as is_decided
    from enough
    left join kept
        on kept.role is not distinct from enough.role
        and kept.level is not distinct from enough.level
        and kept.geography is not distinct from enough.geography
),

-- A region is published only if each of its metros is, and if enough employers, or none, name the
-- region itself as their place.
exposed as (
    select whole.role, whole.level, whole.geography
    from decided as whole
    join region on region.id = whole.geography
    left join decided as part
        on part.geography = region.metro
        and part.role is not distinct from whole.role
        and part.level is not distinct from whole.level
    group by whole.role, whole.level, whole.geography
    having bool_or(not part.is_decided) or any_value(whole.own_units) between 1 and $fewest - 1
),

final as (
    select
        decided.role, decided.level, decided.geography, n, employers, anonymous, units,
        is_decided and exposed.geography is null as is_shown
    from decided
    left join exposed
        on exposed.role is not distinct from decided.role
        and exposed.level is not distinct from decided.level
        and exposed.geography = decided.geography
)

select * from final

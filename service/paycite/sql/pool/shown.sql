-- Decide which groups are published: those with $fewest employers, or with $fewest_rows
-- observations without an employer. Also suppress groups whose publication would reveal a small
-- one by subtraction: if every suppressed group of a parent is too small, the smallest published
-- one is suppressed too (complementary suppression). Groups without a level or a place are never
-- published by themselves. Of private sources, `decided` has more: groups that are `barred` are too
-- small as well, those `held` stay published as they were, and those `revealing` are suppressed for
-- another group because of what was published before.
create or replace temp table shown as
with marked as (
    select
        counted.*,
        decision is not distinct from 'held' as is_held,
        decision is not distinct from 'barred' as is_barred,
        decision is not distinct from 'revealing' as is_revealing
    from counted
    left join decided
        on decided.role is not distinct from counted.role
        and decided.level is not distinct from counted.level
        and decided.geography is not distinct from counted.geography
),

enough as (
    select
        *,
        is_held or (not is_barred and (employers >= $fewest or anonymous >= $fewest_rows)) as is_enough,
        is_enough and not is_revealing
        and level is distinct from 'unstated' and geography is distinct from 'us' as is_shown
    from marked
),

family as (
    -- The levels of a role; its places; the roles of a place.
    select 'levels' as of, role as parent, * from enough where level is not null
    union all by name
    select 'places' as of, role as parent, * from enough where role is not null and geography is not null
    union all by name
    select 'roles' as of, geography as parent, * from enough where role is not null and geography is not null
),

judged as (
    select
        role, level, geography,
        is_shown
        and not is_held
        and bool_or(not is_shown) over everything
        and not bool_or(not is_shown and is_enough) over everything
        and row_number() over (
            partition by of, parent, is_shown, is_held order by units, role, level, geography
        ) = 1 as is_telling
    from family
    window everything as (partition by of, parent)
),

kept as (
    select role, level, geography, not bool_or(is_telling) as is_kept
    from judged
    group by role, level, geography
)

select
    enough.role, enough.level, enough.geography, n, employers, anonymous, units,
    is_shown and coalesce(is_kept, true) as is_shown,
    is_revealing or (is_shown and not coalesce(is_kept, true)) as is_hidden_for_another
from enough
left join kept
    on kept.role is not distinct from enough.role
    and kept.level is not distinct from enough.level
    and kept.geography is not distinct from enough.geography

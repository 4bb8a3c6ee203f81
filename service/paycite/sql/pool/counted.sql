-- Count the observations and employers of each group (null: all groups together). Each step merges
-- the rows of an employer from several places or levels, which is faster than counting distinct
-- employers for each group.
create or replace temp table counted as
with placed as (
    select role, level, geography, unit, employer, n, true as own from unit
    union all
    select role, level, unnest(getvariable('regions_of')[geography]), unit, employer, n, false
    from unit
),

in_cell as (
    select role, level, geography, unit, employer, sum(n) as n, bool_or(own) as own
    from placed group by role, level, geography, unit, employer
),

in_place as (
    select role, geography, unit, employer, sum(n) as n, bool_or(own) as own
    from in_cell group by role, geography, unit, employer
),

in_metro as (
    select geography, unit, employer, sum(n) as n, bool_or(own) as own
    from in_place group by geography, unit, employer
),

of_level as (select role, level, unit, employer, sum(n) as n from unit group by all),

of_role as (select role, unit, employer, sum(n) as n from of_level group by all),

of_source as (select unit, employer, sum(n) as n from of_role group by all),

stated as (
    select role, level, geography, n, employer, own from in_cell
    union all by name
    select role, geography, n, employer, own from in_place
    union all by name
    select geography, n, employer, own from in_metro
    union all by name
    select role, level, n, employer from of_level
    union all by name
    select role, n, employer from of_role
    union all by name
    select n, employer from of_source
)

select
    role, level, geography,
    sum(n) as n,
    count(employer) as employers,
    count(*) - count(employer) as anonymous,
    count(*) as units,
    count(*) filter (own) as own_units
from stated
group by role, level, geography

-- Count the observations and employers of each group (null: all groups together). Each step merges
-- the rows of an employer from several places or levels, which is faster than counting distinct
-- employers for each group.
create or replace temp table counted as
with in_place as (
    select role, geography, unit, employer, sum(n) as n from unit group by role, geography, unit, employer
),

in_metro as (
    select geography, unit, employer, sum(n) as n from in_place group by geography, unit, employer
),

of_level as (
    select role, level, unit, employer, sum(n) as n from unit group by role, level, unit, employer
),

of_role as (select role, unit, employer, sum(n) as n from of_level group by role, unit, employer),

of_source as (select unit, employer, sum(n) as n from of_role group by unit, employer),

stated as (
    select role, null::varchar as level, geography, n, employer from in_place
    union all
    select null, null, geography, n, employer from in_metro
    union all
    select role, level, null, n, employer from of_level
    union all
    select role, null, null, n, employer from of_role
    union all
    select null, null, null, n, employer from of_source
)

select
    role, level, geography,
    sum(n)::bigint as n,
    count(employer) as employers,
    count(*) - count(employer) as anonymous,
    count(*) as units
from stated
group by role, level, geography

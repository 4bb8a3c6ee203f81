-- Count the observations and employers of each group (null: all groups together). Each step merges
-- the rows of an employer from several places or levels, which is faster than counting distinct
-- employers for each group.
create or replace temp table counted as
with in_place as (
    select role, geography, unit, employer, sum(n) as n from unit group by all
),

in_metro as (
    select geography, unit, employer, sum(n) as n from in_place group by all
),

of_level as (select role, level, unit, employer, sum(n) as n from unit group by all),

of_role as (select role, unit, employer, sum(n) as n from of_level group by all),

of_source as (select unit, employer, sum(n) as n from of_role group by all),

stated as (
    select role, null as level, geography, n, employer from in_place
    union all by name
    select geography, n, employer from in_metro
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
    count(*) as units
from stated
group by role, level, geography

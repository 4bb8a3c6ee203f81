-- Sum the filings of each role, level and place, in which each employer counts once (with its median).
create or replace temp table filed as
with listed as (
    select role, level, geography, employer, count(*) as n, list_sort(list(log_pay)) as pays
    from filing
    where role is not null
    group by role, level, geography, employer
),

once as (
    select
        role, level, geography, n,
        (list_extract(pays, (n + 1) // 2) + list_extract(pays, n // 2 + 1)) / 2 as log_pay
    from listed
)

select
    role, level, geography,
    sum(n)::bigint as filings, count(*) as n, sum(log_pay::decimal(18, 10)) as total
from once
group by role, level, geography
order by role, level, geography

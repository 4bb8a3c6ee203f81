-- Sum the filings of each role in a place, and of each occupation, in which each employer counts once.
create or replace temp table filed_in_place as
with listed as (
    select role, occupation, geography, employer, count(*) as n, list_sort(list(log_pay)) as pays
    from filing
    group by grouping sets ((role, geography, employer), (occupation, geography, employer))
),

once as (
    select
        role, occupation, geography,
        (list_extract(pays, (n + 1) // 2) + list_extract(pays, n // 2 + 1)) / 2 as log_pay
    from listed
    where role is not null or occupation is not null
)

select role, occupation, geography, count(*) as n, sum(log_pay::decimal(18, 10)) as total
from once
group by role, occupation, geography
order by role, occupation, geography

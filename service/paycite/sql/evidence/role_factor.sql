-- Pay for a role over pay in its occupations, in the same filings and places, shrunk toward 1. Each
-- employer counts once per role or occupation and place. Roles with too few filings have no row.
with once as (
    select role, occupation, geography, employer, median(log_pay) as log_pay
    from filing
    group by grouping sets ((role, geography, employer), (occupation, geography, employer))
),

of_role as (
    select role, geography, avg(log_pay) as log_pay, count(*) as n
    from once
    where role is not null
    group by role, geography
),

of_occupation as (
    select occupation, geography, avg(log_pay) as log_pay, count(*) as n
    from once
    where occupation is not null
    group by occupation, geography
),

occupied as (
    select id as role, unnest(soc_codes) as occupation, unnest(soc_shares) as share from role
),

expected as (
    select role, geography, sum(share * log_pay) / sum(share) as log_pay, sum(n) as n
    from occupied
    join of_occupation using (occupation)
    group by role, geography
    having sum(share) > 0.999  -- all occupations of the role: without one, the mixture would be a different one
),

measured as (
    select
        of_role.role,
        sum(weight * (of_role.log_pay - expected.log_pay)) / sum(weight) as log_ratio
    from of_role
    join expected using (role, geography)
    cross join lateral (select of_role.n * expected.n / (of_role.n + expected.n) as weight)
    group by of_role.role
),

behind as (
    select role, count(*) as filings, count(distinct employer) as employers
    from filing
    where role is not null
    group by role
)

select
    role,
    round(exp(log_ratio * employers / (employers + $k)), 4) as factor,
    round(exp(log_ratio), 4) as measured,
    filings, employers
from measured
join behind using (role)
where filings >= $fewest_filings and employers >= $fewest_employers
order by role

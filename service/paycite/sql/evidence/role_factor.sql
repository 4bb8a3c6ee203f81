-- Pay for a role over pay in its occupations, in the same filings and places, shrunk toward 1. Each
-- employer counts once per role or occupation and place. Roles with too few filings have no row.
with of_role as (
    select role, geography, total::double / n as log_pay, n from filed_in_place where role is not null
),

of_occupation as (
    select occupation, geography, total::double / n as log_pay, n
    from filed_in_place
    where occupation is not null
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

behind as (select * from filers where role is not null and level is null)

select
    role,
    round(exp(log_ratio * employers / (employers + $k)), 4) as factor,
    round(exp(log_ratio), 4) as measured,
    filings, employers
from measured
join behind using (role)
where filings >= $fewest_filings and employers >= $fewest_employers
order by role

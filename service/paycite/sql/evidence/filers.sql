-- Count the filings and their employers of each role and level (null: of all).
create or replace temp table filers as
select role, level, count(*) as filings, count(distinct employer) as employers
from filing
where role is not null
group by grouping sets ((role, level), (role), (level))
order by role, level

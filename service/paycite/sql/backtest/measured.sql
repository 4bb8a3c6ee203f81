-- The errors of predictions: overall, and by role, level and place (null: all of them).
select
    role, level, geography,
    count(*) as n,
    count(distinct employer) as employers,
    avg(pinball) as pinball,
    median(abs(apart)) as median_absolute_error,
    median(apart) as bias,
    avg(is_in_half::integer) as coverage_p25_p75,
    avg(is_in_eighty::integer) as coverage_p10_p90
from scored
group by grouping sets ((), (role), (level), (geography))
order by n desc, role nulls first, level nulls first, geography nulls first

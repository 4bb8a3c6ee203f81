-- Count each employer once per role, level and place, with its median log pay. For the spread, keep
-- at most ten of its values.
create or replace temp table unit as
select
    role, level, geography, fold, unit,
    any_value(employer) as employer,
    count(*) as n,
    median(log_pay) as log_pay,
    case
        when count(*) <= 10 then list(log_pay order by log_pay)
        else quantile_cont(log_pay, [(2 * i - 1) / 20 for i in range(1, 11)])
    end as pays
from observed
group by role, level, geography, fold, unit

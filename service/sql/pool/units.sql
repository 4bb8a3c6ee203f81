-- One employer counts once in a role, level and place, with the median of its log pay. How its pay is
-- spread is told by three quantiles at most, so that many rows of one are not what is shown.
create or replace temp table unit as
select
    role, level, geography, fold, unit,
    any_value(employer) as employer,
    count(*) as n,
    median(log_pay) as log_pay,
    case
        when count(*) <= 3 then list(log_pay order by log_pay)
        else quantile_cont(log_pay, [1 / 6, 1 / 2, 5 / 6])
    end as pays
from observed
group by role, level, geography, fold, unit

-- One employer counts once in a role, level and place, with the median of its log pay.
create or replace temp table unit as
select
    role, level, geography, fold, unit,
    any_value(employer) as employer,
    count(*) as n,
    median(log_pay) as log_pay
from observed
group by role, level, geography, fold, unit

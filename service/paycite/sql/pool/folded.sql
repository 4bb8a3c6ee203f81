-- Sum the units of each role, level, place and fold: exactly, as decimals, because the order of the
-- units varies.
create or replace temp table folded as
select
    role, level, geography, fold,
    count(*) as n,
    sum(log_pay::decimal(18, 10)) as total,
    sum(log_pay::decimal(18, 10) * log_pay::decimal(18, 10)) as squares
from unit
group by role, level, geography, fold

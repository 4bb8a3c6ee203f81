-- Each held-out observation with the prediction of one method, and its errors.
create or replace temp table scored as
select
    divided.role, divided.level, divided.geography, employer, unit,
    (
        pinball_loss(log_pay, p10, 0.1) + pinball_loss(log_pay, p25, 0.25)
        + pinball_loss(log_pay, p50, 0.5)
        + pinball_loss(log_pay, p75, 0.75) + pinball_loss(log_pay, p90, 0.9)
    ) / 5 as pinball,
    exp(p50 - log_pay) - 1 as apart,
    log_pay between p25 and p75 as is_in_half,
    log_pay between p10 and p90 as is_in_eighty
from divided
join predicted using (part, role, level, geography)
where method = $method

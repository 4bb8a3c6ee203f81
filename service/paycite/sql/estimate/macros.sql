-- The constants of the estimator, as the seeds declare them.
set variable constants = (
    select map_from_entries(list((replace(id, 'paycite-factors:', ''), low)))
    from figure
    where topic = 'method' and low is not null
);
create or replace temp macro constant(name) as getvariable('constants')[name];
-- Whole dollars, half up, of an amount times a factor of four digits; decimal, as by hand.
create or replace temp macro times(amount, factor) as (
    round(amount::decimal(9, 0) * factor::decimal(9, 4))::double
);
-- Whole dollars of an amount whose log distance from the median is multiplied by the power.
create or replace temp macro powered(amount, median, power) as (
    if(power = 1, amount, floor(median * (amount / median) ** power + 0.5))
);
-- A number whose sums do not depend on their order.
create or replace temp macro exact(x) as x::decimal(18, 12)

-- The constants of the estimator, as the seeds declare them.
set variable constants = (
    select map_from_entries(list((replace(id, 'paycite-factors:', ''), low)))
    from figure
    where topic = 'method' and low is not null
);
create or replace temp macro constant(name) as getvariable('constants')[name];
-- Multiply an amount by a factor of four decimals, in decimal arithmetic, and round half up to whole
-- dollars, so that the product can be checked by hand.
create or replace temp macro times(amount, factor) as (
    round(amount::decimal(9, 0) * factor::decimal(9, 4))::double
);
-- Multiply the log distances of P25 and P75 from the median by the power, and round to whole dollars.
create or replace temp macro powered(amount, median, power) as (
    if(power = 1, amount, floor(median * (amount / median) ** power + 0.5))
);
-- P10 and P90 keep their ratios to P25 and P75: on held-out pay, narrowed tails covered too little.
create or replace temp macro narrowed(pays, power) as (
    list_transform(
        [(powered(pays[2], pays[3], power), powered(pays[4], pays[3], power))],
        lambda ends: [
            floor(ends[1] * pays[1] / pays[2] + 0.5), ends[1], pays[3],
            ends[2], floor(ends[2] * pays[5] / pays[4] + 0.5)
        ]
    )[1]
);
-- A decimal number: unlike floating-point sums, its sums do not depend on the order of the rows.
create or replace temp macro exact(x) as x::decimal(18, 12)

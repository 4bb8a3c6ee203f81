-- Write the constants of a source's fit. `variance` is the variance of log pay within a role, level
-- and place. Fitted estimates understate their own error, so it is multiplied by the squared error
-- on the held-out folds over the squared error that the fit expects.
insert into pool by name
with variance as (
    select
        max(within) filter (stage = 'role-metro') as within,
        max(k) filter (stage = 'metro') as metro_k,
        max(k) filter (stage = 'role-metro') as role_metro_k
    from effect
    where left_out = 5
),

left_out as (
    select
        whole.n - part.n as n,
        (whole.total - part.total) / nullif(whole.n - part.n, 0) - part.location as apart,
        list_sum([1 / worth for worth in part.worths]) as parts_of_variance
    from fitted as part
    join fitted as whole using (role, level, geography)
    where part.left_out < 5 and whole.left_out = 5 and whole.n > part.n
),

missed as (
    select
        sum(n * apart ** 2) - count(*) * any_value(within) as squared,
        sum(n * parts_of_variance) * any_value(within) as expected
    from left_out
    cross join variance
),

total as (
    select coalesce(any_value(n), 0) as n, coalesce(any_value(employers), 0) as employers
    from counted
    where role is null and level is null and geography is null
)

select
    $source as source_id,
    $kind as kind,
    $component as component,
    $as_of as as_of,
    $middle as middle,
    $note as note,
    n,
    employers,
    -- Not a number where one employer is all there is: nothing varies.
    round(
        coalesce(
            nullif(within * greatest(coalesce(squared / nullif(expected, 0), 1), 1), 'nan'::double), 0
        ),
        6
    ) as variance,
    round(coalesce(metro_k, 1), 4) as metro_k,
    round(coalesce(role_metro_k, 1), 4) as role_metro_k
from variance
cross join missed
cross join total

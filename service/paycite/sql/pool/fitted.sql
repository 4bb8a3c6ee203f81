-- For each held-out fold (5: none is held out), sum the units of each role, level and place in the
-- other folds. `location` is the current estimate of log pay: at first, the overall mean. The
-- units of a region's metros also count for the region (`own` is false), but not for the variance
-- between places.
create or replace temp table fitted as
with folded as (
    select
        role, level, geography, fold,
        count(*) as n, sum(log_pay) as total, sum(log_pay ** 2) as squares
    from unit
    group by all
),

belonging as (
    select *, true as own from folded
    union all
    select * replace (unnest(getvariable('regions_of')[geography]) as geography), false
    from folded
),

summed as (
    select
        left_out, role, level, geography, own,
        coalesce(sum(n) filter (fold <> left_out), 0) as n,
        coalesce(sum(total) filter (fold <> left_out), 0) as total,
        coalesce(sum(squares) filter (fold <> left_out), 0) as squares
    from belonging
    cross join range(6) as fit (left_out)
    group by all
),

middle as (
    select left_out, sum(total) / sum(n) as location
    from summed
    where own
    group by left_out
),

final as (
    select
        summed.*,
        -- If all observations are in one fold, no other fold has a mean.
        coalesce(middle.location, (select avg(log_pay) from unit)) as location,
        []::double[] as effects,
        []::double[] as worths  -- the weight of each effect, in units: n + k
    from summed
    left join middle using (left_out)
)

select * from final
order by role, level, geography, own, left_out  -- a fixed order, because floating-point sums depend on it

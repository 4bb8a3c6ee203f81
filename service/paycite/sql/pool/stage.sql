-- Estimate the effects of one stage: the mean residual of the units in each group from the estimate so
-- far, shrunk toward 0 (for a place, toward its prior) with k, the variance within groups over the
-- variance between groups.
insert into effect
with placed as (
    select
        fitted.*,
        if($stage = 'metro', coalesce(prior.log_factor, 0), 0) as known,
        location + known as expected
    from fitted
    left join prior using (left_out, geography)
),

grouped as (
    select
        left_out,
        if($by_role, role, null) as role,
        if($by_level, level, null) as level,
        if($by_geography, geography, null) as geography,
        any_value(known) as known,
        sum(n) as n,
        sum(total - n * expected) as apart,
        sum(squares - 2 * expected * total + n * expected ** 2) as apart_squared
    from placed
    group by 1, 2, 3, 4
),

-- The effects of broader groups are already subtracted, which leaves fewer degrees of freedom between
-- groups.
before as (
    select left_out, sum(freedom) as freedom
    from effect
    where $stage in ('level', 'role-metro')
        and not ($stage = 'role-metro' and stage = 'level')
    group by left_out
),

-- A few groups do not determine the variances, so add five pseudo-groups with a standard deviation of
-- 0.1 and five pseudo-units with a standard deviation of 0.25 (in log pay).
variance as (
    select
        left_out,
        (sum(apart_squared - apart ** 2 / n) + 5 * 0.25 ** 2)
        / (sum(n) - count(*) + 5) as within,
        greatest(count(*) - coalesce(any_value(before.freedom), 0), 0) as groups,
        greatest((sum(apart ** 2 / n) - groups * within) / sum(n), 0) as seen,
        (groups * seen + 5 * 0.1 ** 2) / (groups + 5) as between
    from grouped
    left join before using (left_out)
    where n > 0
    group by left_out
),

final as (
    select
        $stage as stage, left_out, role, level, geography,
        least(greatest(coalesce(within, 0.25 ** 2) / coalesce(variance.between, 0.1 ** 2), 1), 100) as k,
        n / (n + k) as freedom,
        known + apart / (n + k) as log_factor
    from grouped
    left join variance using (left_out)
)

select * from final

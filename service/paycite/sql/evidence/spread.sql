-- The spread of pay around its pooled middle, by role (null: all roles), once for stated levels and
-- once for all levels: quantiles of held-out pay over the estimate from the other folds, without the
-- effect of the cell, shrunk toward those of all roles.
with residual as (
    select
        unit.role, unit.level, unit.unit,
        unnest(unit.pays) as log_pay,
        location - effects[5] as of_level,
        location - effects[2] - effects[5] as of_role
    from unit
    join fitted
        on fitted.own and fitted.left_out = unit.fold
        and (fitted.role, fitted.level, fitted.geography) = (unit.role, unit.level, unit.geography)
),

stated as (
    select role, 'stated' as levels, log_pay - of_level as distance from residual where level <> 'unstated'
    union all
    select role, 'all' as levels, log_pay - of_role as distance from residual
),

quantiles as (
    select role, levels, quantile_cont(distance, $probabilities) as distances
    from stated
    group by grouping sets ((levels), (role, levels))
),

behind as (
    select role, 'stated' as levels, sum(n)::bigint as n, count(distinct employer) as employers
    from unit
    where level <> 'unstated'
    group by grouping sets ((), (role))
    union all
    select role, 'all' as levels, sum(n)::bigint as n, count(distinct employer) as employers
    from unit
    group by grouping sets ((), (role))
),

final as (
    select
        quantiles.role, quantiles.levels, behind.n, behind.employers,
        case
            when quantiles.role is null then whole.distances
            else drawn(quantiles.distances, behind.employers, $k, whole.distances)
        end as distances
    from quantiles
    join behind on behind.role is not distinct from quantiles.role and behind.levels = quantiles.levels
    join quantiles as whole on whole.role is null and whole.levels = quantiles.levels
)

select
    role, levels, n, employers,
    round(exp(distances[1]), 4) as p10,
    round(exp(distances[2]), 4) as p25,
    round(exp(distances[3]), 4) as p50,
    round(exp(distances[4]), 4) as p75,
    round(exp(distances[5]), 4) as p90
from final
where employers >= $fewest
order by role nulls first, levels

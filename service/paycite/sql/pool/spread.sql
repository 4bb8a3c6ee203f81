-- The spread of pay by role (null: all roles), once for stated levels and once for all levels
-- together: quantiles of held-out pay over the estimate from the other folds. Those of a role are
-- shrunk toward those of all roles.
create or replace temp table spread as
with behind as (
    select
        role, 'stated' as levels, sum(n)::bigint as n,
        count(distinct employer) as employers, count(distinct unit) as units
    from unit
    where level <> 'unstated'
    group by grouping sets ((), (role))
    union all
    select
        role, 'all' as levels, sum(n)::bigint as n,
        count(distinct employer) as employers, count(distinct unit) as units
    from unit
    group by grouping sets ((), (role))
),

-- With fewer than a hundred employers, use at most three values each, so that one employer with many
-- observations is not published as the spread of the group.
residual as (
    select
        unit.role, unit.level,
        unnest(if(
            len(pays) <= 3 or behind.units >= 100,
            pays,
            [pays[1 + len(pays) // 6], pays[1 + len(pays) // 2], pays[len(pays) - len(pays) // 6]]
        )) as log_pay,
        location as of_level,
        location - effects[2] as of_role
    from unit
    join fitted
        on fitted.left_out = unit.fold
        and (fitted.role, fitted.level, fitted.geography) = (unit.role, unit.level, unit.geography)
    join behind on behind.role = unit.role and behind.levels = 'all'
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
)

select
    quantiles.role, quantiles.levels, n, employers, units,
    case
        when quantiles.role is null then whole.distances
        else shrunk(quantiles.distances, units, $k, whole.distances)
    end as distances
from quantiles
join behind on behind.role is not distinct from quantiles.role and behind.levels = quantiles.levels
join quantiles as whole on whole.role is null and whole.levels = quantiles.levels

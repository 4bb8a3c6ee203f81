-- The spread of pay by role (null: all roles), once for stated levels and once for all levels
-- together: quantiles of held-out pay over the estimate from the other folds. Those of a role are
-- shrunk toward those of all roles.
create or replace temp table spread as
with quantiles as (
    select
        role, levels,
        list(
            (before + (after - before) * (probability * (total - 1) - floor(probability * (total - 1)))) / 1000000
            order by probability
        ) as distances
    from distance
    group by role, levels
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

-- Pooled observations: central pay of the role and level, times the place factor, times the factor of
-- the role in the place (rounded each time), times the five factors of the spread. Factors with too few
-- employers are left out.
insert into priced
with stated as (
    select pool_factor.*
    from pool_factor
    join newest using (source_id)
    join pool using (source_id)
    where component = 'base' and amount is not null
),

base as (
    select source_id, role, coalesce(level, 'all') as level, amount, coalesce(employers, n) as n
    from stated
    where part = 'base'
    -- Without central pay for all levels of a role, a source does not price its levels either.
    qualify bool_or(level is null) over (partition by source_id, role)
),

placed as (
    select
        base.source_id, base.role, base.level, place.metro, base.n,
        times(times(base.amount, coalesce(of_place.amount, 1)), coalesce(of_role.amount, 1)) as central_pay
    from base
    cross join place
    left join stated as of_place
        on of_place.part = 'metro' and place.metro <> 'us'
        and (of_place.source_id, of_place.geography) = (base.source_id, place.metro)
    left join stated as of_role
        on of_role.part = 'role-metro' and place.metro <> 'us'
        and (of_role.source_id, of_role.role, of_role.geography) = (base.source_id, base.role, place.metro)
),

spread as (
    select source_id, role, levels, [p10, p25, p50, p75, p90] as factors from pool_spread
)

select
    'pool' as kind, placed.source_id, placed.role, placed.level, metro,
    [times(central_pay, factor) for factor in coalesce(own.factors, whole.factors)], [], n
from placed
join spread as whole
    on whole.source_id = placed.source_id and whole.role is null
    and whole.levels = if(placed.level = 'all', 'all', 'stated')
left join spread as own
    on own.source_id = placed.source_id and own.role = placed.role and own.levels = whole.levels

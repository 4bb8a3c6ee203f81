-- Predict the quantiles of the narrowest group with enough observations: role, level and place
-- ($fewest or more; null: never), then role and level, then role (five or more), then all.
insert into predicted by name
with counted as (
    select
        role, level, geography,
        count(*) as n,
        quantile_cont(log_pay, $probabilities) as quantiles
    from observed
    group by grouping sets ((), (role), (role, level), (role, level, geography))
),

found as (
    select
        asked.*,
        coalesce(there.quantiles, wide.quantiles, of_role.quantiles, whole.quantiles) as quantiles
    from asked
    left join counted as there
        on there.n >= $fewest and there.role = asked.role and there.level = asked.level
        and there.geography = asked.geography
    left join counted as wide
        on wide.n >= 5 and wide.role = asked.role and wide.level = asked.level
        and wide.geography is null
    left join counted as of_role
        on of_role.n >= 5 and of_role.role = asked.role and of_role.level is null
    join counted as whole on whole.role is null
),

final as (
    select
        $method as method, $part as part, role, level, geography,
        quantiles[1] as p10, quantiles[2] as p25, quantiles[3] as p50,
        quantiles[4] as p75, quantiles[5] as p90
    from found
)

select * from final
